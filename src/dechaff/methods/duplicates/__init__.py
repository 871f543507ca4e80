"""Duplicate rows: equal, nearly equal, and equal by chance."""
