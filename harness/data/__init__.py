"""Tickets and documents into rows for review, without personal data; rows into other formats."""
