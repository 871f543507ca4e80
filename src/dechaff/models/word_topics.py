"""Texts as a few numbers each, by their words alone: cheap enough for every row of large data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.hash_sets import Hashes
from dechaff.core.word_hashes import text_blocks, word_hashes
from dechaff.models.columns import leading_directions
from dechaff.models.text import MAX_FEATURES, counted, frequent_grams, weighted
from dechaff.typing import Features, Texts


@dataclass(frozen=True)
class WordTopics:
    """The words that some texts share, and the directions in which their TF-IDF varies most.

    Parameters
    ----------
    words : (d,) uint64, ascending
        Hashes of the words that occur in at least two of the texts.
    rarity : (d,) float32
        The IDF weight of each.
    directions : (d, topics) float32

    Source
    ------
    Deerwester, Dumais, Furnas, Landauer, Harshman (1990), latent semantic analysis, JASIS 41.

    Examples
    --------
    >>> texts = np.array(["a red door", "a red wall", "The wall!", "the red door"], dtype=object)
    >>> WordTopics.of(texts, seed=0).rows(texts).shape
    (4, 3)
    """

    words: Hashes
    rarity: npt.NDArray[np.float32]
    directions: npt.NDArray[Any]

    @classmethod
    def of(cls, texts: Texts, *, seed: int) -> WordTopics:
        """The words and directions of these texts; none if no two texts share a word."""
        blocks = [word_hashes(texts[block].tolist()) for block in text_blocks(texts)]
        hashes = np.concatenate([np.zeros(0, dtype=np.uint64), *(hashes for hashes, _ in blocks)])
        n_words = np.concatenate([np.zeros(0, dtype=np.int64), *(counts for _, counts in blocks)])
        words, places = np.unique(hashes, return_inverse=True)
        counts = counted(places, np.repeat(np.arange(len(texts)), n_words), (len(texts), len(words)))
        kept, rarity = frequent_grams(counts, MAX_FEATURES)
        return cls(words[kept], rarity, leading_directions(weighted(counts[:, kept], rarity), n_iter=2, seed=seed))

    def rows(self, texts: Texts) -> Features:
        """(n, topics) float64; 0 for texts without known words."""
        found = np.zeros((len(texts), self.directions.shape[1]))
        for block in text_blocks(texts) if len(self.words) else ():
            hashes, n_words = word_hashes(texts[block].tolist())
            places = np.minimum(np.searchsorted(self.words, hashes), len(self.words) - 1)
            known = self.words[places] == hashes
            in_row = np.repeat(np.arange(len(n_words)), n_words)[known]
            counts = counted(places[known], in_row, (len(n_words), len(self.words)))
            found[block] = weighted(counts, self.rarity) @ self.directions
        return found
