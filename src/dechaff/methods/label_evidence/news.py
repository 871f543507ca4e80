"""What further witnesses know that a model does not have in itself: the gate of every second opinion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dechaff.methods.label_evidence.fitted_softmax import tempered
from dechaff.methods.label_evidence.left_out_regression import left_out_regression
from dechaff.methods.label_evidence.mixture_weights import held_out_log_likelihood, likelihoods
from dechaff.methods.label_evidence.nearest_rows import nearest_outputs, neighbour_number
from dechaff.methods.label_evidence.neighbour_votes import neighbour_votes
from dechaff.typing import Labels, Probs

LEAST_NEWS = 0.25
"""Share of the gain that must be left beside what the model has in itself; views made from its own output keep .1 to
.2, embeddings of another origin .4 to .9."""
SURE = 3.0
"""Standard errors by which the news must exceed nothing."""


@dataclass(frozen=True)
class News:
    """What witnesses add to the log-likelihood of held-out labels, nats a row."""

    gain: float
    """To the model alone."""
    news: float
    """To the model together with what can be read from its own probabilities."""
    error: float
    """Standard error of `news`."""

    @property
    def helps(self) -> bool:
        """Whether the witnesses are to be heard: they gain, beyond chance, more than the model has in itself."""
        return self.gain > 0 and self.news > max(SURE * self.error, LEAST_NEWS * self.gain)


def news_of(labels: Labels, probs: Probs, witnesses: Sequence[Probs]) -> News:
    """How much likelier witnesses make labels that neither they nor the model have seen.

    Better likelihood alone does not mean better verdicts: nearest rows in the model's *own* output raise it, since
    they calibrate the model, and yet rank label errors worse. So witnesses are also tried beside exactly such
    neighbours and a linear calibration. What they still add there is news.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities.
    witnesses : one or more arrays (n, k) float, rows sum to 1
        Out-of-sample too.

    Returns
    -------
    News

    Source
    ------
    This library: an estimate of the conditional information of witnesses and labels, given the probabilities.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> true = rng.integers(0, 2, 1000)
    >>> one, other = (np.clip(0.5 + 0.3 * (2 * true - 1) + 0.3 * rng.normal(size=1000), 0.1, 0.9) for _ in "ab")
    >>> one, other = np.column_stack([1 - one, one]), np.column_stack([1 - other, other])
    >>> news_of(true, one, [other]).helps, news_of(true, one, [one**2 + one[:, ::-1] * one]).helps
    (True, False)
    """
    honest = tempered(probs, labels)  # a witness must not look like news for making the model less sure
    k = probs.shape[1]
    own = neighbour_votes(labels, nearest_outputs(honest, count=neighbour_number(len(labels))), k)
    calibrated = left_out_regression(labels, np.sqrt(honest), k)
    alone, beside = likelihoods([honest], labels), likelihoods([honest, own, calibrated], labels)
    heard = likelihoods(witnesses, labels)
    gain = held_out_log_likelihood(np.hstack([alone, heard])) - np.log(alone[:, 0])
    news = held_out_log_likelihood(np.hstack([beside, heard])) - held_out_log_likelihood(beside)
    return News(float(gain.mean()), float(news.mean()), float(news.std() / np.sqrt(max(len(news), 1))))
