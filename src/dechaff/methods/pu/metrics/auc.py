"""How well scores part positives from negatives, without knowing the negatives."""

from __future__ import annotations

import numpy as np

from dechaff.errors import InputError
from dechaff.methods.pu.metrics.threshold_counts import ThresholdCounts, threshold_counts
from dechaff.methods.pu.scheme import unlabelled_share
from dechaff.typing import Mask, Numbers


def pu_auc(labelled: Mask, scores: Numbers, c: float, *, weights: Numbers | None = None) -> float:
    """Chance that a positive row scores higher than a negative one.

    Against unlabelled rows it would be too low, since a share a of these is positive, and as likely above as below:
    ``AUC_pu = a / 2 + (1 - a) AUC``. This solves for AUC. The share a is that among the unlabelled rows, which is the
    class prior in the case-control scheme only; where one sample was labelled in part, it is less, and correcting by
    the class prior, as others do, gives too much.

    Parameters
    ----------
    labelled : (n,) bool, or 1 and 0
        The labelled positives.
    scores : (n,) float
        Higher = more likely positive, in any units, of rows that the model has not learnt from.
    c : float in (0, 1]
        Chance that a positive of these rows is labelled; whatever the scheme.
    weights : (n,) float, at least 0
        How often each row counts.

    Returns
    -------
    float
        Above 1 by chance, or where c is too low.

    Raises
    ------
    InputError
        Where lengths differ, no row is labelled or unlabelled, a score is missing, or c leaves no negative.

    Source
    ------
    Menon, van Rooyen, Ong, Williamson (2015), Learning from corrupted binary labels via class-probability estimation,
    ICML, corollary 3; Jain, White, Radivojac (2017), Recovering true classifier performance in positive-unlabeled
    learning, AAAI.

    Examples
    --------
    Two positives score above both negatives; one of the two is labelled:

    >>> pu_auc(np.array([True, False, False, False]), np.array([0.8, 0.8, 0.2, 0.1]), 0.5)
    1.0
    """
    found = threshold_counts(labelled, scores, weights)
    share = unlabelled_share(c, found.n_labelled, found.n_unlabelled)
    if share >= 1:
        raise InputError("c", "leave some unlabelled rows negative", f"{c}", "Hand in the c of these rows.")
    return (_pairs_won(found) - share / 2) / (1 - share)


def _pairs_won(found: ThresholdCounts) -> float:
    """Chance that a labelled row scores higher than an unlabelled one, ties counting half: the area by trapezoids."""
    area = np.trapezoid(np.append(0.0, found.labelled), np.append(0.0, found.unlabelled))
    return float(area) / (found.n_labelled * found.n_unlabelled)
