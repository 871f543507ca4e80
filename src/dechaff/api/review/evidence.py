"""What is shown beside a row: probabilities, telling words, usual values, and the rows that are most like it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
import polars as pl
from msgspec import structs

from dechaff.api.review.desk import Desk
from dechaff.core.intervals import Z_95
from dechaff.core.table import Column
from dechaff.data.dataset import Dataset
from dechaff.errors import DechaffError
from dechaff.methods.label_evidence.telling_words import telling_words
from dechaff.models.choose import neighbour_model
from dechaff.models.model import EncodedBound
from dechaff.models.neighbours import nearest_rows
from dechaff.records.review import Cell, Neighbour
from dechaff.typing import Numbers, Probs

_SHOWN = 20
"""Most classes whose probability is shown."""
_NEIGHBOURS = 3
_TEXT = 240
_MARKS = 12
"""Most words that are marked in a cell."""
_LEVELS = 3
_RARE = 0.002
_FAR = 3.0
"""Quartile distances beyond the quartiles from which on a number is far out (Tukey, 1977)."""
_WORD = re.compile(r"\w+")


@dataclass
class RowDetails:
    """Made once for a run, from its probabilities and a sample of its rows."""

    desk: Desk
    _lock: Lock = field(default_factory=Lock, repr=False)

    def prepare(self) -> None:
        """Make everything now that the first row would need; images are decoded when a row is first looked at."""
        _ = self._usual, self._words, self.all_probs
        if self.sample is not None and not self.sample.table.of_kind("image"):
            _ = self._bound

    def probs(self, place: int) -> tuple[tuple[str, float], ...]:
        """Classes with the out-of-sample probability of a row, the most probable first."""
        found = self.all_probs
        if found is None or place >= len(found):
            return ()
        row = found[place]
        order = np.argsort(-row, kind="stable")[:_SHOWN]
        return tuple((self.desk.classes[at], round(float(row[at]), 6)) for at in order)

    def marked(self, cells: tuple[Cell, ...], given: str, suggested: str) -> tuple[Cell, ...]:
        """The cells with their kind, what is usual in their column, and the words that speak for either label."""
        return tuple(self._marked(cell, given, suggested) for cell in cells)

    def neighbours(self, place: int, row: str, key: str, cells: Sequence[tuple[str, str]]) -> tuple[Neighbour, ...]:
        """The rows of the sample that are most like a row."""
        with self._lock:  # the page asks for several rows at a time
            sample, bound = self.sample, self._bound
        if sample is None or bound is None:
            return ()
        alone = self.desk.rows.alone(place, row, cells, sample.schema)
        matrix = bound.encoding.transform(alone.table, alone.features)
        near = nearest_rows(_above(bound, matrix), np.zeros(1, dtype=np.int64), count=_NEIGHBOURS + 1)[0] - 1
        others = [int(at) for at in near if at >= 0 and sample.keys[at] != key][:_NEIGHBOURS]
        return tuple(_neighbour(sample, at) for at in others)

    @cached_property
    def all_probs(self) -> Probs | None:
        """(n, k) out-of-sample probabilities of all rows, by place; None for a run out of core."""
        path = self.desk.folder / "probs.npz"
        if not path.exists():
            return None
        with np.load(path, allow_pickle=False) as arrays:
            return np.asarray(arrays["pred_probs"])

    @cached_property
    def sample(self) -> Dataset | None:
        """Some of the rows; None if they cannot be read."""
        try:
            return self.desk.rows.sample()
        except DechaffError:
            return None

    @cached_property
    def _bound(self) -> EncodedBound | None:
        sample = self.sample
        if sample is None or len(sample) < 2 or (not sample.table.columns and sample.features is None):
            return None
        n_classes = max(len(sample.class_names), 2)
        model = neighbour_model(sample.table, sample.features)
        bound = model.bind(sample.table, sample.features, n_classes, seed=0)
        return bound if isinstance(bound, EncodedBound) else None

    @cached_property
    def _columns(self) -> Mapping[str, Column]:
        return {} if self.sample is None else {column.name: column for column in self.sample.table.columns}

    @cached_property
    def _usual(self) -> dict[str, Usual]:
        return {name: usual_of(column) for name, column in self._columns.items()}

    @cached_property
    def _words(self) -> dict[str, Words]:
        texts = {name: column for name, column in self._columns.items() if column.kind == "text"}
        return {name: Words.of(column, self.sample) for name, column in texts.items()} if self.sample else {}

    def _marked(self, cell: Cell, given: str, suggested: str) -> Cell:
        usual, words = self._usual.get(cell.column), self._words.get(cell.column)
        if usual is None:
            return cell
        marks = cell.marks
        if words is not None and given and suggested and given != suggested:
            marks = tuple(sorted({*marks, *words.marks(cell.text, given, suggested)}))
        return structs.replace(
            cell, kind=usual.kind, usual=usual.words, odd=cell.odd or usual.is_odd(cell.text), marks=marks
        )


@dataclass(frozen=True)
class Usual:
    """What is usual in a column."""

    kind: str
    words: str = ""
    low: float = -np.inf
    high: float = np.inf
    shares: Mapping[str, float] | None = None

    def is_odd(self, text: str) -> bool:
        """Whether a cell is far from what is usual."""
        if self.shares is not None:
            return bool(text) and self.shares.get(text, 0.0) < _RARE
        if self.kind != "numeric" or not text:
            return False
        try:
            return not self.low <= float(text.replace(",", ".")) <= self.high
        except ValueError:
            return True


def usual_of(column: Column) -> Usual:
    """Of numbers the median and the middle 90 %, of categories the most frequent ones, by the rows of a sample."""
    present = ~column.missing
    if column.kind == "numeric" and present.any():
        values = np.asarray(column.values, dtype=np.float64)[present]
        low, first, middle, third, high = np.nanquantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])
        far = _FAR * (third - first)
        far = far if far > 0 else np.inf
        words = f"usually {low:.6g} to {high:.6g}, median {middle:.6g}"
        return Usual("numeric", words, float(first - far), float(third + far))
    if column.kind != "categorical" or not present.any():
        return Usual(column.kind)
    counts = Counter(np.asarray(column.raw, dtype=object)[present].tolist())
    total = sum(counts.values())
    if 2 * len(counts) > total:  # names or codes of rows: none is usual, and none is odd
        return Usual("categorical")
    listed = ", ".join(f"{value} ({count / total:.0%})" for value, count in counts.most_common(_LEVELS))
    shares = {value: count / total for value, count in counts.items()}
    return Usual("categorical", f"usually {listed}", shares=shares)


@dataclass(frozen=True)
class Words:
    """Occurrences of each word of a column in the texts of each class, and in all."""

    place: Mapping[str, int]
    counts: Mapping[str, Numbers]
    whole: Numbers

    @classmethod
    def of(cls, column: Column, sample: Dataset) -> Words:
        """The words of the sample."""
        texts = pl.DataFrame({"text": pl.Series(column.raw.tolist(), dtype=pl.String), "code": sample.codes})
        words = texts.with_columns(pl.col("text").str.to_lowercase().str.extract_all(r"\w+").alias("word"))
        counted = words.explode("word").filter(pl.col("word").is_not_null()).group_by("word", "code").len()
        place = {word: at for at, word in enumerate(counted["word"].unique().sort().to_list())}
        counts = {name: np.zeros(len(place)) for name in ("", *sample.class_names)}
        for word, code, number in counted.iter_rows():
            counts["" if code < 0 else sample.class_names[code]][place[word]] += number
        return cls(place, counts, np.sum(list(counts.values()), axis=0))

    def marks(self, text: str, given: str, suggested: str) -> list[tuple[int, int, str]]:
        """The most telling words of a text, with the class that each speaks for."""
        if given not in self.counts or suggested not in self.counts:
            return []
        found = [(match.start(), match.end(), match.group().lower()) for match in _WORD.finditer(text)]
        known = [one for one in found if one[2] in self.place]
        # The row itself is perhaps one of the sample, and its own words would speak for the label that it has.
        own = Counter(word for _, _, word in known)
        mine = np.zeros(len(self.whole))
        for word, number in own.items():
            mine[self.place[word]] = number
        score = telling_words(self.counts[suggested], np.maximum(self.counts[given] - mine, 0.0), self.whole)
        scored = [(score[self.place[word]], start, end) for start, end, word in known]
        surest = sorted((one for one in scored if abs(one[0]) > Z_95), key=lambda one: -abs(one[0]))[:_MARKS]
        return [(start, end, suggested if value > 0 else given) for value, start, end in surest]


def _above(bound: EncodedBound, matrix: Any) -> EncodedBound:
    """The same rows under one that is not among them."""
    from scipy.sparse import issparse, vstack

    both = (matrix, bound.matrix)
    together = vstack(both, format="csr") if issparse(matrix) else np.concatenate(both)
    return EncodedBound(bound.learner, bound.encoding, together, bound.n_classes, 0)


def _neighbour(sample: Dataset, at: int) -> Neighbour:
    code = int(sample.codes[at])
    shown = [column for column in sample.table.columns if column.kind != "image"]
    columns = sample.table.of_kind("text") or shown[:8]
    texts = [str(column.raw[at]) if len(columns) == 1 else f"{column.name}: {column.raw[at]}" for column in columns]
    label = sample.class_names[code] if code >= 0 else ""
    return Neighbour(str(sample.ids[at]), str(sample.keys[at]), label, "; ".join(texts)[:_TEXT])


def details_of(desk: Desk) -> RowDetails:
    """The evidence of a run; made on first use."""
    if desk.evidence is None:
        desk.evidence = RowDetails(desk)
    found: RowDetails = desk.evidence
    return found
