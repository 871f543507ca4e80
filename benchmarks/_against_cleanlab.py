"""One row of a table: label errors found here and by cleanlab, from the same labels and probabilities."""

from __future__ import annotations

import warnings
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score
from tests.shared_data import shared

from dechaff.methods.label_errors.label_error_estimates import estimate_label_errors

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

CLEANLAB_SCORES = [
    ("self_confidence", False),
    ("normalized_margin", False),
    ("confidence_weighted_entropy", False),
    ("self_confidence", True),
    ("normalized_margin", True),
]
"""Each, and whether probabilities are adjusted by the thresholds of their classes; entropy cannot be."""
_COLUMNS = [
    "data", "wrong", "estimate (95 %)", "kind (how sure)", "flagged", "cleanlab", "F1", "cleanlab", "AP",
    "cleanlab's best", "sum of scores / errors", "right after relabelling", "cleanlab's flags to argmax",
]  # fmt: skip
HEADER = f"| {' | '.join(_COLUMNS)} |\n|{'---|' * len(_COLUMNS)}"


@dataclass(frozen=True)
class Comparison:
    """F1 of the flagged rows, average precision of the ranking, sum of scores over the true number of errors, and share
    of right labels once the flagged rows are relabelled: here and there."""

    f1: float
    cleanlab_f1: float
    precision: float
    cleanlab_precision: float
    sum_of_scores: float
    relabelled: float
    cleanlab_relabelled: float


def folder(name: str) -> Path:
    return shared(name)


def compare(
    name: str, labels: np.ndarray, probs: np.ndarray, true: np.ndarray, *, among: np.ndarray | None = None
) -> Comparison:
    """Prints the row and returns its figures; 0 where there is nothing to find.

    `among` are the rows of which the truth is known: F1 and AP are of these.
    """
    probs = probs.astype(np.float64)
    probs = probs / probs.sum(axis=1, keepdims=True)
    wrong, rows = labels != true, np.arange(len(labels)) if among is None else among
    found = estimate_label_errors(labels, probs)
    theirs = find_label_issues(labels, probs, n_jobs=1)
    scores = [
        -get_label_quality_scores(labels, probs, method=method, adjust_pred_probs=adjusted)
        for method, adjusted in CLEANLAB_SCORES
    ]
    result = Comparison(
        f1=f1(found.flag[rows], wrong[rows]),
        cleanlab_f1=f1(theirs[rows], wrong[rows]),
        precision=_precision(wrong[rows], found.score[rows]),
        cleanlab_precision=max(_precision(wrong[rows], score[rows]) for score in scores),
        sum_of_scores=float(found.score.sum() / max(1, wrong.sum())),
        relabelled=float((np.where(found.flag, found.suggested, labels) == true).mean()),
        cleanlab_relabelled=float((np.where(theirs, probs.argmax(axis=1), labels) == true).mean()),
    )
    print(
        f"| {name} | {wrong.mean():.3f} | {found.rate:.3f} ({found.rate_low:.3f}–{found.rate_high:.3f}) "
        f"| {found.kind} ({found.kind_sure:.2f}) | {found.flag.mean():.3f} | {theirs.mean():.3f} "
        f"| {_figures(result)} |",
        flush=True,
    )
    return result


def print_mean(name: str, rows: list[Comparison]) -> None:
    """The last row of a group."""
    mean = Comparison(*np.mean([astuple(row) for row in rows], axis=0))
    print(f"| **{name}** | | | | | | {_figures(mean)} |", flush=True)


def _figures(row: Comparison) -> str:
    return " | ".join(f"{value:.3f}" for value in astuple(row))


def f1(flag: np.ndarray, wrong: np.ndarray) -> float:
    """Of the flagged rows."""
    return float(2 * (flag & wrong).sum() / max(1, flag.sum() + wrong.sum()))


def _precision(wrong: np.ndarray, score: np.ndarray) -> float:
    return float(average_precision_score(wrong, score)) if wrong.any() else 0.0
