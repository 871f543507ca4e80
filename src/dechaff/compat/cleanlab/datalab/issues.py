"""What ``Datalab`` is given, and what it finds of one kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

from dechaff.typing import Labels, Mask, Probs, Score


@dataclass(frozen=True)
class Inputs:
    """The inputs for n rows; None if not passed."""

    labels: Labels | None = None
    class_names: tuple[Any, ...] = ()
    probs: Probs | None = None
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
