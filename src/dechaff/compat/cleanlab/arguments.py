"""cleanlab's arguments as dechaff's: option strings as functions, arrays checked; inputs and finds of ``Datalab``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import refuse_cells
from dechaff.errors import InputError
from dechaff.typing import Mask, Probs, Score

T = TypeVar("T")


def read_joint(
    confident_joint: Any, n_classes: int | None = None, *, name: str = "confident_joint"
) -> npt.NDArray[Any]:
    """Counts (k, k) of rows by given label and true class, of `n_classes` if that is known."""
    joint = np.asarray(confident_joint)
    k = joint.shape[0] if joint.ndim and n_classes is None else n_classes
    fix = "Compute it with compute_confident_joint, from the same labels and pred_probs."
    if joint.shape != (k, k) or joint.dtype.kind not in "iufb":
        each = "have as many rows as columns" if n_classes is None else f"be numbers, {k} rows of {k} columns"
        raise InputError(name, each, f"shape {joint.shape} of {joint.dtype}", fix)
    refuse_cells(~(np.isfinite(joint) & (joint >= 0)), joint, name, "contain numbers of 0 or more", fix)
    return joint


def check_one(**given: Any) -> None:
    """An InputError unless one of two is passed."""
    passed = sum(one is not None for one in given.values())
    if passed != 1:
        found = "both" if passed else "neither"
        raise InputError(" or ".join(given), "be passed, one of them", found, "Pass one of the two.")


def refuse_no_rows(n_rows: Any) -> None:
    """An InputError if fractions of no rows are requested."""
    if not n_rows:
        raise InputError(
            "labels", "have at least one row, because fractions of rows are requested", "no rows", "Pass rows."
        )


def chosen(options: Mapping[str, T], value: Any, name: str) -> T:
    """The value of an option string, or an InputError that lists the strings."""
    if value in options:
        return options[value]
    raise InputError(name, f"be one of {', '.join(options)}", repr(value), "Choose one of these words.")


@dataclass(frozen=True)
class Inputs:
    """The inputs for n rows; None if not passed."""

    labels: Any = None
    """(n,) codes or numbers, or one list of codes for each row."""
    class_names: tuple[Any, ...] = ()
    probs: Probs | None = None
    predictions: npt.NDArray[Any] | None = None
    features: npt.NDArray[Any] | None = None
    knn_graph: Any = None
    """(n, n) sparse, the distances of each row to its nearest ones."""


@dataclass(frozen=True)
class Issues:
    """Of one kind."""

    is_issue: Mask
    score: Score
    summary: float
    info: Mapping[str, Any]
    more: Mapping[str, Any] = field(default_factory=dict)
    """Further columns of ``get_issues``."""
