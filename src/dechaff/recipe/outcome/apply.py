"""Decisions turned into a new data set: which rows stay, which labels change, and the list of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dechaff.data.dataset import Dataset
from dechaff.recipe.audit import given_labels
from dechaff.records.decisions import Event
from dechaff.typing import Mask

_PACKED = (".gz", ".gzip")


@dataclass(frozen=True)
class Change:
    """One line of the list of changes."""

    row: str
    change: str
    old: str
    new: str
    code: str
    why: str
    key: str


@dataclass(frozen=True)
class Applied:
    """``keep`` is over all rows of the source, test rows included; ``labels`` maps positions to class names."""

    keep: Mask
    labels: dict[int, str]
    changes: tuple[Change, ...]


def apply_decisions(train: Dataset, decided: Mapping[str, Event], why: Mapping[str, str]) -> Applied:
    """What the decisions do to the rows of a data set. Rows that are kept or set aside for review stay as they are.

    Parameters
    ----------
    train : the audited rows; decisions find theirs by key.
    decided : row key -> the decision that holds.
    why : finding id -> its reason.
    """
    keep = np.ones(train.source.n_rows, dtype=np.bool_)
    labels: dict[int, str] = {}
    changes = []
    given = given_labels(train)
    for row, key in enumerate(train.keys):
        change = change_of(decided.get(str(key)), str(train.ids[row]), str(key), str(given[row]), why)
        if change is None:
            continue
        position = int(train.positions[row])
        if change.change == "dropped":
            keep[position] = False
        else:
            labels[position] = change.new
        changes.append(change)
    return Applied(keep, labels, tuple(changes))


def change_of(event: Event | None, name: str, key: str, given: str, why: Mapping[str, str]) -> Change | None:
    """What a decision does to the row of that name and key; None where it stays as it is."""
    if event is None or not _changes_something(event, given):
        return None
    word = "dropped" if event.action == "drop" else "relabelled"
    return Change(name, word, given, event.new, event.code, event.note or why.get(event.finding_id, ""), key)


def decided_data(train: Dataset, decided: Mapping[str, Event]) -> Dataset:
    """The training rows after the decisions, those of people among them."""
    applied = apply_decisions(train, decided, {})
    code_of = {name: code for code, name in enumerate(train.class_names)}
    codes = [
        code_of[applied.labels[position]] if position in applied.labels else code
        for position, code in zip(train.positions.tolist(), train.codes.tolist(), strict=True)
    ]
    return train.with_codes(np.array(codes, dtype=np.int64)).take(applied.keep[train.positions])


def _changes_something(event: Event, given: str) -> bool:
    return event.action == "drop" or (event.action == "relabel" and event.new != given)


def changes_columns(changes: tuple[Change, ...]) -> dict[str, list[Any]]:
    """The list of changes as columns."""
    lines = [asdict(change) for change in changes]
    return {name: [line[name] for line in lines] for name in Change.__dataclass_fields__}


def changes_path(output: Path) -> Path:
    """Where the list of changes of an improved file, or of a folder that is there, goes.

    Examples
    --------
    >>> str(changes_path(Path("improved.csv.gz"))), str(changes_path(Path("v1.2.parquet")))
    ('improved.changes.csv', 'v1.2.changes.csv')
    """
    plain = output.with_suffix("") if output.suffix in _PACKED else output
    stem = plain.name if plain.is_dir() else plain.stem  # the folders v1.2 and v1.3 have a list each
    return plain.with_name(f"{stem}.changes.csv")
