"""Words that may stand for another: of a dictionary, or those that occur in the same contexts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from dechaff.typing import Texts

SimilarWords = Mapping[str, Sequence[str]]
"""Word in lower case -> words that may replace it."""
_FEWEST_CONTEXTS = 2


def words_of_same_contexts(texts: Texts) -> SimilarWords:
    """For each word, the words that occur in the texts between the same two neighbours, at least twice.

    A small substitute for a dictionary of synonyms, which depends on the language. Such words are of the same kind, but
    may be opposites, such as good and bad: whether labels survive must be measured.

    Parameters
    ----------
    texts : (n,) str

    Returns
    -------
    dict
        Up to five words for each word, the one with most common contexts first.

    Source
    ------
    Harris (1954), Distributional structure, Word 10: words are similar if they occur in the same contexts.

    Examples
    --------
    >>> import numpy as np
    >>> texts = ["a good film", "a great film", "very good acting", "very great acting"]
    >>> words_of_same_contexts(np.array(texts, dtype=object))["good"]
    ('great',)
    """
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for text in texts:
        words = ["", *str(text).lower().split(), ""]
        for left, word, right in zip(words, words[1:], words[2:], strict=False):
            found[left, right].add(word)
    shared: dict[str, Counter[str]] = defaultdict(Counter)
    for among in found.values():
        if 1 < len(among) <= 30:  # a context that nearly every word fits says nothing
            for word in sorted(among):
                shared[word].update(sorted(among - {word}))
    often = {
        word: [one for one, n in counts.most_common(5) if n >= _FEWEST_CONTEXTS] for word, counts in shared.items()
    }
    return {word: tuple(others) for word, others in sorted(often.items()) if others}
