"""Columns: their cells, what kind each is, and which role it has."""
