"""Texts as sets of shingles: runs of three words, blind to case, spacing and punctuation; and keys of near texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import StatelessFold
from dechaff.core.over_arrays import map_and_fold
from dechaff.core.word_hashes import Hashes, Positions, mix, text_blocks, word_hashes
from dechaff.typing import Axes, Chunk, Texts


def ragged_ranges(starts: Positions, counts: Positions) -> Positions:
    """``starts[i], starts[i] + 1, …`` of length ``counts[i]``, for each i, in one array.

    Examples
    --------
    >>> ragged_ranges(np.array([5, 0]), np.array([2, 3]))
    array([5, 6, 0, 1, 2])
    """
    before = np.cumsum(counts) - counts
    return np.asarray(np.repeat(starts - before, counts) + np.arange(int(counts.sum())), dtype=np.int64)


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


def shingles(texts: Texts) -> Shingles:
    """The shingles of each text, as 64-bit hashes that depend on nothing but the words.

    A text of one or two words is one shingle; a text without words has none.

    Parameters
    ----------
    texts : (n,) object array of str

    Source
    ------
    Broder (1997), On the resemblance and containment of documents.

    Examples
    --------
    >>> found = shingles(np.array(["A red door, open.", "a RED  door open", ""], dtype=object))
    >>> np.diff(found.starts)
    array([2, 2, 0])
    >>> bool((found.hashes[:2] == found.hashes[2:]).all()), bool((found.content[0] == found.content[1]).all())
    (True, True)
    """
    words, n_words = word_hashes(texts.tolist())
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


N_BANDS, BAND_ROWS = 20, 5
"""A pair of Jaccard similarity s becomes a candidate with 1 - (1 - s^5)^20: .997 at .75, .05 at .3."""
MIN_WORDS = 5
"""Shorter texts coincide by themselves; one word of difference is another text there."""
BAND_NAMES = tuple(f"band_{band:02}" for band in range(N_BANDS))

_FACTORS = (mix(np.arange(1, N_BANDS * BAND_ROWS + 1, dtype=np.uint64)) >> np.uint64(32)).astype(np.uint32) | np.uint32(
    1
)
_BAND_WEIGHTS = mix(np.arange(1, BAND_ROWS + 1, dtype=np.uint64) << np.uint64(8)) | np.uint64(1)


@dataclass(frozen=True)
class TextKeys(StatelessFold):
    """A row map of `texts` whose answers `near_texts_of` works on: 180 bytes per row, whatever the length of the text.

    ``content`` and ``content_low`` are 128 bits, equal for texts of the same words; ``words`` is their number, which
    says what a comparison of the text costs; ``band_00`` … are the keys of its buckets. All but ``words`` are 0 for
    texts of fewer than `MIN_WORDS`, which are compared with none. Each is a column of its own, so that a pass over
    one band reads nothing of the others.
    """

    columns: ClassVar[tuple[str, ...]] = ("texts",)

    def rows_and_state(self, chunk: Chunk) -> tuple[Chunk, None]:
        """The columns by name."""
        texts = chunk["texts"]
        content = np.zeros((2, len(texts)), dtype=np.uint64)
        words = np.empty(len(texts), dtype=np.int64)
        bands = np.zeros((N_BANDS, len(texts)), dtype=np.uint64)
        for block in text_blocks(texts):
            sets = shingles(texts[block])
            words[block] = sets.n_words
            rows = np.flatnonzero(sets.n_words >= MIN_WORDS)
            content[:, block.start + rows] = sets.content[rows].T
            bands[:, block.start + rows] = _band_keys(_signatures(sets, rows))
        named = dict(zip(BAND_NAMES, bands, strict=True))
        return {"content": content[0], "content_low": content[1], "words": words, **named}, None


def text_keys(texts: Texts) -> Chunk:
    """The columns of `TextKeys` for texts in memory.

    Examples
    --------
    >>> keys = text_keys(np.array(["The cat sat on the mat.", "the CAT sat on  the mat!", "A cat"], dtype=object))
    >>> keys["words"], bool(keys["band_07"][0] == keys["band_07"][1])
    (array([6, 6, 2]), True)
    """
    return map_and_fold(TextKeys(), texts=texts)[0]


def _signatures(sets: Shingles, rows: Positions) -> npt.NDArray[np.uint32]:
    """Least value of each of 100 hash functions (a product modulo 2**32) over the shingles of a text: (100, rows)."""
    counts = sets.starts[rows + 1] - sets.starts[rows]
    hashes = (sets.hashes[ragged_ranges(sets.starts[rows], counts)] >> np.uint64(32)).astype(np.uint32)
    starts = np.cumsum(counts) - counts
    out = np.empty((len(_FACTORS), len(rows)), dtype=np.uint32)
    values = np.empty_like(hashes)
    for least, factor in zip(out, _FACTORS, strict=True):
        if len(rows):
            np.multiply(hashes, factor, out=values)
            np.minimum.reduceat(values, starts, out=least)
    return out


def _band_keys(signatures: npt.NDArray[np.uint32]) -> Hashes:
    """One number per band, (20, rows), in which every entry of the band counts."""
    bands = signatures.reshape(N_BANDS, BAND_ROWS, -1)
    return mix((bands * _BAND_WEIGHTS[None, :, None]).sum(axis=1, dtype=np.uint64))
