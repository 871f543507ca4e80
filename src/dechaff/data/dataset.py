"""A labelled data set as the rest of dechaff reads it: features, label codes, ids, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Kind, Table
from dechaff.data.source import Source
from dechaff.typing import Features, Groups, Labels, Probs, Rows, Texts


@dataclass(frozen=True)
class ColumnPlan:
    """The kind of one feature column, why, and how its cells are spelled.

    ``spelling`` is ``decimal comma`` for such numbers and the format for dates; '' otherwise.
    ``note`` says what is odd about the cells, for the list of assumptions.
    """

    name: str
    kind: Kind
    why: str
    spelling: str = ""
    note: str = ""


@dataclass(frozen=True)
class Schema:
    """Columns by role and kind. Names are '' if there is no such column."""

    plans: tuple[ColumnPlan, ...]
    label_name: str
    id_name: str
    group_name: str
    class_names: tuple[str, ...]
    merged_names: Mapping[str, str] = field(default_factory=dict)
    """Labels that are spellings of a class, with its name; '' for words that mean no label."""


@dataclass(frozen=True)
class Assumption:
    """Something that was inferred and not given, with the flag of the command line that overrides it."""

    what: str
    value: str
    why: str
    flag: str


@dataclass(frozen=True)
class Dataset:
    """Rows of one source, ready to be looked at.

    ``table`` holds the feature columns only; ``codes`` are -1 if the label is missing; ``class_names``
    are sorted (numbers by value). ``ids`` are the user's own, or the row's number in the source counted
    from 0. ``keys`` identify a row by its content without the label, plus an ordinal among equal
    contents, so that a decision finds its row again after rows were moved. ``positions`` are rows of the
    source. ``groups`` are -1 if a row stands alone. ``odd_labels`` are the labels as they came, by position in the
    source, if they are not in the standard spelling of their class.
    """

    table: Table
    codes: Labels
    class_names: tuple[str, ...]
    ids: Texts
    id_name: str
    keys: Texts
    positions: Rows
    groups: Groups
    label_name: str
    probs: Probs | None
    features: Features | None
    assumptions: tuple[Assumption, ...]
    source: Source
    schema: Schema
    odd_labels: Mapping[int, str] = field(default_factory=dict, repr=False)
    parents: Texts | None = field(default=None, repr=False)
    """(n,) names of the rows from which augmented rows were made, their own for others; None in other data."""

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: npt.NDArray[Any]) -> Dataset:
        """The same data set, of some rows; ``rows`` are positions in this data set, or a mask."""
        chosen = np.asarray(rows)
        if chosen.dtype == np.bool_:
            chosen = np.flatnonzero(chosen)
        return replace(
            self,
            table=self.table.take(chosen),
            codes=self.codes[chosen],
            ids=self.ids[chosen],
            keys=self.keys[chosen],
            positions=self.positions[chosen],
            groups=self.groups[chosen],
            probs=None if self.probs is None else self.probs[chosen],
            features=None if self.features is None else self.features[chosen],
            parents=None if self.parents is None else self.parents[chosen],
        )

    @classmethod
    def joined(cls, parts: Sequence[Dataset]) -> Dataset:
        """The rows of parts of one data set, without probabilities and features."""
        table, rest = Table.joined([part.table for part in parts]), replace(parts[0], probs=None, features=None)
        parents = [part.parents for part in parts if part.parents is not None]
        return replace(
            rest,
            table=table,
            codes=np.concatenate([part.codes for part in parts]),
            ids=np.concatenate([part.ids for part in parts]),
            keys=np.concatenate([part.keys for part in parts]),
            positions=np.concatenate([part.positions for part in parts]),
            groups=np.concatenate([part.groups for part in parts]),
            parents=np.concatenate(parents) if len(parents) == len(parts) else None,
        )

    def with_codes(self, codes: Labels) -> Dataset:
        """The same rows with other labels."""
        return replace(self, codes=np.asarray(codes, dtype=np.int64))


@dataclass(frozen=True)
class Opened:
    """What ``open_data`` gives: the rows to audit, and the sealed test rows where there are any."""

    train: Dataset
    test: Dataset | None
