"""How much the neighbours of a token may say, by how well its given label is then foretold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dechaff.checks import check_labels_and_probs
from dechaff.methods.token_labels.label_chain import in_context, label_chain
from dechaff.methods.token_labels.sentences import Sentences
from dechaff.typing import Labels, Probs

WEIGHTS = (0.25, 0.5, 1.0)
USUAL = 0.5
_SMALLEST = 1e-9
Sharpen = Callable[[Labels, Probs], Probs]
"""``sharpen(labels, probs) -> probs``, calibrated, so that overconfident probabilities are not compared."""


def probs_in_context(
    labels: Labels, probs: Probs, sentences: Sentences, *, sharpen: Sharpen = lambda labels, probs: probs
) -> tuple[Probs, float]:
    """The probabilities with what the neighbours add, and the weight that the neighbours got; 0 = as they were.

    The weight of largest likelihood of the given labels, where any is larger than without neighbours, but at least a
    half: most tokens are plain and tell a small weight from a larger one by little, while the doubtful ones, for whose
    sake all this is done, gain from the larger. A tagger that knows the order of labels already gets 0.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels of all tokens, sentence after sentence.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities.
    sentences : Sentences
        Their lengths.
    sharpen : function of labels and probs, default none
        Calibrates each candidate before its likelihood is read.

    Returns
    -------
    (n, k) float, rows sum to 1; and float from 0 to 1

    Source
    ------
    This library. Measured on the corrected CoNLL-2003 test labels in ``benchmarks/other_label_errors.py``; the half
    was chosen there.

    Examples
    --------
    >>> import numpy as np
    >>> labels, probs = np.tile([0, 1], 50), np.tile([[0.6, 0.4], [0.4, 0.6]], (50, 1))
    >>> probs_in_context(labels, probs, Sentences(np.full(10, 10)))[1]
    1.0
    """
    labels, probs = check_labels_and_probs(labels, probs)
    if not (sentences.lengths > 1).any():
        return probs, 0.0
    chain = label_chain(labels, probs, sentences)
    fits = {weight: in_context(probs, sentences, chain, weight=weight) for weight in WEIGHTS}
    likelihood = {weight: _likelihood(labels, sharpen(labels, fit)) for weight, fit in fits.items()}
    best = max(WEIGHTS, key=lambda weight: likelihood[weight])
    if likelihood[best] <= _likelihood(labels, sharpen(labels, probs)):
        return probs, 0.0
    weight = max(best, USUAL)
    return fits[weight], weight


def _likelihood(labels: Labels, probs: Probs) -> float:
    return float(np.log(np.maximum(probs[np.arange(len(labels)), labels], _SMALLEST)).mean())
