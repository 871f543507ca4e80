"""Data augmentation: rows made from other rows by operations that should not change the label."""
