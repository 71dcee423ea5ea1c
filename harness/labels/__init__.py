"""Labels: what readers say of answers, who they are, and how the answers they read were drawn."""
