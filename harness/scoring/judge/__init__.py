"""A model that judges answers: asked over HTTP, within a budget, every reply kept, and never believed before it is measured."""
