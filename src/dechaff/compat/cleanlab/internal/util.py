"""cleanlab's ``internal.util``, as far as its tutorials use it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def value_counts(x: Any, *, num_classes: int | None = None, multi_label: bool = False) -> npt.NDArray[np.int64]:
    """Number of each value, in sorted order; with `num_classes`, of each class 0 … num_classes-1."""
    values = np.asarray([one for row in x for one in row] if multi_label else x)
    if num_classes is None or values.dtype.kind not in "iu":
        return np.unique(values, return_counts=True)[1]
    return np.bincount(values, minlength=num_classes)


def print_joint_matrix(joint_matrix: Any, round_places: int = 2) -> None:
    """Prints a matrix and its trace."""
    print(f"trace {np.trace(joint_matrix):.{round_places}f}\n{np.round(joint_matrix, round_places)}\n")


def print_noise_matrix(noise_matrix: Any, round_places: int = 2) -> None:
    """The same."""
    print_joint_matrix(noise_matrix, round_places)


def print_inverse_noise_matrix(inverse_noise_matrix: Any, round_places: int = 2) -> None:
    """The same."""
    print_joint_matrix(inverse_noise_matrix, round_places)
