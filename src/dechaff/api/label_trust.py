"""Whether what is said of labels can be trusted at all: a model that knows nothing finds errors everywhere."""

from __future__ import annotations

import numpy as np

from dechaff.recipe.baseline_guard import judge
from dechaff.typing import Labels, Probs

_MOST_ROWS, _MOST_NUMBERS = 20_000, 2_000_000
"""Looked at: enough to be sure, and little beside the probabilities."""
_FOLDS = 5
_NOBODY = np.zeros(0, dtype=np.int64)


def distrust(labels: Labels, probs: Probs) -> str:
    """Why nothing should be believed, as `dechaff audit` asks of its own model; "" where there is no reason.

    To such a model labels and rows have nothing to do with each other, which is what labels drawn at random look like.
    """
    step = max(1, -(-len(labels) // _MOST_ROWS), -(-probs.size // _MOST_NUMBERS))
    some = labels[::step]
    if len(np.unique(some)) < 2:
        alike = "What is found here is not to be trusted: labels of one class do not tell how labels go wrong"
        return alike if len(some) > 1 else ""
    folds, alone = np.arange(len(some)) % _FOLDS, np.full(len(some), -1, dtype=np.int64)
    verdict = judge(some, np.asarray(probs[::step], dtype=np.float64), folds, alone, _NOBODY, None)
    if verdict.trusted:
        return ""
    return (
        f"What is found here is not to be trusted: the labels are told no better than by their shares "
        f"({max(verdict.information, 0.0):.1%} of the uncertainty about a label is removed). Either the model knows "
        "nothing of these rows, or the labels have nothing to do with them"
    )
