"""The consensus of annotators: the options of its command, and its figures in ``metrics.json``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from dechaff.records.consensus_options import ConsensusOptions
from dechaff.records.option import Option
from dechaff.records.record import Estimate, Record


@dataclass(frozen=True, kw_only=True)
class ConsensusRunOptions(ConsensusOptions):
    """The options of `consensus_run`."""

    labelled: Annotated[
        str | os.PathLike[str] | None,
        Option(
            "Labelled file to write (CSV, TSV, JSONL or Parquet). Default: ANSWERS_labelled.csv beside the answers.",
            "path",
            Path | None,
            decides=False,
        ),
    ] = None
    out: Annotated[
        str | os.PathLike[str] | None,
        Option("Run folder to write. Default: LABELLED.dechaff.", "path", Path | None, decides=False),
    ] = None


class AnnotatorRow(Record, frozen=True):
    """One annotator: expected fraction of right answers, the class named too often, and what raises suspicion."""

    name: str = ""
    answers: int = 0
    quality: Estimate = Estimate()
    bias_to: str = ""
    bias: float = 0.0
    suspicion: str = ""
    why: str = ""


class ConfusedRow(Record, frozen=True):
    """A class, the answer given in its place, and how often that happens to an item of the class."""

    label: str = ""
    answer: str = ""
    rate: float = 0.0
    answers: float = 0.0


class AskRow(Record, frozen=True):
    """An item that needs another answer, and the annotator to ask; "" = a new one."""

    item: str = ""
    label: str = ""
    probability: float = 0.0
    ask: str = ""


class ConsensusFacts(Record, frozen=True):
    """The figures of a consensus. Lists hold the first ones: suspects first, then the lowest quality."""

    items: int = 0
    answers: int = 0
    annotators: int = 0
    suspects: int = 0
    unsure: int = 0
    sure: float = 0.0
    error_rate: Estimate = Estimate()
    model: str = ""
    notes: tuple[str, ...] = ()
    people: tuple[AnnotatorRow, ...] = ()
    confused: tuple[ConfusedRow, ...] = ()
    ask: tuple[AskRow, ...] = ()
