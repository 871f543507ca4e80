"""The options of `next_to_label`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from dechaff.records.option import Option
from dechaff.records.options import FileOptions, SeedOptions


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


@dataclass(frozen=True, kw_only=True)
class NextRunOptions(NextOptions):
    """The options of `next_of_run`."""

    output: Annotated[
        str | os.PathLike[str] | None,
        Option("CSV to write. Default: POOL_next.csv beside the pool.", "path", Path | None, decides=False),
    ] = None
