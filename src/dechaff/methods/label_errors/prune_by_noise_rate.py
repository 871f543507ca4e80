"""The rows that look most like another class than like their own, as many of each pair as the joint counts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.leading_rows import leading_rows
from dechaff.methods.label_errors.argmax_rule import SLACK
from dechaff.methods.label_errors.candidates import Candidates, find_candidates
from dechaff.methods.label_errors.prune_counts import counts_for
from dechaff.typing import Labels, Mask, Probs

LEAD = 2 * SLACK
"""A lead that only candidates can have: those who lead by more come before all other rows of their class."""


def prune_by_noise_rate(
    labels: Labels,
    probs: Probs,
    *,
    joint: npt.NDArray[np.int64],
    frac_noise: float = 1.0,
    min_examples_per_class: int = 1,
) -> Mask:
    """Flags, for each pair of given and true class, the rows in which the true one leads the given one by most.

    As many rows a pair as the joint counts.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities. In-sample ones hide errors.
    joint : (k, k) int
        Of `calibrated_joint`.
    frac_noise : float from 0 to 1
        Share of the estimated errors of each pair to flag, those of largest lead first.
    min_examples_per_class : int
        A class that has no more rows is left alone.

    Returns
    -------
    (n,) bool

    Raises
    ------
    InputError
        Where labels, probs and joint do not belong together, or the share is none.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, method 4 "prune by noise rate". Ties are broken by row; rows of which
    the model prefers the given label are never flagged, as in cleanlab 2.9.

    Examples
    --------
    >>> import numpy as np
    >>> probs = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.1, 0.9]])
    >>> prune_by_noise_rate(np.array([0, 0, 0, 1]), probs, joint=np.array([[2, 1], [0, 1]]))
    array([False, False,  True, False])
    """
    counts = counts_for(probs, joint, frac_noise=frac_noise, min_examples_per_class=min_examples_per_class)
    return flags_by_noise_rate(find_candidates(labels, probs), counts, min_examples_per_class)


def flags_by_noise_rate(seen: Candidates, counts: npt.NDArray[np.int64], min_examples_per_class: int) -> Mask:
    """The flags, from one pass's candidates and the rows to prune (`prune_counts`).

    Only candidates can be flagged, and in a pair they come first as long as the other class leads; so the pairs are
    chosen from among few rows. Where a pair wants more rows than the other class leads in, the whole class is ranked.
    """
    large = seen.class_counts > max(min_examples_per_class, 1)
    wanted = counts if large.all() else np.where(large[:, None], counts, 0)
    return leading_rows(seen.labels, seen.probs, seen.doubted, wanted, lead=LEAD)
