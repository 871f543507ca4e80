"""Backends that run folds and row maps: each module has the functions ``fold``, ``row_map`` and ``map_parts``."""
