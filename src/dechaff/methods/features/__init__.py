"""Columns that a model should not see or does not need: names of rows, leaks, copies, and columns without relevance."""
