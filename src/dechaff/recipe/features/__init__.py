"""Columns that stay, with the importance of each, and the same selection as code."""
