"""The prediction that maximises balanced accuracy, and calibration that keeps the fractions of the classes."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from dechaff.checks import check_labels, check_probs
from dechaff.errors import InputError
from dechaff.typing import ClassVector, Labels, Numbers, Probs

SMALLEST_PROBABILITY = 1e-4
"""Smaller ones count as this: one zero of a forest would otherwise outweigh a thousand ordinary rows."""
_LOWEST, _HIGHEST = 0.1, 10.0


def balanced_predictions(probs: Probs, class_fractions: ClassVector) -> Labels:
    """The class of each row whose probability is largest compared with how frequent the class is.

    Balanced accuracy is the mean of the recalls of all classes. A row of a class with the fraction f counts 1/f there,
    so the best prediction is the class with the largest probability divided by f. For two classes that moves the
    threshold from one half to the fraction of the rare class. Rows made by oversampling teach a model the same
    threshold, and false probabilities with it.

    Parameters
    ----------
    probs : (n, k) float, rows sum to 1
    class_fractions : (k,) float above 0
        Fractions of the classes among the rows that the model was trained on.

    Returns
    -------
    (n,) int, 0 … k-1

    Raises
    ------
    InputError
        If there is not one fraction above 0 per class.

    Source
    ------
    Menon, Narasimhan, Agarwal, Chawla (2013), On the statistical consistency of algorithms for binary classification
    under class imbalance, ICML, for the threshold; Menon et al. (2021), Long-tail learning via logit adjustment, ICLR,
    equation 4, for several classes.

    Examples
    --------
    >>> balanced_predictions(np.array([[0.97, 0.03], [0.9, 0.1]]), np.array([0.95, 0.05]))
    array([0, 1])
    """
    return np.asarray((check_probs(probs) / _checked(class_fractions, probs.shape[1])).argmax(axis=1), dtype=np.int64)


def sharpened_around(probs: Probs, class_fractions: ClassVector, *, power: float) -> Probs:
    """Probabilities that are nearer to the fractions of the classes, or farther from them.

    The ratio of each probability to the fraction of its class is raised to a power. `balanced_predictions` stay the
    same. Temperature scaling draws probabilities to equal classes instead, which is wrong for rare ones.

    Parameters
    ----------
    probs : (n, k) float, rows sum to 1
    class_fractions : (k,) float above 0
    power : float above 0
        Of `fit_power_around`; below 1 the result is less extreme.

    Returns
    -------
    (n, k) float, rows sum to 1

    Source
    ------
    Guo, Pleiss, Sun, Weinberger (2017), On calibration of modern neural networks, ICML, temperature scaling. Differs:
    of the ratios to the fractions of the classes.

    Examples
    --------
    >>> sharpened_around(np.array([[0.5, 0.5]]), np.array([0.9, 0.1]), power=0.5).round(2)
    array([[0.75, 0.25]])
    """
    prior = np.log(_checked(class_fractions, probs.shape[1]))
    logits = prior + power * (np.log(np.maximum(check_probs(probs), SMALLEST_PROBABILITY)) - prior)
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def fit_power_around(labels: Labels, probs: Probs, class_fractions: ClassVector) -> float:
    """The power of `sharpened_around` with the smallest log-loss.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities.
    class_fractions : (k,) float above 0

    Returns
    -------
    float from 0.1 to 10

    Source
    ------
    As `sharpened_around`. The log-loss is convex in the power.

    Examples
    --------
    >>> probs = np.array([[0.999, 0.001], [0.999, 0.001], [0.001, 0.999]] * 2)
    >>> round(fit_power_around(np.array([0, 0, 1, 0, 1, 1]), probs, np.array([0.5, 0.5])), 1)
    0.2
    """
    check_labels(labels, probs.shape[1])
    rows = np.arange(len(labels))

    def loss(power: float) -> float:
        right: Numbers = sharpened_around(probs, class_fractions, power=power)[rows, labels]
        return float(-np.log(np.maximum(right, 1e-300)).mean())

    found = minimize_scalar(loss, bounds=(_LOWEST, _HIGHEST), method="bounded")
    return float(found.x)


def _checked(class_fractions: ClassVector, n_classes: int) -> ClassVector:
    fractions = np.asarray(class_fractions, dtype=np.float64)
    if fractions.shape != (n_classes,) or not (fractions > 0).all():
        fix = "Pass np.bincount(labels) / len(labels) of the training rows."
        raise InputError("class_fractions", f"be {n_classes} numbers above 0", f"{fractions.tolist()}", fix)
    return fractions
