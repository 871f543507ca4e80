"""Texts without some of their words."""

from __future__ import annotations

import numpy as np

from dechaff.methods.augmentation.text_words import Words, each_text
from dechaff.typing import Texts


def word_deletion(texts: Texts, strength: float, rng: np.random.Generator) -> Texts:
    """Texts from which random words are deleted; at least one word stays.

    Parameters
    ----------
    texts : (n,) str
    strength : float from 0 to 1
        Probability that a word is deleted.
    rng : Generator

    Returns
    -------
    (n,) str

    Source
    ------
    Wei, Zou (2019), EDA, EMNLP: random deletion.

    Examples
    --------
    >>> word_deletion(np.array(["one two three four"], dtype=object), 0.3, np.random.default_rng(0)).tolist()
    ['one']
    """

    def change(words: Words) -> Words:
        stay = rng.random(len(words)) >= strength
        return [word for word, kept in zip(words, stay, strict=True) if kept] or [str(rng.choice(words))]

    return each_text(texts, change)
