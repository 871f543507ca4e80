"""Cells: placeholders for missing values, and artefacts in texts."""
