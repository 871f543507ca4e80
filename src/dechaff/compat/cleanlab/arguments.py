"""cleanlab's arguments as dechaff's: its option strings as functions, its arrays checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

from dechaff.checks import check_labels, check_labels_and_probs
from dechaff.errors import InputError
from dechaff.typing import Labels, Probs

T = TypeVar("T")


def read_labels_and_probs(labels: Any, pred_probs: Any) -> tuple[Labels, Probs]:
    """Both checked: a list, array or series of codes, and one row of probabilities each."""
    return check_labels_and_probs(np.asarray(labels), pred_probs)


def read_labels(labels: Any, n_classes: int) -> Labels:
    """Codes below `n_classes`."""
    return check_labels(np.asarray(labels), n_classes)


def refuse_no_rows(n_rows: Any) -> None:
    """An InputError where shares of no rows are asked for."""
    if not n_rows:
        raise InputError("labels", "have a row at least, to tell shares of rows", "no rows", "Hand in rows.")


def chosen(options: Mapping[str, T], value: Any, name: str) -> T:
    """What an option string stands for, or an InputError that lists the strings."""
    if value in options:
        return options[value]
    raise InputError(name, f"be one of {', '.join(options)}", repr(value), "Choose one of these words.")


def refuse_multi_label(multi_label: Any) -> None:
    """An InputError where labels are sets of classes, which cleanlab takes here and deprecates."""
    if multi_label:
        raise InputError(
            "multi_label",
            "be False, because each row has one label here",
            repr(multi_label),
            "Use dechaff.find_multilabel_errors, which takes rows of several labels.",
        )
