"""One of the four numbers with which a report begins."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A name, the number, and a note beside it."""

    name: str
    number: str
    note: str
