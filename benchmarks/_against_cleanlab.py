"""One row of a table: label errors found here and by cleanlab, from the same labels and probabilities."""

from __future__ import annotations

import warnings
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score
from tests.shared_data import shared

from dechaff.methods.label_errors.judged_labels import judge_labels

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

CLEANLAB_SCORES = ["self_confidence", "normalized_margin", "confidence_weighted_entropy"]
HEADER = """\
| data | wrong | estimate (95 %) | kind | flagged | cleanlab | F1 | cleanlab | AP | cleanlab's best |
|---|---|---|---|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Comparison:
    """F1 of the flagged rows and average precision of the ranking, here and there."""

    f1: float
    cleanlab_f1: float
    precision: float
    cleanlab_precision: float


def folder(name: str) -> Path:
    return shared(name)


def compare(name: str, labels: np.ndarray, probs: np.ndarray, true: np.ndarray) -> Comparison:
    """Prints the row and returns its figures; 0 where there is nothing to find."""
    probs = probs.astype(np.float64)
    probs = probs / probs.sum(axis=1, keepdims=True)
    wrong = labels != true
    found = judge_labels(labels, probs)
    theirs = find_label_issues(labels, probs, n_jobs=1)
    best = max(_precision(wrong, -get_label_quality_scores(labels, probs, method=one)) for one in CLEANLAB_SCORES)
    result = Comparison(_f1(found.flag, wrong), _f1(theirs, wrong), _precision(wrong, found.score), best)
    rate, low, high = (count / len(labels) for count in (found.n_errors, found.n_errors_low, found.n_errors_high))
    print(
        f"| {name} | {wrong.mean():.3f} | {rate:.3f} ({low:.3f}–{high:.3f}) | {found.kind} "
        f"| {found.flag.mean():.3f} | {theirs.mean():.3f} | {_figures(result)} |",
        flush=True,
    )
    return result


def print_mean(name: str, rows: list[Comparison]) -> None:
    """The last row of a group."""
    mean = Comparison(*np.mean([astuple(row) for row in rows], axis=0))
    print(f"| **{name}** | | | | | | {_figures(mean)} |", flush=True)


def _figures(row: Comparison) -> str:
    return f"{row.f1:.3f} | {row.cleanlab_f1:.3f} | {row.precision:.3f} | {row.cleanlab_precision:.3f}"


def _f1(flag: np.ndarray, wrong: np.ndarray) -> float:
    return float(2 * (flag & wrong).sum() / max(1, flag.sum() + wrong.sum()))


def _precision(wrong: np.ndarray, score: np.ndarray) -> float:
    return float(average_precision_score(wrong, score)) if wrong.any() else 0.0
