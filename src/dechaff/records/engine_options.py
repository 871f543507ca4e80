"""The options of a data engine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from dechaff.records.option import Option
from dechaff.records.options import ColumnOptions, FileOptions, ModelOptions, SeedOptions, SplitOptions


@dataclass(frozen=True, kw_only=True)
class ThreadOptions:
    """How many threads train."""

    threads: Annotated[int | None, Option("Threads. Default: one per core.", "int, 1 or more", decides=False)] = None


@dataclass(frozen=True, kw_only=True)
class NewEngineOptions(ThreadOptions, SeedOptions, ModelOptions, FileOptions, SplitOptions, ColumnOptions):
    """The options of `new_engine`."""


@dataclass(frozen=True, kw_only=True)
class MineOptions(FileOptions):
    """The options of `Engine.mine`."""

    prediction: Annotated[
        str,
        Option("mine: column of the class that was predicted. If it is absent, the engine's model predicts.", "str"),
    ] = "prediction"


@dataclass(frozen=True, kw_only=True)
class AskOptions(FileOptions):
    """The options of `Engine.ask`."""

    n: Annotated[int, Option("ask: number of rows to label.", "int, 1 or more")] = 200
    output: Annotated[
        str | os.PathLike[str] | None,
        Option("ask: CSV to write. Default: POOL_to_label.csv beside the pool.", "path", Path | None, decides=False),
    ] = None


@dataclass(frozen=True, kw_only=True)
class LearnOptions(ThreadOptions, FileOptions):
    """The options of `Engine.learn`."""

    seeds: Annotated[int, Option("learn: number of paired trainings of the proof.", "int, 2 or more")] = 8


@dataclass(frozen=True, kw_only=True)
class EngineOptions(LearnOptions, AskOptions, MineOptions, NewEngineOptions):
    """The options of ``dechaff engine``, for all of its actions."""

    data: Annotated[Path | None, Option("init: labelled training rows.", "path")] = None
    served: Annotated[Path | None, Option("mine: rows that the model met.", "path")] = None
    pool: Annotated[Path | None, Option("ask: rows of which some are to be labelled.", "path")] = None
