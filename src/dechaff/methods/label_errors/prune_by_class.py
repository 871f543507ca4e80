"""The rows of each class that the model believes least, as many as the joint says are wrong."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.core.class_rows import class_rows
from dechaff.core.top_rows import top_rows
from dechaff.methods.label_errors.candidates import Candidates, find_candidates
from dechaff.methods.label_errors.prune_counts import counts_for
from dechaff.typing import Labels, Mask, Probs


def prune_by_class(
    labels: Labels,
    probs: Probs,
    *,
    joint: npt.NDArray[np.int64],
    frac_noise: float = 1.0,
    min_examples_per_class: int = 1,
) -> Mask:
    """Flags the least self-confident rows of each class, as many as the joint counts off its diagonal.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities. In-sample ones hide errors.
    joint : (k, k) int
        Of `calibrated_joint`.
    frac_noise : float from 0 to 1
        Share of the estimated errors to flag, the least confident first.
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
    Northcutt, Jiang, Chuang (2021), JAIR 70, method 3 "prune by class". Ties are broken by row; rows of which the
    model prefers the given label are never flagged, as in cleanlab 2.9.

    Examples
    --------
    >>> import numpy as np
    >>> probs = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.1, 0.9]])
    >>> prune_by_class(np.array([0, 0, 0, 1]), probs, joint=np.array([[2, 1], [0, 1]]))
    array([False, False,  True, False])
    """
    counts = counts_for(probs, joint, frac_noise=frac_noise, min_examples_per_class=min_examples_per_class)
    return flags_by_class(find_candidates(labels, probs), counts, min_examples_per_class)


def flags_by_class(seen: Candidates, counts: npt.NDArray[np.int64], min_examples_per_class: int) -> Mask:
    """The flags, from one pass's candidates and the rows to prune (`prune_counts`)."""
    flag = np.zeros(len(seen.labels), dtype=bool)
    by_class = class_rows(seen.labels, seen.n_classes)
    wrong = seen.class_counts - counts.diagonal()
    for code in np.flatnonzero((wrong > 0) & (seen.class_counts > max(min_examples_per_class, 1))).tolist():
        rows = by_class.of(code)
        flag[rows] = top_rows(-seen.given[rows], int(wrong[code]))
    return flag & seen.doubted
