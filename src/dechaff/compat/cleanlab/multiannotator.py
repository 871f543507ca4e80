"""cleanlab's ``multiannotator``: consensus labels from several annotators, and active learning scores."""

from __future__ import annotations

from typing import Any

import numpy as np

from dechaff.compat.cleanlab.annotator_quality import (
    best_of_crowd,
    get_label_quality_multiannotator,
    get_label_quality_multiannotator_ensemble,
    read_crowd,
    read_models,
)
from dechaff.compat.cleanlab.majority_vote import get_majority_vote_label
from dechaff.errors import DataError, InputError, ProbsError
from dechaff.methods.consensus.active_lab import another_answer, first_answer
from dechaff.methods.consensus.crowdlab import CrowdLab, at_temperature, temperature_by_answers
from dechaff.typing import Probs, Score

__all__ = [
    "convert_long_to_wide_dataset",
    "get_active_learning_scores",
    "get_active_learning_scores_ensemble",
    "get_label_quality_multiannotator",
    "get_label_quality_multiannotator_ensemble",
    "get_majority_vote_label",
]


_LONG = ["task", "annotator", "label"]


def convert_long_to_wide_dataset(labels_multiannotator_long: Any) -> Any:
    """A pandas frame of columns task, annotator and label as one row a task and one column an annotator."""
    long, name = labels_multiannotator_long, "labels_multiannotator_long"
    absent = [one for one in _LONG if one not in getattr(long, "columns", ())]
    if absent:
        fix = "Rename its columns."
        raise DataError(name, f"be a pandas frame with the columns {', '.join(_LONG)}", f"no {absent[0]}", fix)
    twice = long[long.duplicated(_LONG[:2])]
    if len(twice):
        first = twice.iloc[0]
        found = f"{len(twice)} more, such as of {first['annotator']} on {first['task']}"
        raise DataError(name, "hold one label of an annotator on a task", found, "Keep one of them.")
    wide = long.pivot(index="task", columns="annotator", values="label")
    return wide.rename_axis(index=None, columns=None)


_NOTHING = np.zeros(0)


def get_active_learning_scores(
    labels_multiannotator: Any = None, pred_probs: Any = None, pred_probs_unlabeled: Any = None
) -> tuple[Score, Score]:
    """Scores of the rows with answers, and of those without; the lowest of both are worth an answer most."""
    of_one = (None if probs is None else [probs] for probs in (pred_probs, pred_probs_unlabeled))
    return get_active_learning_scores_ensemble(labels_multiannotator, *of_one)


def get_active_learning_scores_ensemble(
    labels_multiannotator: Any = None, pred_probs: Any = None, pred_probs_unlabeled: Any = None
) -> tuple[Score, Score]:
    """The same by several models, whose probabilities are (models, n, k)."""
    unlabelled = (
        None if pred_probs_unlabeled is None else read_models(pred_probs_unlabeled, name="pred_probs_unlabeled")
    )
    if labels_multiannotator is None:
        if unlabelled is None:
            must = "be passed, or else pred_probs_unlabeled"
            raise InputError("labels_multiannotator", must, "neither", "Pass answers, or rows without any.")
        # All annotators count the same.
        alike = CrowdLab(
            _NOTHING.reshape(0, 1), _NOTHING.astype(np.int64), np.ones(1), np.ones(len(unlabelled)), _NOTHING
        )
        return _NOTHING, 1 - first_answer(alike, np.stack(unlabelled))
    if pred_probs is None:
        must = "be passed with labels_multiannotator"
        raise InputError("pred_probs", must, "None", "Pass out-of-sample probabilities of the rows with answers.")
    raw = read_crowd(labels_multiannotator, list(pred_probs), calibrate=False)
    _refuse_other_classes(raw.models, unlabelled)
    heat = [temperature_by_answers(raw.answers, one) for one in raw.models]
    crowd = read_crowd(labels_multiannotator, list(map(at_temperature, raw.models, heat)), calibrate=False)
    found = best_of_crowd(crowd)
    answered = 1 - another_answer(found, crowd.answers)
    if unlabelled is None:
        return answered, _NOTHING
    return answered, 1 - first_answer(found, np.stack(list(map(at_temperature, unlabelled, heat))))


def _refuse_other_classes(models: list[Probs], unlabelled: list[Probs] | None) -> None:
    if unlabelled is not None and (len(unlabelled), unlabelled[0].shape[1]) != (len(models), models[0].shape[1]):
        raise ProbsError(
            "pred_probs_unlabeled",
            f"be of the same models and classes as pred_probs, {len(models)} of {models[0].shape[1]} classes",
            f"{len(unlabelled)} of {unlabelled[0].shape[1]} classes",
            "Predict both with the same models.",
        )
