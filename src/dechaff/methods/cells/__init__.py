"""Cells: placeholders for missing values, and artefacts in texts."""

from dechaff.methods.cells.placeholders import Placeholder, placeholder_dates, placeholder_numbers, placeholder_texts
from dechaff.methods.cells.text_artefacts import TextArtefacts, text_artefacts

__all__ = [
    "Placeholder",
    "TextArtefacts",
    "placeholder_dates",
    "placeholder_numbers",
    "placeholder_texts",
    "text_artefacts",
]
