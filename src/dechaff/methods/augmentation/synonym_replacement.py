"""Texts in which words are replaced by similar ones, or in which similar ones are inserted."""

from __future__ import annotations

import numpy as np

from dechaff.methods.augmentation.similar_words import SimilarWords, words_of_same_contexts
from dechaff.methods.augmentation.text_words import Words, each_text, n_changes
from dechaff.typing import Texts


def synonym_replacement(
    texts: Texts, strength: float, rng: np.random.Generator, *, similar: SimilarWords | None = None
) -> Texts:
    """Texts in which random words are replaced by similar ones.

    Parameters
    ----------
    texts : (n,) str
    strength : float above 0
        Fraction of the words of a text that are replaced; at least one, if it has similar ones.
    rng : Generator
    similar : dict or None
        Word in lower case -> words that may replace it, such as synonyms. None: `words_of_same_contexts`.

    Returns
    -------
    (n,) str

    Source
    ------
    Wei, Zou (2019), EDA, EMNLP: synonym replacement. Differs: the source of similar words, for want of a WordNet in
    every language.

    Examples
    --------
    >>> texts = np.array(["a good film"], dtype=object)
    >>> synonym_replacement(texts, 0.1, np.random.default_rng(0), similar={"good": ["fine"]}).tolist()
    ['a fine film']
    """
    known = words_of_same_contexts(texts) if similar is None else similar

    def change(words: Words) -> Words:
        places = [place for place, word in enumerate(words) if word.lower() in known]
        for place in rng.permutation(places)[: n_changes(words, strength)] if places else ():
            words[place] = str(rng.choice(known[words[place].lower()]))
        return words

    return each_text(texts, change)


def synonym_insertion(
    texts: Texts, strength: float, rng: np.random.Generator, *, similar: SimilarWords | None = None
) -> Texts:
    """Texts with similar words of some of their words inserted at random places.

    Parameters, result as in `synonym_replacement`; `strength` is the number of insertions per word. A text in which no
    word has similar ones stays as it is.

    Source
    ------
    Wei, Zou (2019), EDA, EMNLP: random insertion. Differs: the source of similar words.

    Examples
    --------
    >>> texts = np.array(["a good film"], dtype=object)
    >>> synonym_insertion(texts, 0.1, np.random.default_rng(0), similar={"good": ["fine"]}).tolist()
    ['a good film fine']
    """
    known = words_of_same_contexts(texts) if similar is None else similar

    def change(words: Words) -> Words:
        inserted = [word.lower() for word in words if word.lower() in known]
        for _ in range(n_changes(words, strength) if inserted else 0):
            words.insert(int(rng.integers(len(words) + 1)), str(rng.choice(known[str(rng.choice(inserted))])))
        return words

    return each_text(texts, change)
