"""Rows that are unlike all others."""
