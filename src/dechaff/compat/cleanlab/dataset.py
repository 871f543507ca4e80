"""cleanlab's ``dataset``: which classes carry wrong labels, and how sound the labels are on the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.compat.cleanlab.arguments import read_joint, refuse_no_rows
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
from dechaff.records.keywords import takes, with_options
from dechaff.typing import ClassMatrix, Columns


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

    @property
    def shares(self) -> ClassMatrix:
        """The joint (k, k)."""
        _refuse_multi_label(self.multi_label)
        if self.joint is not None:
            return np.asarray(read_joint(self.joint, name="joint"), dtype=np.float64)
        return estimate_joint(self.labels, self.pred_probs, confident_joint=self.confident_joint)

    @property
    def n(self) -> int:
        """The number of rows."""
        if self.num_examples is not None:
            return self.num_examples
        if self.labels is not None:
            return len(self.labels)
        if self.confident_joint is not None:
            return int(np.sum(self.confident_joint))
        raise InputError(
            "num_examples",
            "be passed with a joint, which does not contain the number of rows",
            "None, and neither labels nor confident_joint",
            "Pass one of the three.",
        )

    def named(self, columns: Columns, n_classes: int) -> Columns:
        """Columns of codes as the names of the classes, if these have names; else no columns."""
        if self.class_names is None:
            return {}
        if len(self.class_names) != n_classes:
            fix = "Pass one name per class, in the order of the columns of pred_probs."
            found = f"{len(self.class_names)} names"
            raise InputError("class_names", f"name each of the {n_classes} classes", found, fix)
        return {column: [self.class_names[code] for code in codes] for column, codes in columns.items()}


@takes(_Labels, without=("asymmetric", "verbose"))
def rank_classes_by_label_quality(of: _Labels) -> Any:
    """A pandas frame of the classes, the one with the largest fraction of wrong labels first."""
    joint, n = of.shares, of.n
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
    names = of.named({"Class Name": order}, len(joint))
    return pandas_frame({**names, **{name: column[order] for name, column in columns.items()}})


@takes(_Labels, without=("verbose",))
def find_overlapping_classes(of: _Labels) -> Any:
    """A pandas frame of pairs of classes, the most confused first; with `asymmetric`, given label and true class."""
    joint, n = of.shares, of.n
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
    return pandas_frame({**of.named({"Class Name A": first, "Class Name B": second}, len(joint)), **columns})


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
    _refuse_multi_label(multi_label)
    of = _Labels(labels, pred_probs, num_examples=num_examples, joint=joint, confident_joint=confident_joint)
    if labels is None or pred_probs is None:
        return label_health(of.shares)
    refuse_no_rows(of.n)
    return 1 - num_label_issues(labels, pred_probs, confident_joint=confident_joint) / of.n


@takes(_Labels)
def health_summary(of: _Labels) -> dict[str, Any]:
    """The three together, and the joint that they were made of."""
    known = replace(of, joint=of.shares, num_examples=of.n)
    summary = {
        "overall_label_health_score": overall_label_health_score(
            of.labels, of.pred_probs, confident_joint=of.confident_joint, joint=known.joint, num_examples=known.n
        ),
        "joint": known.joint,
        "classes_by_label_quality": with_options(rank_classes_by_label_quality)(known),
        "overlapping_classes": with_options(find_overlapping_classes)(known),
    }
    if of.verbose:
        print_summary(summary)
    return summary


def print_summary(summary: Mapping[str, Any]) -> None:
    """The tables and scores of a summary, under their names."""
    for name, one in summary.items():
        title = name.replace("_", " ").capitalize()
        text = one.to_string() if hasattr(one, "to_string") else one
        print(f"{title}: {one:.1%}" if isinstance(one, float) else f"\n{title}\n{text}")


def _rows(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    return np.asarray(np.round(counts), dtype=np.int64)


def _refuse_multi_label(multi_label: Any) -> None:
    """An InputError if labels are sets of classes, for which cleanlab has other functions."""
    if multi_label:
        fix = "Use multilabel_classification.dataset, which takes rows of several labels."
        raise InputError("multi_label", "be False, because each row has one label here", repr(multi_label), fix)
