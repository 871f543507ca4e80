"""Doubt in a label by the model's uncertainty, weighted by one over the probability of the label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dechaff.checks import check_labels_and_probs
from dechaff.core.over_arrays import map_arrays
from dechaff.methods.label_errors.self_confidence import SelfConfidence
from dechaff.typing import Chunk, Labels, Probs, Score

_TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True)
class EntropyDoubt:
    """The row map behind `entropy_doubt`."""

    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def rows(self, chunk: Chunk) -> Score:
        """One minus ``log(1 + r) / r`` with r = normalised entropy over the given label's probability."""
        probs = chunk["probs"].astype(np.float64, copy=False)
        entropy = -np.einsum("ij,ij->i", probs, np.log(np.maximum(probs, _TINY))) / np.log(probs.shape[1])
        given = SelfConfidence().rows(chunk).astype(np.float64)
        # For a label of probability 0 the ratio is infinite, also if the row's entropy is 0.
        ratio = np.where(given > 0, np.maximum(entropy, _TINY) / np.maximum(given, _TINY), 1 / _TINY)
        # log1p(r)/r has the limit 1 at 0, where the quotient of two tiny numbers is still exact.
        return np.asarray(np.clip(1 - np.log1p(ratio) / ratio, 0, 1))


def entropy_doubt(labels: Labels, probs: Probs) -> Score:
    """Doubt in each given label: the entropy of the row over the probability of the label, brought to [0, 1].

    Rows of high confidence rank low, even if the model is confident of another class; use it to find hard and ambiguous
    rows.

    Parameters and errors as in `confident_joint`.

    Returns
    -------
    (n,) float in [0, 1]
        Higher = look at this row first.

    Source
    ------
    cleanlab 2.9, confidence-weighted entropy. Differs: one minus it, so that higher is worse; and a probability below a
    millionth is used as it is, while in cleanlab all of them tie.

    Examples
    --------
    >>> entropy_doubt(np.array([0, 0]), np.array([[1.0, 0.0], [0.5, 0.5]])).round(3)
    array([0.   , 0.451])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    return map_arrays(EntropyDoubt(), labels=labels, probs=probs)
