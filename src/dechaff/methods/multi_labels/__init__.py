"""Rows that may carry several labels at once."""
