"""Whether positives were labelled whatever they look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr
from scipy.stats import rankdata

from dechaff.checks import check_same_length
from dechaff.methods.pu.diagnostics.score_diagnoses import Diagnosis, not_checked
from dechaff.typing import Features, Mask, Numbers

NAME = "selection not at random"
LEFT_OUT = 0.25
"""Fraction of the labelled rows below the region: low enough to see how labelling varies, high enough to be pure."""
FEWEST = 10
"""Labelled and unlabelled rows that the region must have."""
CHANCE = 0.01
LEAST_SHIFT = 0.25
"""Difference of mean ranks that matters, in their standard deviations; impure regions bring about less, usually."""


@dataclass(frozen=True)
class _Difference:
    """The feature in which labelled and unlabelled rows of the region differ most surely."""

    column: int
    shift: float
    """Mean rank of the labelled less that of the others, in standard deviations of the ranks."""
    wins: float
    """How often a labelled row has the higher value, of 1; ties count half."""
    p: float
    """Of a difference as sure as this in any feature."""


def selection_at_random(
    label_probs: Numbers, labelled: Mask, features: Features, names: Sequence[str] = ()
) -> Diagnosis:
    """Whether labelled and unlabelled rows differ in a feature among rows that are positive, or nearly so.

    If positives were labelled at random, then among rows that are certainly positive the labelled ones look like the
    others. The region is made of the rows that score no less than three in four labelled rows. In it each feature's
    ranks are compared by Mann and Whitney's test, and the surest difference counts, times the number of features.
    It must also be of some size, for a region is never quite pure: labelled rows then are the purer ones.

    What it cannot see: selection that follows the score itself, such as the clearest positives first; and whole kinds
    of positives that are hardly ever labelled, which score low. What looks alike: classes that overlap so much that
    the region is a mixture. `classes_overlap` says whether they may.

    Parameters
    ----------
    label_probs : (n,) float from 0 to 1
        Out-of-fold g.
    labelled : (n,) bool
    features : (n, d) float
        What the labelling may have depended on; NaN counts as the lowest value of its column.
    feature_names : d names of the features, for the message; numbers if there are none.

    Returns
    -------
    Diagnosis
        `figure` is how much higher the labelled rows of the region rank in the feature that differs most, in standard
        deviations of its ranks; below 0 if they rank lower.

    Raises
    ------
    InputError
        If lengths differ.

    Source
    ------
    Mann, Whitney (1947), Annals of Mathematical Statistics 18, with the correction of Bonferroni (1936). Looking
    inside the region of high scores is what the check of the package pulearn does. Differs: the region goes by the
    labelled rows instead of a tenth of the unlabelled ones, so that rare and frequent positives are looked at alike;
    ranks instead of means; a test and a size instead of a size alone.

    Examples
    --------
    Of 1000 positives, mostly those are labelled whose second feature is high:

    >>> random = np.random.default_rng(0)
    >>> features = random.normal(size=(2000, 2)) + np.repeat([[4.0, 0.0], [0.0, 0.0]], 1000, axis=0)
    >>> chance = 1 / (1 + np.exp(-2 * features[:, 1]))
    >>> labelled = (np.arange(2000) < 1000) & (random.random(2000) < chance)
    >>> label_probs = np.where(np.arange(2000) < 1000, 0.5, 0.0)
    >>> found = selection_at_random(label_probs, labelled, features, ["size", "price"])
    >>> found.wrong, "price" in found.message
    (True, True)
    """
    check_same_length(label_probs=label_probs, labelled=labelled, features=features)
    region = np.flatnonzero(label_probs >= np.quantile(label_probs[labelled], LEFT_OUT))
    inside, rows = labelled[region], features[region]
    if min(inside.sum(), (~inside).sum()) < FEWEST:
        why = f"fewer than {FEWEST} labelled or unlabelled rows score as high as most labelled ones do"
        return not_checked(NAME, why)
    most = _greatest_difference(rows, inside)
    if most is None:
        return not_checked(NAME, "no feature varies among the rows that score as high as most labelled ones do")
    return _in_words(most, len(region), features.shape[1], names)


def _greatest_difference(rows: Features, labelled: Mask) -> _Difference | None:
    """None if no feature varies."""
    n, n_labelled = len(rows), int(labelled.sum())
    shifts, spreads = np.zeros(rows.shape[1]), np.zeros(rows.shape[1])
    for column in range(rows.shape[1]):
        ranks = rankdata(_finite(rows[:, column]))
        spreads[column] = ranks.std()
        if spreads[column] > 0:
            shifts[column] = (ranks[labelled].mean() - ranks[~labelled].mean()) / spreads[column]
    if not spreads.any():
        return None
    first = int(np.abs(shifts).argmax())
    # Ranks differ by n / 2 if all pairs are won; the test is that of Mann and Whitney, with ties.
    z = shifts[first] * np.sqrt(n_labelled * (n - n_labelled) * (n - 1)) / n
    p = min(float(2 * ndtr(-abs(z))) * rows.shape[1], 1.0)
    return _Difference(first, float(shifts[first]), float(0.5 + shifts[first] * spreads[first] / n), p)


def _finite(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(np.isnan(values), -np.inf, values)


def _in_words(most: _Difference, n: int, n_features: int, names: Sequence[str]) -> Diagnosis:
    feature = f'"{names[most.column]}"' if len(names) else f"feature {most.column}"
    higher = "higher" if most.wins >= 0.5 else "lower"
    pairs = round(100 * max(most.wins, 1 - most.wins))
    says = f"Among the {n} rows that score like labelled ones, labelled and unlabelled ones look alike"
    if most.p > CHANCE or abs(most.shift) < LEAST_SHIFT:
        says += f" (the greatest difference: a {higher} {feature} in {pairs} of 100 pairs)."
        return Diagnosis(NAME, False, most.shift, says)
    says = (
        f"Among the {n} rows that score like labelled ones, the labelled have a {higher} {feature} in {pairs} of 100 "
        f"pairs (p = {most.p:.1g}, of {n_features} features): which positives were labelled seems to depend on it. "
        "c and the class prior then count only the positives of the labelled kind."
    )
    do = (
        "Ask how rows came to be labelled, and have some of the highest unlabelled rows labelled whatever their "
        f"{feature}. If the classes overlap, that may be the cause instead."
    )
    return Diagnosis(NAME, True, most.shift, says, do)
