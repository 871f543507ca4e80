"""The options of `augment`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from dechaff.core.progress import Progress
from dechaff.records.option import Option
from dechaff.records.options import ModelOptions, ReadOptions, SeedOptions


@dataclass(frozen=True, kw_only=True)
class AugmentOptions(SeedOptions, ModelOptions, ReadOptions):
    """The options that Python and the command line share."""

    copies: Annotated[
        int | None, Option("New rows per row. Default: 8 for up to 250 rows, 1 from 2,000 on.", "int, 1 or more")
    ] = None
    max_flip_rate: Annotated[
        float, Option("Operations whose label-flip rate is certainly above this are dropped.", "float from 0 to 1")
    ] = 0.15
    repeats: Annotated[int, Option("Number of cross-validations in the final test.", "int, 1 or more")] = 4
    threads: Annotated[int | None, Option("Threads. Default: one per core.", "int, 1 or more", decides=False)] = None
    progress: Annotated[
        Progress | None, Option("Called with the step and its progress.", "progress(step, done, total)", None, False)
    ] = None
    run: Annotated[
        str | os.PathLike[str] | None,
        Option(
            "Run folder of the audit of these data. Its rows and decisions are used, and the augmentation becomes a "
            "finding that apply carries out; no CSV is written.",
            "path",
            Path | None,
            decides=False,
        ),
    ] = None
    output: Annotated[
        str | os.PathLike[str] | None,
        Option("CSV to write. Default: NAME_augmented.csv beside the file.", "path", Path | None, decides=False),
    ] = None
