"""Diagnoses of positive-unlabelled data and of estimates from them, in words."""
