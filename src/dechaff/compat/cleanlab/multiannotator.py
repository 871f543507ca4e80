"""cleanlab's ``multiannotator``, the parts of it that need no model of the annotators."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError, LabelsError
from dechaff.typing import ClassVector, Mask

Votes = npt.NDArray[np.int64]
"""(n, k) how many annotators gave each class."""


def convert_long_to_wide_dataset(labels_multiannotator_long: Any) -> Any:
    """A pandas frame of columns task, annotator and label as one row a task and one column an annotator."""
    wide = labels_multiannotator_long.pivot(index="task", columns="annotator", values="label")
    return wide.rename_axis(index=None, columns=None)


def get_majority_vote_label(
    labels_multiannotator: Any, pred_probs: Any = None, verbose: bool = True
) -> npt.NDArray[np.int64]:
    """The label (n,) that most annotators gave.

    Of equally frequent ones the one that the model finds most probable, then the one that is rarer in the data, then
    the one given by annotators who more often agree with the others, then the lower class.
    """
    answers = _answers(labels_multiannotator)
    n_classes = int(answers.max()) + 1 if pred_probs is None else np.shape(pred_probs)[1]
    votes = _votes(answers, n_classes)
    left = votes == votes.max(axis=1, keepdims=True)
    if pred_probs is not None:
        left = _best(left, np.asarray(pred_probs, dtype=np.float64))
    left = _best(left, np.broadcast_to(-votes.sum(axis=0, dtype=np.float64), votes.shape))
    if (left.sum(axis=1) > 1).any():
        left = _best(left, _trust_in_votes(answers, votes))
    return np.asarray(left.argmax(axis=1))


def _answers(labels_multiannotator: Any) -> Votes:
    """(n, m) codes; -1 where an annotator did not answer."""
    values = np.array(
        [[np.nan if _absent(one) else float(one) for one in row] for row in np.asarray(labels_multiannotator)]
    )
    if values.ndim != 2 or np.isnan(values).all(axis=1).any():
        raise LabelsError(
            "labels_multiannotator",
            "be a table of one row a task and one column an annotator, with one label in each row at least",
            f"shape {values.shape}, and {int(np.isnan(values).all(axis=-1).sum())} rows without a label",
            "Drop the tasks that nobody labelled.",
        )
    return np.where(np.isnan(values), -1, values).astype(np.int64)


def _absent(one: Any) -> bool:
    # pandas' NA is neither equal to itself nor not.
    return one is None or type(one).__name__ == "NAType" or one != one


def _votes(answers: Votes, n_classes: int) -> Votes:
    if answers.max() >= n_classes:
        fix = "Hand in one column of pred_probs for each class."
        raise InputError("labels_multiannotator", f"hold classes below {n_classes}", str(answers.max()), fix)
    return np.stack([(answers == code).sum(axis=1) for code in range(n_classes)], axis=1)


def _best(left: Mask, worth: npt.NDArray[np.float64]) -> Mask:
    """Of the classes that are left in each row, those of the highest worth."""
    among = np.where(left, worth, -np.inf)
    return np.asarray(left & (among == among.max(axis=1, keepdims=True)))


def _trust_in_votes(answers: Votes, votes: Votes) -> npt.NDArray[np.float64]:
    """(n, k) how often the annotators who gave a class agree with the majority, where that is no tie."""
    tied = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1) > 1
    trust = _agreement(answers[~tied], votes[~tied].argmax(axis=1))
    sums = np.stack([np.where(answers == code, trust, 0.0).sum(axis=1) for code in range(votes.shape[1])], axis=1)
    return sums / np.maximum(votes, 1)


def _agreement(answers: Votes, majority: Votes) -> ClassVector:
    """(m,) share of each annotator's answers that the majority gave, too; the mean where there is none."""
    given = (answers >= 0).sum(axis=0)
    shares = (answers == majority[:, None]).sum(axis=0) / np.maximum(given, 1)
    known = shares[given > 0]
    return np.where(given > 0, shares, known.mean() if len(known) else 0.0)
