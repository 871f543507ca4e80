"""Texts with spelling mistakes, in which a model has to fall back on parts of words."""

from __future__ import annotations

import numpy as np

from dechaff.methods.augmentation.text_words import Words, each_text, n_changes
from dechaff.typing import Texts

_SHORTEST = 4


def misspelling(texts: Texts, strength: float, rng: np.random.Generator) -> Texts:
    """Texts in which random words have one spelling mistake: two letters swapped, one dropped, or one doubled.

    First and last letters and words of up to three letters stay, so that the texts stay easy to read.

    Parameters
    ----------
    texts : (n,) str
    strength : float above 0
        Fraction of the words that are misspelled; at least one, if a word is long enough.
    rng : Generator

    Returns
    -------
    (n,) str

    Source
    ------
    Pruthi, Dhingra, Lipton (2019), Combating adversarial misspellings with robust word recognition, ACL, section 3.
    Differs: a letter is doubled instead of a random one added, so that no alphabet is needed.

    Examples
    --------
    >>> misspelling(np.array(["a wonderful film"], dtype=object), 0.1, np.random.default_rng(0)).tolist()
    ['a wondrful film']
    """

    def change(words: Words) -> Words:
        places = [place for place, word in enumerate(words) if len(word) >= _SHORTEST]
        for place in rng.permutation(places)[: n_changes(words, strength)] if places else ():
            words[place] = _misspelled(words[place], rng)
        return words

    return each_text(texts, change)


def _misspelled(word: str, rng: np.random.Generator) -> str:
    at, mistake = int(rng.integers(1, len(word) - 2)), int(rng.integers(3))
    inside = (word[at + 1] + word[at], word[at + 1], word[at] * 2 + word[at + 1])[mistake]
    return word[:at] + inside + word[at + 2 :]
