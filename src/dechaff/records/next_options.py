"""The options of `next_to_label`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from dechaff.records.options import FileOptions, Option, SeedOptions


@dataclass(frozen=True, kw_only=True)
class BatchOptions:
    """How many rows, and how many of them at random."""

    n: Annotated[int, Option("Number of rows to label next.", "int, 1 or more")] = 50
    random_fraction: Annotated[
        float,
        Option(
            "Fraction of the rows that is drawn at random: an unbiased sample, on which accuracy can be measured.",
            "float from 0 to 1",
        ),
    ] = 0.1


@dataclass(frozen=True, kw_only=True)
class NextOptions(SeedOptions, FileOptions, BatchOptions):
    """The options that Python and the command line share."""

    threads: Annotated[int | None, Option("Threads. Default: one per core.", "int, 1 or more", decides=False)] = None
