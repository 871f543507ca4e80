"""cleanlab's ``multiannotator``: the truth from several people's answers, and who should answer what next."""

from __future__ import annotations

from typing import Any

from dechaff.compat.cleanlab.active_learning import get_active_learning_scores, get_active_learning_scores_ensemble
from dechaff.compat.cleanlab.annotator_quality import (
    get_label_quality_multiannotator,
    get_label_quality_multiannotator_ensemble,
)
from dechaff.compat.cleanlab.majority_vote import get_majority_vote_label
from dechaff.errors import DataError

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
