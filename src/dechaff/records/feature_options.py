"""The options of `select_features`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from dechaff.core.progress import Progress
from dechaff.records.option import Option
from dechaff.records.options import ModelOptions, ReadOptions, SeedOptions


@dataclass(frozen=True, kw_only=True)
class FeatureOptions(SeedOptions, ModelOptions, ReadOptions):
    """The options that Python and the command line share."""

    false_discovery_rate: Annotated[
        float, Option("Bound of the fraction of useless columns among those that stay.", "float between 0 and 1")
    ] = 0.05
    create: Annotated[
        bool, Option("Also make features of the columns, and keep those that help the model on held-out rows.", "bool")
    ] = False
    threads: Annotated[int | None, Option("Threads. Default: one per core.", "int, 1 or more", decides=False)] = None
    progress: Annotated[
        Progress | None, Option("Called with the step and its progress.", "progress(step, done, total)", None, False)
    ] = None
    output: Annotated[
        str | os.PathLike[str] | None,
        Option(
            "CSV to write: the training rows with the columns that stay and created features.",
            "path",
            Path | None,
            decides=False,
        ),
    ] = None
    pipeline: Annotated[
        str | os.PathLike[str] | None,
        Option("Python file to write: a scikit-learn Pipeline of these columns.", "path", Path | None, decides=False),
    ] = None
