"""Answers of annotators about items, one row each, and the sums that all methods of consensus make of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from dechaff.checks import check_same_length
from dechaff.core.fold import Gathered, GatheringFold, SumFold, gathered
from dechaff.core.over_arrays import over_arrays
from dechaff.errors import InputError
from dechaff.typing import Chunk, ClassVector, Probs

Codes = npt.NDArray[np.int32]
Tables = npt.NDArray[np.float64]
"""(m, k, k) one number for each annotator, answer and true class, in this order."""
_STEPS = float(2**30)
"""Numbers are whole multiples of 1 / steps before they are added: such sums are exact in any order."""


@dataclass(frozen=True)
class AnswerRows:
    """Answers as codes, in the order of the items, with the number of items, annotators and classes."""

    items: Codes = field(repr=False)
    annotators: Codes = field(repr=False)
    labels: Codes = field(repr=False)
    n_items: int
    n_annotators: int
    n_classes: int

    @classmethod
    def of(
        cls,
        items: npt.NDArray[Any],
        annotators: npt.NDArray[Any],
        labels: npt.NDArray[Any],
        *,
        n_classes: int | None = None,
        n_items: int | None = None,
        n_annotators: int | None = None,
    ) -> AnswerRows:
        """Answers in any order; numbers that are left out are one more than the highest code.

        Parameters
        ----------
        items, annotators, labels : (a,) int, 0 or more

        Raises
        ------
        InputError
            If there is no answer, lengths differ, or a code is out of range.

        Examples
        --------
        >>> AnswerRows.of(np.array([0, 1, 0]), np.array([0, 0, 1]), np.array([1, 0, 1]))
        AnswerRows(n_items=2, n_annotators=2, n_classes=2)
        """
        check_same_length(items=items, annotators=annotators, labels=labels)
        if not len(items):
            raise InputError("answers", "contain one answer or more", "none", "Pass the rows of the answers.")
        columns, sizes = [], [n_items, n_annotators, n_classes]
        for place, (name, codes) in enumerate({"items": items, "annotators": annotators, "labels": labels}.items()):
            size = sizes[place] = int(codes.max()) + 1 if sizes[place] is None else int(sizes[place] or 0)
            if codes.min() < 0 or codes.max() >= size:
                found = f"{codes.min()} to {codes.max()}"
                raise InputError(name, f"be codes from 0 to {size - 1}", found, "Number them from 0.")
            columns.append(codes.astype(np.int32, copy=False))
        if not (columns[0][1:] >= columns[0][:-1]).all():
            order = np.argsort(columns[0], kind="stable")
            columns = [column[order] for column in columns]
        first, second, third = columns
        return cls(first, second, third, int(sizes[0] or 0), int(sizes[1] or 0), max(int(sizes[2] or 0), 2))

    @property
    def columns(self) -> dict[str, Codes]:
        """The columns that folds read."""
        return {"items": self.items, "annotators": self.annotators, "labels": self.labels}

    @cached_property
    def run(self) -> Callable[[Any], Any]:
        """Runs a fold over these answers."""
        return over_arrays(**self.columns)

    @property
    def shape(self) -> tuple[int, int, int]:
        """The shape of tables."""
        return self.n_annotators, self.n_classes, self.n_classes

    @cached_property
    def per_item(self) -> npt.NDArray[np.int64]:
        """(n,) number of answers of each item."""
        return np.bincount(self.items, minlength=self.n_items)

    def take(self, rows: npt.NDArray[np.bool_]) -> AnswerRows:
        """Some of the answers, with the same items, annotators and classes."""
        return replace(self, items=self.items[rows], annotators=self.annotators[rows], labels=self.labels[rows])


@dataclass(frozen=True)
class AnsweredItems:
    """The items of a chunk, and their answers as a sparse matrix."""

    items: npt.NDArray[np.int64]
    matrix: csr_matrix = field(repr=False)
    """(c, m k) ones: row = item, column = annotator and answer."""
    of_answers: npt.NDArray[np.int64] = field(repr=False)
    """(a,) the place of each answer's item."""
    answers: npt.NDArray[np.int32] = field(repr=False)
    """(a,) annotator times k plus answer."""

    @classmethod
    def of(cls, chunk: Chunk, shape: tuple[int, int, int]) -> AnsweredItems:
        """The answers of a chunk of whole items."""
        items, annotators, labels = (chunk[name] for name in ("items", "annotators", "labels"))
        if not (items[1:] >= items[:-1]).all():
            order = np.argsort(items, kind="stable")
            items, annotators, labels = items[order], annotators[order], labels[order]
        m, k, _ = shape
        starts = np.flatnonzero(np.concatenate([[True], items[1:] != items[:-1]])[: len(items)])
        edges = np.append(starts, len(items)).astype(np.int32)
        answers = (annotators.astype(np.int32) * k + labels).astype(np.int32)
        matrix = csr_matrix((np.ones(len(items)), answers, edges), shape=(len(starts), m * k))
        return cls(items[starts].astype(np.int64), matrix, np.repeat(np.arange(len(starts)), np.diff(edges)), answers)

    def sums(self, tables: Tables) -> Probs:
        """(c, k) sums over the answers of each item, which are exact for rounded tables."""
        return np.asarray(self.matrix @ tables.reshape(-1, tables.shape[2]))


def rounded(numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The nearest numbers whose sums are exact."""
    return np.asarray(np.rint(numbers * _STEPS) / _STEPS)


def softmax(logits: Probs) -> Probs:
    """Rows of log-probabilities, up to a constant, as probabilities."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class ItemSums(GatheringFold):
    """(n, k) sums over the answers of each item of the row of a table that the annotator and the answer name.

    With a table of ones on its diagonals these are votes, with one of logarithms log-likelihoods. The result of items
    without an answer is 0.

    Examples
    --------
    >>> rows = AnswerRows.of(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([1, 1, 0]))
    >>> rows.run(ItemSums(votes_of(rows.shape), rows.n_items))
    array([[0., 2.],
           [1., 0.]])
    """

    tables: Tables = field(repr=False)
    """Rounded, so that the result does not depend on the order of the answers."""
    n_items: int
    columns: ClassVar[tuple[str, ...]] = ("items", "annotators", "labels")
    keyed_by = "items"

    def update(self, state: Gathered, chunk: Chunk) -> Gathered:
        """One more piece: items and sums."""
        shape = self.tables.shape
        found = AnsweredItems.of(chunk, (shape[0], shape[1], shape[2]))
        return gathered(state, ((found.items, found.sums(self.tables)),))

    def finalize(self, state: Gathered) -> Probs:
        """The sums by item."""
        total = np.zeros((self.n_items, self.tables.shape[2]))
        for items, sums in state:
            total[items] = sums
        return total


def votes_of(shape: tuple[int, int, int]) -> Tables:
    """The table by which each answer is a vote for its class."""
    return np.broadcast_to(np.eye(shape[1]), shape).copy()


@dataclass(frozen=True)
class AnswerCounts:
    """Expected numbers: what an EM step knows of annotators and classes."""

    answers: Tables = field(repr=False)
    """(m, k, k) answers of each annotator by answer and true class."""
    classes: ClassVector
    """(k,) items of each class."""
    log_likelihood: float
    """Of all answers."""


@dataclass(frozen=True)
class _Counts:
    answers: npt.NDArray[np.int64]
    classes: npt.NDArray[np.int64]
    log_likelihood: int


@dataclass(frozen=True)
class ExpectedAnswers(SumFold[_Counts]):
    """How often each annotator gave each answer to items of each class, by probabilities of the classes.

    These are the E-step of the EM methods: an item's log-probabilities are its prior and the sum of what its answers
    say, as in `ItemSums`.

    Examples
    --------
    >>> rows = AnswerRows.of(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([1, 1, 0]))
    >>> sure = rounded(np.log(np.broadcast_to([[0.9, 0.1], [0.1, 0.9]], rows.shape)))
    >>> rows.run(ExpectedAnswers(sure, np.log([0.5, 0.5]))).classes.round(2)
    array([0.91, 1.09])
    """

    logs: Tables = field(repr=False)
    """(m, k, k) rounded log-probabilities of the answer if the class is true."""
    prior: npt.NDArray[np.float64] = field(repr=False)
    """(k,) or (n, k) log-probabilities of the classes, or of those of each item."""
    columns: ClassVar[tuple[str, ...]] = ("items", "annotators", "labels")
    keyed_by = "items"

    def init(self) -> _Counts:
        """No answers."""
        return _Counts(np.zeros(self.logs.shape, dtype=np.int64), np.zeros(self.logs.shape[2], dtype=np.int64), 0)

    def update(self, state: _Counts, chunk: Chunk) -> _Counts:
        """Adds the items of the chunk, each with all of its answers."""
        m, k, _ = self.logs.shape
        found = AnsweredItems.of(chunk, (m, k, k))
        if not len(found.items):
            return state
        posterior, likelihood = self._posterior(found)
        steps = np.rint(posterior * _STEPS)
        counts = np.asarray(found.matrix.T @ steps).reshape(m, k, k).astype(np.int64)
        here = _Counts(counts, steps.sum(axis=0).astype(np.int64), int(np.rint(likelihood * _STEPS).sum()))
        return self.merge(state, here)

    def finalize(self, state: _Counts) -> AnswerCounts:
        """The numbers."""
        return AnswerCounts(state.answers / _STEPS, state.classes / _STEPS, state.log_likelihood / _STEPS)

    def _posterior(self, found: AnsweredItems) -> tuple[Probs, npt.NDArray[np.float64]]:
        logits = found.sums(self.logs)
        logits += self.prior if self.prior.ndim == 1 else self.prior[found.items]
        top = logits.max(axis=1)
        raised = np.exp(logits - top[:, None])
        total = raised.sum(axis=1)
        return raised / total[:, None], top + np.log(total)


@dataclass(frozen=True)
class VotedAnswers(ExpectedAnswers):
    """The same, if the fractions of an item's votes are the probabilities of its classes."""

    def _posterior(self, found: AnsweredItems) -> tuple[Probs, npt.NDArray[np.float64]]:
        votes = found.sums(votes_of(self.logs.shape))
        return votes / votes.sum(axis=1, keepdims=True), np.zeros(len(votes))

    @classmethod
    def of(cls, rows: AnswerRows) -> VotedAnswers:
        """The start of EM for these answers."""
        return cls(np.zeros(rows.shape), np.zeros(rows.n_classes))


@dataclass(frozen=True)
class MajorityAnswers(VotedAnswers):
    """The same, if the most frequent answer is true; of equally frequent ones each in part."""

    def _posterior(self, found: AnsweredItems) -> tuple[Probs, npt.NDArray[np.float64]]:
        votes = found.sums(votes_of(self.logs.shape))
        most = votes == votes.max(axis=1, keepdims=True)
        return most / most.sum(axis=1, keepdims=True), np.zeros(len(votes))


@dataclass(frozen=True)
class JudgedAnswers(ExpectedAnswers):
    """The same, if the probabilities of the items are known: ``prior`` (n, k) are these themselves, no logarithms."""

    def _posterior(self, found: AnsweredItems) -> tuple[Probs, npt.NDArray[np.float64]]:
        return self.prior[found.items], np.zeros(len(found.items))


@dataclass(frozen=True)
class CrowdModel:
    """What EM has found: how annotators answer, how frequent classes are, and the probabilities of each item."""

    answers: Tables = field(repr=False)
    """(m, k, k) probability of each answer of an annotator if the class is true: columns sum to 1."""
    prior: npt.NDArray[np.float64] = field(repr=False)
    """(k,) frequency of the classes, or (n, k) for each item."""
    posterior: Probs = field(repr=False)
    """(n, k) probabilities of the classes of each item; rows sum to 1."""
    rounds: int
    """Passes over the answers."""

    @property
    def logs(self) -> Tables:
        """The tables that sums are made of."""
        return rounded(np.log(self.answers))


Estimated = Callable[[AnswerCounts], tuple[Tables, npt.NDArray[np.float64]]]
"""The M-step: tables and prior from expected numbers."""
_SETTLED = 1e-6
MOST_ROUNDS = 100


def expectation_maximization(
    rows: AnswerRows, estimated: Estimated, *, start: AnswerCounts | None = None, most_rounds: int = MOST_ROUNDS
) -> CrowdModel:
    """The tables that another step of EM would not change, from the fractions of votes.

    Parameters
    ----------
    rows : the answers
    estimated : M-step of the method.
    start : expected numbers to begin with, by default those of `VotedAnswers`.
    most_rounds : passes after which to stop; before that, once the log-likelihood of an answer gains less than 1e-6.
    """
    seen: AnswerCounts = rows.run(VotedAnswers.of(rows)) if start is None else start
    tables, prior = estimated(seen)
    gain, last, done = np.inf, -np.inf, 0
    while done < most_rounds and gain >= _SETTLED * len(rows.items):
        seen = rows.run(ExpectedAnswers(rounded(np.log(tables)), np.log(prior)))
        tables, prior = estimated(seen)
        gain, last, done = seen.log_likelihood - last, seen.log_likelihood, done + 1
    sums = rows.run(ItemSums(rounded(np.log(tables)), rows.n_items))
    return CrowdModel(tables, prior, softmax(np.log(prior) + sums), done)
