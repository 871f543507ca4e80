"""Texts as sets of shingles: runs of three words and of eight characters, blind to case, spacing and punctuation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.hash_sets import RUN, Hashes, Positions, mix, ragged_ranges, run_hashes
from dechaff.core.word_hashes import Words, hashes_of
from dechaff.typing import Axes

_SPACE = 32


@dataclass(frozen=True)
class Grams:
    """Runs of eight characters of n texts, one text after the other: ``counts`` (n,) of each, repeats included."""

    hashes: Hashes
    counts: Positions


def grams(words: Words) -> Grams:
    """The runs of eight characters of each text, whose words are joined by single spaces.

    A text of up to eight characters is one run, one without words none. A character outside ASCII counts as one,
    like any other: it is reduced to seven bits first.

    Source
    ------
    Broder (1997), On the resemblance and containment of documents, with characters in place of words.

    Examples
    --------
    >>> from dechaff.core.word_hashes import words_of
    >>> found = grams(words_of(["A red door.", "a  RED, door", "", "Façade"]))
    >>> found.counts
    array([3, 3, 0, 1])
    """
    flat = np.frombuffer(words.joined, dtype=np.uint8)
    kept = flat != _SPACE
    kept[words.starts + words.sizes] = True  # the space after each word
    if not words.joined.isascii():
        flat = flat.copy()
        _reduce_to_one_byte(flat, kept)
    before = np.concatenate([[0], np.cumsum(kept)])
    firsts, totals = np.zeros((2, len(words.counts)), dtype=np.int64)
    filled = np.flatnonzero(words.counts)
    last = np.cumsum(words.counts)[filled] - 1
    firsts[filled] = before[words.starts[last + 1 - words.counts[filled]]]
    totals[filled] = before[words.starts[last] + words.sizes[last]] - firsts[filled]
    line = np.concatenate([flat[kept], np.full(RUN, _SPACE, dtype=np.uint8)]).tobytes()
    return Grams(*run_hashes(line, firsts, totals))


def _reduce_to_one_byte(flat: npt.NDArray[np.uint8], kept: npt.NDArray[np.bool_]) -> None:
    """One byte for each character of several, in place: neighbours in an alphabet of two bytes stay different."""
    continues = (flat & 0xC0) == 0x80
    kept &= ~continues
    at = np.flatnonzero(flat >= 0xC0)
    reduced, more = flat[at] * np.uint8(64) + flat[at + 1], continues[at + 1]
    for step, weight in ((2, 37), (3, 11)):
        more = more & continues[at + step]
        reduced = reduced + flat[at + step] * np.uint8(weight) * more
    flat[at] = reduced | np.uint8(0x80)


Contents = Annotated[npt.NDArray[np.uint64], Axes("n 2")]
"""128 bits per row, equal for rows of the same content."""

_WEIGHTS = tuple(np.uint64(w) for w in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))


@dataclass(frozen=True)
class Shingles:
    """All shingles of n texts, one after the other.

    ``hashes[starts[i]:starts[i + 1]]`` are those of text i (repeated ones stay); ``n_words`` (n,) counts its words;
    ``content`` (n, 2) hashes the whole run of words: equal for texts that differ only in case, spacing, punctuation.
    """

    hashes: Hashes
    starts: Positions
    n_words: Positions
    content: Contents


def shingles(texts: Words) -> Shingles:
    """The runs of three words of each text, as 64-bit hashes that depend on nothing but the words.

    A text of one or two words is one shingle; a text without words has none.

    Source
    ------
    Broder (1997), On the resemblance and containment of documents.

    Examples
    --------
    >>> from dechaff.core.word_hashes import words_of
    >>> found = shingles(words_of(["A red door, open.", "a RED  door open", ""]))
    >>> np.diff(found.starts)
    array([2, 2, 0])
    >>> bool((found.hashes[:2] == found.hashes[2:]).all()), bool((found.content[0] == found.content[1]).all())
    (True, True)
    """
    words, n_words = hashes_of(texts), texts.counts
    firsts = np.cumsum(n_words) - n_words
    counts = np.where(n_words >= 3, n_words - 2, np.minimum(n_words, 1))
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    padded = np.concatenate([words, np.zeros(2, dtype=np.uint64)])
    sums = padded[:-2] * _WEIGHTS[0] + padded[1:-1] * _WEIGHTS[1] + padded[2:] * _WEIGHTS[2]
    hashes = sums[ragged_ranges(firsts, counts)]
    short = np.flatnonzero((n_words == 1) | (n_words == 2))
    second = np.where(n_words[short] == 2, padded[firsts[short] + 1] * _WEIGHTS[1], np.uint64(1))
    hashes[starts[short]] = padded[firsts[short]] * _WEIGHTS[0] + second
    return Shingles(mix(np.asarray(hashes, dtype=np.uint64)), starts, n_words, _contents(words, firsts, n_words))


def _contents(words: Hashes, firsts: Positions, n_words: Positions) -> Contents:
    """Sums over the words of each text, every word mixed with its place, in two independent ways."""
    place = np.arange(len(words), dtype=np.int64) - np.repeat(firsts, n_words)
    terms = mix(words ^ mix(place.astype(np.uint64) + np.uint64(1)))
    out = np.empty((len(firsts), 2), dtype=np.uint64)
    for half, some in enumerate((terms, mix(terms))):
        # Sums of the texts as differences of a running sum: exact, for both wrap around at 2**64.
        total = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(some, dtype=np.uint64)])
        out[:, half] = total[firsts + n_words] - total[firsts]
    return out
