"""The options of `consensus`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from dechaff.records.option import Option
from dechaff.records.options import FileOptions, SeedOptions

_Names = Sequence[str]
_Name = str | None


@dataclass(frozen=True, kw_only=True)
class AnswerOptions:
    """The columns of the answers, recognized by their names if they are left out."""

    item: Annotated[_Name, Option("Column that names the item.", "column name")] = None
    annotator: Annotated[_Name, Option("Column that names the annotator.", "column name")] = None
    label: Annotated[_Name, Option("Column of the answers.", "column name")] = None
    seconds: Annotated[_Name, Option("Column of the time that each answer took, in any unit.", "column name")] = None
    classes: Annotated[
        _Names,
        Option("All classes, in the order of their keys: a,b,c, or one flag for each.", "class names", tuple[str, ...]),
    ] = ()
    probs: Annotated[
        Any,
        Option(
            "Out-of-sample probabilities of the items: a file or frame with one column per class and one that names "
            "the item, or an array in the order of the items.",
            "(n, k) float, frame or path",
            Path | None,
        ),
    ] = None
    data: Annotated[
        Any,
        Option(
            "Table of the items with a column that names them: a model learns from it, and is weighed like an "
            "annotator.",
            "data frame or path, or (n, d) embedding in the order of the items",
            Path | None,
        ),
    ] = None
    sure: Annotated[
        float, Option("Items whose label is less probable than this need another answer.", "float in (0, 1)")
    ] = 0.8


@dataclass(frozen=True, kw_only=True)
class ConsensusOptions(SeedOptions, FileOptions, AnswerOptions):
    """The options of `consensus`."""

    threads: Annotated[int | None, Option("Threads. Default: one per core.", "int, 1 or more", decides=False)] = None
