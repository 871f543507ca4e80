"""Backends that run folds and row maps: each module has the same two functions, ``fold`` and ``row_map``."""
