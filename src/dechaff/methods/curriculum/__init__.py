"""Curriculum learning: which rows a training sees when, by their hardness; and how much each counts."""
