"""cleanlab's majority vote, with its ways to break ties, and without its last one, chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_probs, check_same_length
from dechaff.errors import InputError, LabelsError
from dechaff.methods.consensus.crowdlab import Answers
from dechaff.typing import ClassVector, Labels, Mask, Probs

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
    """(n, m) codes; -1 where an annotator did not answer."""
    values = np.array(
        [[np.nan if _absent(one) else float(one) for one in row] for row in np.asarray(labels_multiannotator)]
    )
    silent = np.flatnonzero(np.isnan(values).all(axis=-1))
    if values.ndim != 2 or len(silent):
        without = f", and no label in row {silent[0]} ({len(silent)} such rows)" if len(silent) else ""
        raise LabelsError(
            "labels_multiannotator",
            "be a table of one row a task and one column an annotator, with one label in each row at least",
            f"shape {values.shape}{without}",
            "Drop the tasks that nobody labelled.",
        )
    bad = np.argwhere((values < 0) | (values % 1 > 0))
    if len(bad):
        row, column = bad[0]
        raise LabelsError(
            "labels_multiannotator",
            "hold whole numbers from 0, and NaN where an annotator gave no label",
            f"{values[row, column]} in row {row}, column {column}",
            "Turn class names into codes: names, codes = numpy.unique(labels, return_inverse=True).",
        )
    return np.where(np.isnan(values), -1, values).astype(np.int64)


def _absent(one: Any) -> bool:
    # pandas' NA is neither equal to itself nor not.
    return one is None or type(one).__name__ == "NAType" or one != one


def votes_of(answers: Answers, n_classes: int) -> Votes:
    """How many gave each class; an InputError where an answer has no column."""
    if answers.max() >= n_classes:
        fix = "Hand in one column of pred_probs for each class."
        raise InputError("labels_multiannotator", f"hold classes below {n_classes}", str(answers.max()), fix)
    return np.stack([(answers == code).sum(axis=1) for code in range(n_classes)], axis=1)


def _best(left: Mask, worth: npt.NDArray[np.float64]) -> Mask:
    """Of the classes that are left in each row, those of the highest worth."""
    among = np.where(left, worth, -np.inf)
    return np.asarray(left & (among == among.max(axis=1, keepdims=True)))


def _trust_in_votes(answers: Answers, votes: Votes) -> npt.NDArray[np.float64]:
    """(n, k) how often the annotators who gave a class agree with the majority, where that is no tie."""
    tied = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1) > 1
    trust = _agreement(answers[~tied], votes[~tied].argmax(axis=1))
    sums = np.stack([np.where(answers == code, trust, 0.0).sum(axis=1) for code in range(votes.shape[1])], axis=1)
    return sums / np.maximum(votes, 1)


def _agreement(answers: Answers, majority: Votes) -> ClassVector:
    """(m,) share of each annotator's answers that the majority gave, too; the mean where there is none."""
    given = (answers >= 0).sum(axis=0)
    shares = (answers == majority[:, None]).sum(axis=0) / np.maximum(given, 1)
    known = shares[given > 0]
    return np.where(given > 0, shares, known.mean() if len(known) else 0.0)
