"""How many test labels look wrong, and what difference between two models they could hide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.typing import Labels, Mask, Probs

SURE = 0.75
"""Least probability of another class that contradicts a test label."""


@dataclass(frozen=True)
class LabelDoubt:
    """Test rows whose label per model rejects, and what it means for the difference in accuracy.

    ``hidden_gain`` is how much higher, ``hidden_loss`` how much lower the difference after - before would be
    if the labels that ``after`` (that ``before``) rejects were indeed wrong.
    """

    suspect: Mask
    hidden_gain: float
    hidden_loss: float


def doubtful_labels(labels: Labels, before: Probs, after: Probs) -> LabelDoubt:
    """Test rows whose given label the better-fed model rejects with confidence.

    A row is suspect where `after` gives another class at least `SURE` and at least that class's own mean
    probability among the test rows labelled with it (the threshold of confident learning), so a model that is
    always sure needs to be surer. A wrong label turns right into wrong: where `before` repeats the label and
    `after` rejects it, the row counts one against `after` and should count one for it, so it hides 2/n.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Labels of the test rows.
    before, after : (n, k) float
        Probabilities of the two models, averaged over seeds.

    Source
    ------
    Thresholds: Northcutt, Jiang, Chuang (2021), JAIR 70. That test errors hide and turn differences:
    Northcutt, Athalye, Mueller (2021), NeurIPS Datasets and Benchmarks.

    Examples
    --------
    >>> labels = np.array([0, 0, 1, 1])
    >>> before = np.array([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8], [0.2, 0.8]])
    >>> after = np.array([[0.9, 0.1], [0.05, 0.95], [0.1, 0.9], [0.1, 0.9]])
    >>> doubt = doubtful_labels(labels, before, after)
    >>> doubt.suspect.tolist(), doubt.hidden_gain, doubt.hidden_loss
    ([False, True, False, False], 0.5, 0.0)
    """
    rejected_after, rejected_before = _rejected(labels, after), _rejected(labels, before)
    repeats_before = before.argmax(axis=1) == labels
    repeats_after = after.argmax(axis=1) == labels
    return LabelDoubt(
        rejected_after,
        float(2 * (rejected_after & repeats_before).mean()),
        float(2 * (rejected_before & repeats_after).mean()),
    )


def _rejected(labels: Labels, probs: Probs) -> Mask:
    predicted = probs.argmax(axis=1)
    sure = probs[np.arange(len(probs)), predicted]
    size = np.bincount(labels, minlength=probs.shape[1])
    of_label = np.bincount(labels, weights=probs[np.arange(len(probs)), labels], minlength=probs.shape[1])
    usual = np.divide(of_label, size, out=np.ones(len(size)), where=size > 0)
    return np.asarray((predicted != labels) & (sure >= SURE) & (sure >= usual[predicted]))
