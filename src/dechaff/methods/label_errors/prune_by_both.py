"""The rows on which pruning by class and pruning by noise rate agree."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.methods.label_errors.candidates import find_candidates
from dechaff.methods.label_errors.prune_by_class import flags_by_class
from dechaff.methods.label_errors.prune_by_noise_rate import flags_by_noise_rate
from dechaff.methods.label_errors.prune_counts import counts_for
from dechaff.typing import Labels, Mask, Probs


def prune_by_both(
    labels: Labels,
    probs: Probs,
    *,
    joint: npt.NDArray[np.int64],
    frac_noise: float = 1.0,
    min_examples_per_class: int = 1,
) -> Mask:
    """Flags the rows that `prune_by_class` and `prune_by_noise_rate` both flag.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities. In-sample ones hide errors.
    joint : (k, k) int
        Of `calibrated_joint`.
    frac_noise : float from 0 to 1
        Share of the estimated errors that each of the two flags.
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
    Northcutt, Jiang, Chuang (2021), JAIR 70, method 5 "C + NR".

    Examples
    --------
    >>> import numpy as np
    >>> probs = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.1, 0.9]])
    >>> prune_by_both(np.array([0, 0, 0, 1]), probs, joint=np.array([[2, 1], [0, 1]]))
    array([False, False,  True, False])
    """
    counts = counts_for(probs, joint, frac_noise=frac_noise, min_examples_per_class=min_examples_per_class)
    seen = find_candidates(labels, probs)
    by_class = flags_by_class(seen, counts, min_examples_per_class)
    return by_class & flags_by_noise_rate(seen, counts, min_examples_per_class)
