"""Texts in which words change places."""

from __future__ import annotations

import numpy as np

from dechaff.methods.augmentation.text_words import Words, each_text, n_changes
from dechaff.typing import Texts


def word_swap(texts: Texts, strength: float, rng: np.random.Generator) -> Texts:
    """Texts in which random pairs of words are swapped.

    Parameters
    ----------
    texts : (n,) str
    strength : float above 0
        Number of swaps per word; at least one swap.
    rng : Generator

    Returns
    -------
    (n,) str

    Source
    ------
    Wei, Zou (2019), EDA, EMNLP: random swap.

    Examples
    --------
    >>> word_swap(np.array(["one two three four"], dtype=object), 0.1, np.random.default_rng(0)).tolist()
    ['one two four three']
    """

    def change(words: Words) -> Words:
        for _ in range(n_changes(words, strength) if len(words) > 1 else 0):
            one, other = rng.choice(len(words), 2, replace=False)
            words[one], words[other] = words[other], words[one]
        return words

    return each_text(texts, change)
