"""Columns that a model should not see: names of rows, constants, and the label in disguise."""
