"""Is a model strong enough to find label errors? Only if it beats the class prior, and is not far behind a k-NN."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.typing import Groups, Labels, Probs, Score

LEAST = 1e-6
"""Probabilities below count as this much: a class that a fold has not seen gets 0."""
BLENDS = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97)
SURE = 3.0
"""Standard errors by which a gain must differ from 0."""
LEAST_INFORMATION = 0.01
"""Fraction of the label entropy that a model must remove: guards against models that are significant but useless."""
KEEPS_UP = 0.5
"""Fraction of the k-NN's gain that the model must reach."""


@dataclass(frozen=True)
class GuardResult:
    """Whether to trust the model, why not in words ('' if trusted), and the numbers behind it."""

    trusted: bool
    reason: str
    information: float
    knn_accuracy: float | None


def check_baseline(
    codes: Labels,
    probs: Probs,
    folds: npt.NDArray[np.int64],
    groups: Groups,
    knn_rows: npt.NDArray[np.int64],
    knn_probs: Probs | None,
    *,
    sure: float = SURE,
) -> GuardResult:
    """Compares out-of-fold probabilities with the class prior and, on `knn_rows`, with a k-NN.

    The comparison is by log-score, so that it works for rare classes, where accuracy does not. The
    probabilities are first mixed with the class prior, by a weight learnt on other folds: a model that is
    merely overconfident does not fail. Gains count from `sure` standard errors.
    """
    labelled = np.flatnonzero(codes >= 0)
    gain = gain_over_prior(codes[labelled], probs[labelled], folds[labelled])
    shares = np.bincount(codes[labelled], minlength=probs.shape[1]) / len(labelled)
    entropy = -float((shares * np.log(np.maximum(shares, LEAST))).sum())
    information = float(gain.mean()) / entropy
    knn_accuracy, lags = None, False
    if knn_probs is not None:
        knn_accuracy = float((knn_probs.argmax(axis=1) == codes[knn_rows]).mean())
        knn_gain = gain_over_prior(codes[knn_rows], knn_probs, folds[knn_rows])
        own_gain = gain_over_prior(codes[knn_rows], probs[knn_rows], folds[knn_rows])
        behind = bool(own_gain.mean() < KEEPS_UP * knn_gain.mean())
        lags = behind and _is_sure(knn_gain - own_gain, groups[knn_rows], sure)
    if not _is_sure(gain, groups[labelled], sure) or information < LEAST_INFORMATION:
        reason = _no_better_than_prior(information, codes[labelled], probs[labelled])
        return GuardResult(False, reason, information, knn_accuracy)
    if lags:
        return GuardResult(
            False, _worse_than_neighbours(codes, probs, knn_rows, knn_accuracy), information, knn_accuracy
        )
    return GuardResult(True, "", information, knn_accuracy)


def gain_over_prior(codes: Labels, probs: Probs, folds: npt.NDArray[np.int64]) -> Score:
    """(n,) log-score of each row's label minus that of the class prior, both from other folds."""
    n, n_classes = probs.shape
    own = probs[np.arange(n), codes]
    counts = np.bincount(codes, minlength=n_classes)
    names = np.unique(folds)
    prior = np.zeros(n)
    for fold in names:
        inside = folds == fold
        outside = counts - np.bincount(codes[inside], minlength=n_classes)
        # One row more, spread by the overall shares: a class of one row is unseen outside its fold.
        shares = (outside + counts / n) / (outside.sum() + 1)
        prior[inside] = shares[codes[inside]]
    gains = np.stack([np.log((1 - blend) * prior + blend * own) - np.log(prior) for blend in BLENDS])
    total = gains.sum(axis=1)
    gain = np.zeros(n)
    for fold in names:
        inside = folds == fold
        gain[inside] = gains[int(np.argmax(total - gains[:, inside].sum(axis=1)))][inside]
    return gain


def _is_sure(gain: Score, groups: Groups, sure: float) -> bool:
    """Is the mean significantly above 0? Rows of one group count as one observation."""
    alone = groups < 0
    tied = np.bincount(np.unique(groups[~alone], return_inverse=True)[1], weights=gain[~alone] - gain.mean())
    spread = np.sqrt(((gain[alone] - gain.mean()) ** 2).sum() + (tied**2).sum())
    return bool(gain.sum() > sure * spread)


def _no_better_than_prior(information: float, codes: Labels, probs: Probs) -> str:
    accuracy = float((probs.argmax(axis=1) == codes).mean())
    majority = float(np.bincount(codes).max() / len(codes))
    return (
        f"The baseline is too weak to judge labels: it predicts them no better than the class shares do "
        f"(accuracy {accuracy:.1%}, always the largest class {majority:.1%}; it removes "
        f"{max(information, 0.0):.1%} of the uncertainty about a label). Label scores are not to be trusted."
    )


def _worse_than_neighbours(codes: Labels, probs: Probs, rows: npt.NDArray[np.int64], knn_accuracy: float | None) -> str:
    accuracy = float((probs[rows].argmax(axis=1) == codes[rows]).mean())
    return (
        f"The baseline is too weak to judge labels: a vote of the nearest neighbours predicts them far better "
        f"(accuracy {knn_accuracy:.1%} against {accuracy:.1%} on {len(rows)} rows). Pass a better model."
    )


FEWEST_ROWS = 50
"""Below, agreement with the labels says nothing about where probabilities come from."""
AGREES, UNDERCONFIDENT, AVERAGED = 0.99, 0.1, 0.97
"""Agreement with the given labels that real labels, some of them wrong, hardly ever allow; and a smaller one, if the
model is far less sure than that: averages over bootstraps are, on rows that they have seen."""
TIMES_FEWER = 10.0
"""How many times fewer disagreements than without the model."""


def looks_in_sample(labels: Labels, probs: Probs) -> bool:
    """Whether a model agrees with so many labels that it may have been trained on these rows.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
    probs : (n, k) float, rows sum to 1

    Examples
    --------
    >>> labels = np.arange(100) % 2
    >>> looks_in_sample(labels, np.eye(2)[labels]), looks_in_sample(labels, np.full((100, 2), 0.5))
    (True, False)
    """
    if len(labels) < FEWEST_ROWS:
        return False
    agreement, confidence = float((probs.argmax(axis=1) == labels).mean()), float(probs.max(axis=1).mean())
    majority = float(np.bincount(labels).max() / len(labels))
    hardly_ever = agreement >= AGREES or (agreement >= AVERAGED and agreement - confidence >= UNDERCONFIDENT)
    return hardly_ever and (1 - agreement) * TIMES_FEWER <= 1 - majority


_MOST_ROWS, _MOST_NUMBERS = 20_000, 2_000_000
"""Rows and probabilities that `distrust` looks at: enough to be sure, at little cost."""
_FOLDS = 5
_NO_ROWS = np.zeros(0, dtype=np.int64)


def distrust(labels: Labels, probs: Probs) -> str:
    """Why results from these probabilities should not be believed; "" if there is no reason.

    A model that is independent of the labels makes them look like labels drawn at random; one that was trained on the
    rows agrees with nearly all of their labels.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; checked by the caller.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities; checked by the caller.

    Examples
    --------
    >>> labels, probs = np.arange(100) % 2, np.full((100, 2), 0.5)
    >>> distrust(labels, probs)[:41], distrust(labels, np.eye(2)[labels])[:41]
    ('These results should not be trusted: the ', 'The model agrees with 100.0% of the label')
    """
    step = max(1, -(-len(labels) // _MOST_ROWS), -(-probs.size // _MOST_NUMBERS))
    some = labels[::step]
    if len(np.unique(some)) < 2:
        one_class = "These results should not be trusted: all labels are of one class, which says nothing about noise"
        return one_class if len(some) > 1 else ""
    folds, alone = np.arange(len(some)) % _FOLDS, np.full(len(some), -1, dtype=np.int64)
    result = check_baseline(some, np.asarray(probs[::step], dtype=np.float64), folds, alone, _NO_ROWS, None)
    if result.trusted and not looks_in_sample(some, probs[::step]):
        return ""
    if result.trusted:
        return (
            f"The model agrees with {(probs[::step].argmax(axis=1) == some).mean():.1%} of the labels: either hardly "
            "any label is wrong, or it was trained on these rows, and hides their errors. If you are not sure, pass "
            "probabilities from cross-validation"
        )
    return (
        f"These results should not be trusted: the model predicts the labels no better than the class prior does "
        f"({max(result.information, 0.0):.1%} of the label entropy is removed). Either the model has no information "
        "about these rows, or the labels are unrelated to them"
    )
