"""A stored run in the shapes that other tools read."""
