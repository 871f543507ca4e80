"""What is kept of a text to find its near copies: a hash of its content, and a key a band of its MinHash signature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import StatelessFold
from dechaff.core.over_arrays import map_and_fold
from dechaff.methods.duplicates.shingles import Hashes, Positions, Shingles, blocks_within, mix, ragged_ranges, shingles
from dechaff.typing import Chunk, Texts

N_BANDS, BAND_ROWS = 20, 5
"""A pair of Jaccard similarity s becomes a candidate with 1 - (1 - s^5)^20: .997 at .75, .05 at .3."""
MIN_WORDS = 5
"""Shorter texts coincide by themselves; one word of difference is another text there."""
BAND_NAMES = tuple(f"band_{band:02}" for band in range(N_BANDS))

_TEXTS_AT_ONCE, _SIGNS_AT_ONCE = 2048, 2**20
"""Their words, shingles and signatures stay in the cache."""
_FACTORS = (mix(np.arange(1, N_BANDS * BAND_ROWS + 1, dtype=np.uint64)) >> np.uint64(32)).astype(np.uint32) | np.uint32(
    1
)
_WEIGHTS = mix(np.arange(1, BAND_ROWS + 1, dtype=np.uint64) << np.uint64(8)) | np.uint64(1)


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


def text_blocks(texts: Texts) -> Iterator[slice]:
    """Runs of neighbouring texts that are worked on at a time."""
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    return blocks_within(lengths, _SIGNS_AT_ONCE, _TEXTS_AT_ONCE)


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
    """One number a band, (20, rows), in which every entry of the band counts."""
    bands = signatures.reshape(N_BANDS, BAND_ROWS, -1)
    return mix((bands * _WEIGHTS[None, :, None]).sum(axis=1, dtype=np.uint64))
