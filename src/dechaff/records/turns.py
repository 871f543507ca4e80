"""The ledger of a data engine: what was found, asked, learnt and taken back, turn after turn."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import json

from dechaff.core.files import write_together
from dechaff.records.drift import Drift
from dechaff.records.record import Estimate, Record

LEDGER = "ledger.jsonl"
EntryKind = Literal["init", "mine", "ask", "learn", "back"]


class MinedSlice(Record, frozen=True):
    """A part of the served rows in which the model fails, or doubts, more often than elsewhere.

    ``rate``, from ``low`` to ``high``, is that of errors, or, without outcomes, that of rows which the model doubts
    more than 95 % of the training rows; ``outside`` is the rate of the other served rows. ``judged`` counts the rows
    with outcomes that are kept for proofs: no model learns from them.
    """

    id: str = ""
    condition: str = ""
    rows: int = 0
    rate: float = 0.0
    low: float = 0.0
    high: float = 0.0
    outside: float = 0.0
    judged: int = 0
    of_errors: bool = True


class SliceAccuracy(Record, frozen=True):
    """The accuracy of the model of a turn in a failing slice, on rows that no model learns from."""

    id: str = ""
    condition: str = ""
    rows: int = 0
    accuracy: Estimate = Estimate()


class AccuracyChange(Record, frozen=True):
    """The accuracy of the old and the new model on some rows, with the paired 95 % interval of the difference.

    ``slice`` is "" for the sealed rows.
    """

    slice: str = ""
    condition: str = ""
    rows: int = 0
    before: float = 0.0
    after: float = 0.0
    difference: Estimate = Estimate()


class LedgerEntry(Record, frozen=True):
    """One line of the ledger. Which fields are set depends on ``kind``.

    ``turn`` is the turn that the entry is about: a new one for "init" and "learn". ``data`` and ``model`` are SHA-256
    of the training data and of the stored model; of an entry of mining, ``data`` is that of its two files.
    """

    kind: EntryKind = "init"
    turn: int = 0
    rows: int = 0
    added: int = 0
    kept: bool = True
    model_name: str = ""
    data: str = ""
    model: str = ""
    classes: tuple[str, ...] = ()
    accuracy: Estimate = Estimate()
    by_slice: tuple[SliceAccuracy, ...] = ()
    slices: tuple[MinedSlice, ...] = ()
    drift: Drift | None = None
    changes: tuple[AccuracyChange, ...] = ()
    doubtful: tuple[str, ...] = ()
    words: str = ""
    notes: tuple[str, ...] = ()


class TurnPoint(Record, frozen=True):
    """The accuracy of the model of a turn."""

    turn: int = 0
    accuracy: Estimate = Estimate()


class TurnCurve(Record, frozen=True):
    """Accuracy over turns: on the sealed rows if ``slice`` is "", or else in a failing slice."""

    slice: str = ""
    condition: str = ""
    points: tuple[TurnPoint, ...] = ()


class EngineFacts(Record, frozen=True):
    """The turns of a data engine, for the report: entries of "init" and "learn" in order, and the current turn."""

    turns: tuple[LedgerEntry, ...] = ()
    curves: tuple[TurnCurve, ...] = ()
    taken_back: tuple[int, ...] = ()
    current: int = 0


def write_turn(folder: Path, files: Mapping[Path, bytes], entry: LedgerEntry | None = None) -> None:
    """Write files of an engine, and a line of the ledger in its folder: all of them, or none."""
    lines = {}
    if entry is not None:
        ledger = folder / LEDGER
        lines[ledger] = (ledger.read_bytes() if ledger.exists() else b"") + json.encode(entry) + b"\n"
    write_together({**files, **lines})
