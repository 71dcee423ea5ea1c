"""Reading text: tokens with values, and the forms in which a fact may be said."""
