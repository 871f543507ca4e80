"""Rows that are nearly the same, among any number of rows: by their texts."""

from __future__ import annotations

from dataclasses import dataclass, field

from dechaff.recipe.large.copies import CopyWork
from dechaff.recipe.large.paths import Places
from dechaff.recipe.large.units import Ties

NOT_IN_PASSES = "near copies are compared by texts where data are read in passes, and there is no text column"


@dataclass(frozen=True)
class NearFound:
    """Why near copies were not looked for, where they were not."""

    not_run: dict[str, str] = field(default_factory=dict)


def near_in_passes(work: CopyWork, ties: Ties, places: Places) -> NearFound:
    """D002 of all rows."""
    return NearFound({"D002": NOT_IN_PASSES})
