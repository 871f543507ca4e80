"""cleanlab's ``dataset``: which classes carry wrong labels, and how sound the labels are on the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.compat.cleanlab.arguments import read_joint, refuse_multi_label, refuse_no_rows
from dechaff.compat.cleanlab.count import estimate_joint, num_label_issues
from dechaff.errors import InputError
from dechaff.methods.label_errors.class_health import (
    class_noise,
    label_health,
    overlapping_classes,
    overlapping_pairs,
    true_class_noise,
)
from dechaff.models.columns import pandas_frame
from dechaff.records.keywords import takes
from dechaff.typing import ClassMatrix


@dataclass(frozen=True)
class _Labels:
    """Labels with probabilities, or their joint; and the names of the classes."""

    labels: Any = None
    pred_probs: Any = None
    _: KW_ONLY
    asymmetric: bool = False
    class_names: Sequence[Any] | None = None
    num_examples: int | None = None
    joint: Any = None
    confident_joint: Any = None
    multi_label: bool = False
    verbose: bool = True

    def joint_and_rows(self) -> tuple[ClassMatrix, int]:
        """The joint, and the number of rows."""
        refuse_multi_label(self.multi_label)
        joint = _joint(self.labels, self.pred_probs, self.joint, self.confident_joint)
        return joint, _n_examples(self.labels, self.num_examples, self.confident_joint)


@takes(_Labels, 0, without=("asymmetric", "verbose"))
def rank_classes_by_label_quality(of: _Labels) -> Any:
    """A pandas frame of the classes, the one with the largest fraction of wrong labels first."""
    joint, n = of.joint_and_rows()
    noise = class_noise(joint)
    columns = {
        "Class Index": np.arange(len(joint)),
        "Label Issues": _rows(n * (joint.sum(axis=1) - np.diagonal(joint))),
        "Inverse Label Issues": _rows(n * (joint.sum(axis=0) - np.diagonal(joint))),
        "Label Noise": noise,
        "Inverse Label Noise": true_class_noise(joint),
        "Label Quality Score": 1 - noise,
    }
    order = np.argsort(columns["Label Quality Score"], kind="stable")
    named = _names(of.class_names, len(joint))
    names = {} if named is None else {"Class Name": [named[code] for code in order]}
    return pandas_frame({**names, **{name: column[order] for name, column in columns.items()}})


@takes(_Labels, 0, without=("verbose",))
def find_overlapping_classes(of: _Labels) -> Any:
    """A pandas frame of pairs of classes, the most confused first; with `asymmetric`, given label and true class."""
    joint, n = of.joint_and_rows()
    if of.asymmetric:
        ordered = overlapping_classes(joint)
        first, second, share = ordered.given, ordered.true, ordered.rows
    else:
        pairs = overlapping_pairs(joint)
        first, second, share = pairs.first, pairs.second, pairs.rows
    columns = {
        "Class Index A": first,
        "Class Index B": second,
        "Num Overlapping Examples": _rows(n * share),
        "Joint Probability": share,
    }
    named = _names(of.class_names, len(joint))
    if named is None:
        return pandas_frame(columns)
    names = {
        f"Class Name {side}": [named[code] for code in codes] for side, codes in zip("AB", (first, second), strict=True)
    }
    return pandas_frame({**names, **columns})


def overall_label_health_score(
    labels: Any = None,
    pred_probs: Any = None,
    *,
    num_examples: int | None = None,
    confident_joint: Any = None,
    joint: Any = None,
    multi_label: bool = False,
    verbose: bool = True,
) -> float:
    """Fraction of the labels without an issue, in [0, 1]."""
    refuse_multi_label(multi_label)
    if labels is None or pred_probs is None:
        return label_health(_joint(labels, pred_probs, joint, confident_joint))
    n = _n_examples(labels, num_examples, confident_joint)
    refuse_no_rows(n)
    return 1 - num_label_issues(labels, pred_probs, confident_joint=confident_joint) / n


@takes(_Labels, 0)
def health_summary(of: _Labels) -> dict[str, Any]:
    """The three together, and the joint that they were made of."""
    joint, n = of.joint_and_rows()
    health = overall_label_health_score(
        of.labels, of.pred_probs, confident_joint=of.confident_joint, joint=joint, num_examples=n
    )
    return {
        "overall_label_health_score": health,
        "joint": joint,
        "classes_by_label_quality": rank_classes_by_label_quality(
            joint=joint, num_examples=n, class_names=of.class_names
        ),
        "overlapping_classes": find_overlapping_classes(
            asymmetric=of.asymmetric, joint=joint, num_examples=n, class_names=of.class_names
        ),
    }


def _joint(labels: Any, pred_probs: Any, joint: Any, confident_joint: Any) -> ClassMatrix:
    if joint is not None:
        return np.asarray(read_joint(joint, name="joint"), dtype=np.float64)
    return estimate_joint(labels, pred_probs, confident_joint=confident_joint)


def _names(class_names: Sequence[Any] | None, n_classes: int) -> Sequence[Any] | None:
    if class_names is not None and len(class_names) != n_classes:
        fix = "Pass one name per class, in the order of the columns of pred_probs."
        raise InputError("class_names", f"name each of the {n_classes} classes", f"{len(class_names)} names", fix)
    return class_names


def _n_examples(labels: Any, num_examples: int | None, confident_joint: Any) -> int:
    if num_examples is not None:
        return num_examples
    if labels is not None:
        return len(labels)
    if confident_joint is not None:
        return int(np.sum(confident_joint))
    raise InputError(
        "num_examples",
        "be passed with a joint, which does not contain the number of rows",
        "None, and neither labels nor confident_joint",
        "Pass one of the three.",
    )


def _rows(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    return np.asarray(np.round(counts), dtype=np.int64)
