"""Columns that a model should not see: names of rows, constants, and the label in disguise."""

from dechaff.methods.features.identifiers import Identifier, constant_value, identifying_numbers, identifying_texts
from dechaff.methods.features.leaking import ColumnPower, column_power, equal_bins

__all__ = [
    "ColumnPower",
    "Identifier",
    "column_power",
    "constant_value",
    "equal_bins",
    "identifying_numbers",
    "identifying_texts",
]
