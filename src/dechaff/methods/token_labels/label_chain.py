"""What the order of labels says of each token: some labels follow others often, some never."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.methods.token_labels.sentence_score import Sentences
from dechaff.typing import Axes, ClassMatrix, ClassVector, Labels, Probs

LEAST_COUNT = 1e-3
"""Of every pair of labels: one that never occurs is all but ruled out, and no sentence is impossible."""
_TINY = 1e-300
Few = Annotated[npt.NDArray[np.float64], Axes("m k")]


@dataclass(frozen=True)
class LabelChain:
    """How labels follow one another."""

    first: ClassVector
    """Shares among the first tokens of sentences."""
    follows: ClassMatrix
    """``follows[i, j]`` = p(next = j | this = i); rows sum to 1."""
    shares: ClassVector
    """Mean probabilities of the tokens: what each of them has counted in already."""


def label_chain(labels: Labels, probs: Probs, sentences: Sentences) -> LabelChain:
    """How often each label begins a sentence and follows each other one, read from the given labels.

    In labels of the BIO kind the table learns by itself that I-PER never follows O. Wrong labels blur it little: an
    error in a hundred leaves 98 of a hundred pairs as they were.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels of all tokens, sentence after sentence.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities.
    sentences : Sentences
        Their lengths.

    Source
    ------
    Rabiner (1989), Proceedings of the IEEE 77, hidden Markov models, with the states counted, as labels are seen.

    Examples
    --------
    >>> chain = label_chain(np.array([0, 1, 0, 1]), np.full((4, 2), 0.5), Sentences(np.array([4])))
    >>> chain.follows.round(2)
    array([[0., 1.],
           [1., 0.]])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    k = probs.shape[1]
    before = np.flatnonzero(~sentences.is_last())
    pairs = np.bincount(labels[before] * k + labels[before + 1], minlength=k * k).reshape(k, k) + LEAST_COUNT
    first = np.bincount(labels[sentences.is_first()], minlength=k) + LEAST_COUNT
    shares = probs.mean(axis=0) if len(probs) else np.full(k, 1 / k)
    return LabelChain(first / first.sum(), pairs / pairs.sum(axis=1, keepdims=True), np.maximum(shares, _TINY))


def in_context(probs: Probs, sentences: Sentences, chain: LabelChain, *, weight: float) -> Probs:
    """Probabilities of each token's labels, given also its neighbours' probabilities.

    A tagger that labels each token by itself says what the words suggest; the chain adds which labels fit together in
    the sentence, forwards and backwards. A tagger that has read the neighbours has used some of that already: its
    chain gets less weight.

    Parameters
    ----------
    probs, sentences : as in `label_chain`
    chain : LabelChain
        Of `label_chain`.
    weight : float from 0 to 1
        Power of the chain: 0 leaves the probabilities as they are, 1 assumes that words alone distinguish tokens.

    Returns
    -------
    (n, k) float, rows sum to 1

    Source
    ------
    Rabiner (1989), Proceedings of the IEEE 77, forward-backward. Differs: the chain is raised to a power.

    Examples
    --------
    A doubtful token between two sure ones, in sentences that alternate:

    >>> chain = label_chain(np.array([0, 1, 0, 1]), np.full((4, 2), 0.5), Sentences(np.array([4])))
    >>> probs = np.array([[0.9, 0.1], [0.5, 0.5], [0.9, 0.1]])
    >>> in_context(probs, Sentences(np.array([3])), chain, weight=1.0).argmax(axis=1)
    array([0, 1, 0])
    """
    first = _unit(chain.first[None, :] ** weight)[0]
    follows = _unit(chain.follows**weight)
    seen = probs / chain.shares**weight
    before, after = np.empty_like(probs), np.empty_like(probs)
    for place, rows in enumerate(sentences.forwards()):
        before[rows] = _unit(seen[rows] * (before[rows - 1] @ follows if place else first))
    lasts = sentences.starts + sentences.lengths - 1
    for place in range(int(sentences.lengths.max(initial=0))):
        rows = lasts[sentences.lengths > place] - place
        after[rows] = _unit((seen[rows + 1] * after[rows + 1]) @ follows.T) if place else 1.0
    return _unit(before * after)


def _unit(rows: Few) -> Few:
    """Rows that sum to one; even ones where underflow has left nothing."""
    total = rows.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, rows / np.maximum(total, _TINY), 1 / rows.shape[1]))


WEIGHTS = (0.5, 1.0)
_SMALLEST = 1e-9
Sharpen = Callable[[Labels, Probs], Probs]
"""``sharpen(labels, probs) -> probs``, calibrated, so that overconfident probabilities are not compared."""


def probs_in_context(
    labels: Labels, probs: Probs, sentences: Sentences, *, sharpen: Sharpen = lambda labels, probs: probs
) -> tuple[Probs, float]:
    """The probabilities with what the neighbours add, and the weight that the neighbours got; 0 = as they were.

    The weight of largest likelihood of the given labels: one, a half or none. A tagger that knows the order of labels
    already gets 0; a smaller weight that gains little would take from doubtful tokens more than it gives to plain ones.

    Parameters
    ----------
    labels, probs, sentences : as in `label_chain`
    sharpen : function of labels and probs, default none
        Calibrates each candidate before its likelihood is read.

    Returns
    -------
    (n, k) float, rows sum to 1; and float from 0 to 1

    Source
    ------
    This library. Measured on the corrected CoNLL-2003 test labels in ``benchmarks/token_errors.py``.

    Examples
    --------
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
    return fits[best], best


def _likelihood(labels: Labels, probs: Probs) -> float:
    return float(np.log(np.maximum(probs[np.arange(len(labels)), labels], _SMALLEST)).mean())
