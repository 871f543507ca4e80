"""Cells that say nothing, or say it in a broken way."""

from dechaff.methods.cells.stand_in_numbers import stand_in_dates, stand_in_numbers
from dechaff.methods.cells.stand_in_texts import StandIn, stand_in_texts
from dechaff.methods.cells.text_scars import TextScars, text_scars

__all__ = ["StandIn", "TextScars", "stand_in_dates", "stand_in_numbers", "stand_in_texts", "text_scars"]
