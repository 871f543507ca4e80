"""Texts with punctuation marks inserted between the words."""

from __future__ import annotations

import numpy as np

from dechaff.methods.augmentation.text_words import Words, each_text
from dechaff.typing import Texts

MARKS = (".", ";", "?", ":", "!", ",")


def punctuation_insertion(texts: Texts, strength: float, rng: np.random.Generator) -> Texts:
    """Texts with random punctuation marks inserted; all words and their order stay.

    Parameters
    ----------
    texts : (n,) str
    strength : float above 0
        Most marks per word; the source takes one third.
    rng : Generator

    Returns
    -------
    (n,) str

    Source
    ------
    Karimi, Rossi, Prati (2021), AEDA: an easier data augmentation technique, Findings of EMNLP.

    Examples
    --------
    >>> punctuation_insertion(np.array(["one two three"], dtype=object), 1 / 3, np.random.default_rng(0)).tolist()
    ['one two three :']
    """

    def change(words: Words) -> Words:
        for _ in range(int(rng.integers(1, max(1, int(strength * len(words))) + 1))):
            words.insert(int(rng.integers(len(words) + 1)), MARKS[int(rng.integers(len(MARKS)))])
        return words

    return each_text(texts, change)
