"""cleanlab's majority vote, with its ways to break ties, and without its last one, chance."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_probs, check_same_length, refuse_cells
from dechaff.data.columns.cells import missing_of
from dechaff.errors import InputError, LabelsError
from dechaff.methods.consensus.answer_rows import AnswerRows
from dechaff.typing import Axes, ClassVector, Labels, Mask, Probs

_MOST = 2**31
"""Numbers from here on are no codes of classes."""
Answers = Annotated[npt.NDArray[np.int64], Axes("n m")]
"""Class that each of m people gave each row; -1 = none."""
Votes = npt.NDArray[np.int64]
"""(n, k) how many annotators gave each class."""


def get_majority_vote_label(
    labels_multiannotator: Any, pred_probs: Any = None, verbose: bool = True
) -> npt.NDArray[np.int64]:
    """The label (n,) that most annotators gave.

    Of equally frequent ones the one that the model finds most probable, then the one that is rarer in the data, then
    the one given by annotators who more often agree with the others, then the lower class.
    """
    answers = read_answers(labels_multiannotator)
    if pred_probs is None:
        return majority_of(answers, None)
    probs = check_probs(pred_probs, name="pred_probs")
    check_same_length(labels_multiannotator=answers, pred_probs=probs)
    return majority_of(answers, probs)


def majority_of(answers: Answers, probs: Probs | None) -> Labels:
    """The same of answers and probabilities that were checked."""
    votes = votes_of(answers, int(answers.max()) + 1 if probs is None else probs.shape[1])
    left = votes == votes.max(axis=1, keepdims=True)
    if probs is not None:
        left = _best(left, probs.astype(np.float64))
    left = _best(left, np.broadcast_to(-votes.sum(axis=0, dtype=np.float64), votes.shape))
    if (left.sum(axis=1) > 1).any():
        left = _best(left, _trust_in_votes(answers, votes))
    return np.asarray(left.argmax(axis=1))


def read_answers(labels_multiannotator: Any) -> Answers:
    """(n, m) codes; -1 if an annotator did not answer."""
    cells = _table(labels_multiannotator)
    missing = missing_of(cells.ravel().tolist())
    numbers = [np.nan if gone else _number(one) for one, gone in zip(cells.flat, missing, strict=True)]
    values = np.reshape(numbers, cells.shape)
    silent = np.flatnonzero(np.isnan(values).all(axis=1))
    if len(silent):
        found = f"none in row {silent[0]} ({len(silent)} in all)"
        fix = "Drop the tasks without a label."
        raise LabelsError("labels_multiannotator", "contain one label or more of each task", found, fix)
    refuse_cells(
        ~np.isnan(values) & ~((values >= 0) & (values < _MOST) & (values == np.floor(values))),
        cells,
        "labels_multiannotator",
        "contain whole numbers from 0, and NaN where an annotator gave no label",
        "Turn class names into codes: names, codes = numpy.unique(labels, return_inverse=True).",
        LabelsError,
    )
    return np.where(np.isnan(values), -1, values).astype(np.int64)


def _table(labels_multiannotator: Any) -> npt.NDArray[np.object_]:
    rows = labels_multiannotator
    uneven = isinstance(rows, list | tuple) and len({np.shape(row) for row in rows if np.ndim(row) == 1}) > 1
    cells = np.empty(0, dtype=object) if uneven else np.asarray(rows, dtype=object)
    if cells.ndim != 2 or not cells.size:
        raise LabelsError(
            "labels_multiannotator",
            "be a table with one row per task and one column per annotator",
            "rows of different lengths" if uneven else f"shape {cells.shape}",
            "Write NaN where an annotator did not answer; convert_long_to_wide_dataset makes one of a long table.",
        )
    return cells


def _number(one: Any) -> float:
    """A cell as a number; -1, which is no code, if it is none."""
    try:
        return float(one)
    except (TypeError, ValueError):
        return -1.0


def answer_rows(answers: Answers, n_classes: int) -> AnswerRows:
    """The same answers, one row each."""
    items, annotators = np.nonzero(answers >= 0)
    n, m = answers.shape
    labels = answers[items, annotators]
    return AnswerRows.of(items, annotators, labels, n_items=n, n_annotators=m, n_classes=n_classes)


def votes_of(answers: Answers, n_classes: int) -> Votes:
    """Number of annotators who gave each class; an InputError if an answer has no column."""
    if answers.max() >= n_classes:
        fix = "Pass one column of pred_probs for each class."
        raise InputError("labels_multiannotator", f"contain classes below {n_classes}", str(answers.max()), fix)
    return np.stack([(answers == code).sum(axis=1) for code in range(n_classes)], axis=1)


def _best(left: Mask, worth: npt.NDArray[np.float64]) -> Mask:
    """Of the classes that are left in each row, those of the highest worth."""
    among = np.where(left, worth, -np.inf)
    return np.asarray(left & (among == among.max(axis=1, keepdims=True)))


def _trust_in_votes(answers: Answers, votes: Votes) -> npt.NDArray[np.float64]:
    """(n, k) how often the annotators who gave a class agree with the majority, ignoring ties."""
    tied = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1) > 1
    trust = _agreement(answers[~tied], votes[~tied].argmax(axis=1))
    sums = np.stack([np.where(answers == code, trust, 0.0).sum(axis=1) for code in range(votes.shape[1])], axis=1)
    return sums / np.maximum(votes, 1)


def _agreement(answers: Answers, majority: Votes) -> ClassVector:
    """(m,) fraction of each annotator's answers that agree with the majority; the mean if there is none."""
    given = (answers >= 0).sum(axis=0)
    shares = (answers == majority[:, None]).sum(axis=0) / np.maximum(given, 1)
    known = shares[given > 0]
    return np.where(given > 0, shares, known.mean() if len(known) else 0.0)
