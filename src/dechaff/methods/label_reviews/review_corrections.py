"""The ways in which reviews may correct log-odds: a line, other evidence, effects of classes and of pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs, check_same_length
from dechaff.core.over_arrays import map_arrays
from dechaff.typing import Chunk, Features, Labels, Numbers, Probs, Rows

_LEAST = 1e-4
"""Smaller probabilities count as this: no model of some thousand rows knows them."""


@dataclass(frozen=True)
class RowEvidence:
    """The row map behind `row_evidence`."""

    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def rows(self, chunk: Chunk) -> Features:
        """Log-odds against the label, and entropy in units of its maximum, of each row of the chunk."""
        labels, probs = chunk["labels"], np.clip(chunk["probs"], _LEAST, 1 - _LEAST)
        given = probs[np.arange(len(labels)), labels]
        entropy = -(probs * np.log(probs)).sum(axis=1) / np.log(probs.shape[1])
        return np.stack([np.log1p(-given) - np.log(given), entropy], axis=1)


def row_evidence(labels: Labels, probs: Probs) -> Features:
    """Two numbers a row that reviews may find telling: log-odds of self-doubt, and the entropy of the probabilities.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities.

    Returns
    -------
    (n, 2) float

    Raises
    ------
    InputError
        If `labels` and `probs` differ in length, a label has no column, or a row is no distribution.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, self-confidence and entropy.

    Examples
    --------
    >>> row_evidence(np.array([0, 0]), np.array([[0.5, 0.5], [0.9, 0.1]])).round(2)
    array([[ 0.  ,  1.  ],
           [-2.2 ,  0.47]])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    evidence: Features = map_arrays(RowEvidence(), labels=labels, probs=probs)
    return evidence


MOST_ODDS = 12.0
"""Log-odds beyond this are all "certain": a slope on them would be about nothing else."""
ODDS_UNIT = 4.0
LINE_RIDGE = (0.1, 1.0)
_BEND_RIDGE = 1.0
"""Of a bend of the line at even odds: labels that seem right may be off by more than those that seem wrong."""
_EVIDENCE_RIDGE = 8.0
_EVIDENCE_UNITS = np.array([4.0, 1.0])

Codes = npt.NDArray[np.int64]
Columns = npt.NDArray[np.float64]


@dataclass(frozen=True)
class JudgedRows:
    """What is known of rows before anybody has read them."""

    log_odds: Numbers
    """Of the label being wrong."""
    labels: Labels
    """Given labels."""
    suggested: Labels
    """Most probable other class."""
    evidence: Features
    """(n, 2), of `row_evidence`."""

    def __post_init__(self) -> None:
        check_same_length(log_odds=self.log_odds, labels=self.labels, suggested=self.suggested, evidence=self.evidence)

    def take(self, rows: Rows) -> JudgedRows:
        """Some of them."""
        return JudgedRows(self.log_odds[rows], self.labels[rows], self.suggested[rows], self.evidence[rows])


@dataclass(frozen=True)
class Correction:
    """One way to correct log-odds."""

    name: str
    with_evidence: bool = False
    classes_ridge: float = 0.0
    """How strongly effects of classes and pairs are held near zero; 0 = there are none."""


LADDER = (4.0, 16.0, 64.0)
"""From a few tens of reviews, which need the strongest hold, to thousands."""
CORRECTIONS = (
    Correction("line"),
    *(Correction(f"line and classes, ridge {ridge:g}", classes_ridge=ridge) for ridge in LADDER),
    Correction("line and evidence", with_evidence=True),
    *(
        Correction(f"line, evidence and classes, ridge {ridge:g}", with_evidence=True, classes_ridge=ridge)
        for ridge in LADDER
    ),
)


@dataclass(frozen=True)
class ClassEffects:
    """The classes and pairs that have an effect of their own: those that were reviewed, pairs at least twice."""

    given: Codes
    suggested: Codes
    pairs: Codes
    base: int
    """One more than the largest code."""

    @classmethod
    def of(cls, seen: JudgedRows) -> ClassEffects:
        """Those of the reviewed rows."""
        base = 1 + int(max(seen.labels.max(), seen.suggested.max()))
        pairs, counts = np.unique(seen.labels * base + seen.suggested, return_counts=True)
        return cls(np.unique(seen.labels), np.unique(seen.suggested), pairs[counts > 1], base)

    @property
    def sizes(self) -> tuple[int, int, int]:
        """How many there are of each."""
        return len(self.given), len(self.suggested), len(self.pairs)

    def places(self, rows: JudgedRows) -> tuple[Codes, Codes, Codes]:
        """For each row its place among the given classes, the suggested ones, the pairs; -1 = none."""
        foreign = (rows.labels >= self.base) | (rows.suggested >= self.base)
        pair = np.where(foreign, -1, rows.labels * self.base + rows.suggested)
        return _place(rows.labels, self.given), _place(rows.suggested, self.suggested), _place(pair, self.pairs)


def _place(values: Codes, known: Codes) -> Codes:
    if not len(known):
        return np.full(len(values), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.where(known[place] == values, place, -1)


def line_columns(log_odds: Numbers) -> Columns:
    """A constant and the log-odds, in units that suit their ridges."""
    clipped = np.clip(log_odds, -MOST_ODDS, MOST_ODDS) / ODDS_UNIT
    return np.stack([np.ones(len(clipped)), clipped], axis=1)


def design(rows: JudgedRows, correction: Correction, effects: ClassEffects) -> tuple[Columns, Columns]:
    """One line per row and one column per parameter, and the ridge of each parameter."""
    columns, ridge = _without_classes(rows, correction)
    if not correction.classes_ridge:
        return columns, ridge
    marks = [_marks(place, size) for place, size in zip(effects.places(rows), effects.sizes, strict=True)]
    held = np.full(sum(effects.sizes), correction.classes_ridge)
    return np.hstack([columns, *marks]), np.concatenate([ridge, held])


_WIDEST = CORRECTIONS[-1]
_LINE, _EVIDENCE = 3, 2
"""Parameters of the bent line, and of the evidence."""


def in_widest(correction: Correction, fitted: Columns, effects: ClassEffects) -> Columns:
    """The parameters of a correction as those of the widest one, with zeros for what it lacks."""
    evidence = fitted[_LINE : _LINE + _EVIDENCE] if correction.with_evidence else np.zeros(_EVIDENCE)
    size = sum(effects.sizes)
    classes = fitted[len(fitted) - size :] if correction.classes_ridge else np.zeros(size)
    return np.concatenate([fitted[:_LINE], evidence, classes])


LEAST_SLOPE = 0.2
"""Of the line on the log-odds: a lower score never comes to stand above a higher one by the line alone."""
_FADING = 2.0
"""Log-odds below the reach of the reviews at which the other effects have fallen to 1/e."""
_REACH = 10
"""Percentage of reviewed rows below their reach: single ones far down say little about the rows there."""


def reach_of(seen: JudgedRows) -> float:
    """The log-odds down to which there are enough reviews."""
    return float(np.percentile(np.clip(seen.log_odds, -MOST_ODDS, MOST_ODDS), _REACH))


def corrected_by(rows: JudgedRows, effects: ClassEffects, fitted: Columns, *, reach: float) -> Numbers:
    """What the widest correction adds to the log-odds of each row; no column of marks is made for all rows.

    Where the line flattens the score, the other effects shrink with it, so that they do not gain weight in the order;
    below the reach of the reviews they fade, as nothing was seen of them there.
    """
    columns, ridge = _without_classes(rows, _WIDEST)
    begin = len(ridge)
    lower, upper = (max(float(slope) / ODDS_UNIT, LEAST_SLOPE - 1) for slope in (fitted[1], fitted[1] + fitted[2]))
    line = np.array([fitted[0], lower * ODDS_UNIT, (upper - lower) * ODDS_UNIT])
    others = columns[:, _LINE:] @ fitted[_LINE:begin]
    for place, size in zip(effects.places(rows), effects.sizes, strict=True):
        others += np.append(fitted[begin : begin + size], 0.0)[place]  # place -1 is the last one, which is none
        begin += size
    held = 1 + np.minimum(np.where(rows.log_odds < 0, lower, upper), 0.0)
    held *= np.exp(np.minimum(rows.log_odds - reach, 0.0) / _FADING)
    return np.asarray(columns[:, :_LINE] @ line + held * others)


def _without_classes(rows: JudgedRows, correction: Correction) -> tuple[Columns, Columns]:
    line = line_columns(rows.log_odds)
    bent, ridge = np.hstack([line, np.maximum(line[:, 1:], 0)]), np.array([*LINE_RIDGE, _BEND_RIDGE])
    if not correction.with_evidence:
        return bent, ridge
    evidence = rows.evidence / _EVIDENCE_UNITS
    return np.hstack([bent, evidence]), np.concatenate([ridge, [_EVIDENCE_RIDGE] * evidence.shape[1]])


def _marks(place: Codes, size: int) -> Columns:
    marks = np.zeros((len(place), size))
    there = np.flatnonzero(place >= 0)
    marks[there, place[there]] = 1.0
    return marks
