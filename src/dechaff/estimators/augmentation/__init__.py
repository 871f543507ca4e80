"""Data augmentation that is accepted only where rows that no model has seen say so."""
