"""Keys of texts, by which near copies are looked for: MinHash signatures of their shingles, in bands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import StatelessFold
from dechaff.core.kernels.hash_sets import Hashes, Positions, least_products, mix
from dechaff.core.over_arrays import map_and_fold
from dechaff.core.word_hashes import text_blocks, words_of
from dechaff.methods.duplicates.shingles import grams, shingles
from dechaff.typing import Chunk, Texts

WORD_BANDS, WORD_ROWS = 20, 2
"""Texts whose runs of three words have the resemblance s share a bucket with 1 - (1 - s^2)^20: .85 at .3, .99 at .45,
but only .00002 at .001. They find what was cut, extended or put into another order."""
GRAM_BANDS, GRAM_ROWS = 16, 3
"""The same of runs of eight characters with 1 - (1 - s^3)^16: .97 at .6, .89 at .5, .00002 at .01. They find typos."""
N_BANDS = WORD_BANDS + GRAM_BANDS
MIN_WORDS = 5
"""Shorter texts coincide by themselves; one word of difference is another text there."""
BAND_NAMES = tuple(f"band_{band:02}" for band in range(N_BANDS))
OF_WORDS = WORD_BANDS * WORD_ROWS
N_HASHES = OF_WORDS + GRAM_BANDS * GRAM_ROWS
SKETCH_NAMES = tuple(f"sketch_{part:02}" for part in range(N_HASHES // 8))
KEY_TYPES: dict[str, type[np.generic]] = {
    "content": np.uint64,
    "content_low": np.uint64,
    "runs": np.int64,
    **dict.fromkeys(BAND_NAMES, np.uint32),
    **dict.fromkeys(SKETCH_NAMES, np.uint64),
}
"""The columns of keys, and the numbers that they hold."""

_FACTORS = (mix(np.arange(1, N_HASHES + 1, dtype=np.uint64)) >> np.uint64(32)).astype(np.uint32) | np.uint32(1)
_BAND_WEIGHTS = mix(np.arange(1, GRAM_ROWS + 1, dtype=np.uint64) << np.uint64(8)) | np.uint64(1)

HalfHashes = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class TextKeys(StatelessFold):
    """A row map of `texts` whose answers `near_texts_of` works on: 256 bytes per row, whatever the length of the text.

    ``content`` and ``content_low`` are 128 bits, equal for texts of the same words; ``runs`` is about how many
    different runs of characters it has, which says what a comparison of the text costs and how alike another one must
    be; ``band_00`` … are the keys of its buckets; ``sketch_00`` … hold the last eight bits of every hash of the
    signature. All are 0 for texts of fewer than `MIN_WORDS`, which are compared with none. Each is a column of its
    own, so that a pass over one band reads nothing of the others.

    Source
    ------
    Number of different runs from the least hashes: Cohen (1997), Size-estimation framework with applications to
    transitive closure and reachability; its error is about 15 %.
    """

    columns: ClassVar[tuple[str, ...]] = ("texts",)

    def rows_and_state(self, chunk: Chunk) -> tuple[Chunk, None]:
        """The columns by name."""
        texts = chunk["texts"]
        content = np.zeros((2, len(texts)), dtype=np.uint64)
        sizes = np.zeros(len(texts), dtype=np.int64)
        bands = np.zeros((N_BANDS, len(texts)), dtype=np.uint32)
        sketches = np.zeros((len(SKETCH_NAMES), len(texts)), dtype=np.uint64)
        for block in text_blocks(texts):
            words = words_of(texts[block].tolist())
            runs, signs = shingles(words), grams(words)
            rows = np.flatnonzero(words.counts >= MIN_WORDS)
            at = block.start + rows
            content[:, at] = runs.content[rows].T
            of_words, of_signs = np.split(_FACTORS, [OF_WORDS])
            signature = np.concatenate(
                [
                    _least(runs.hashes, np.diff(runs.starts), rows, of_words),
                    _least(signs.hashes, signs.counts, rows, of_signs),
                ]
            )
            bands[:, at] = _band_keys(signature)
            sizes[at] = _different(signature[OF_WORDS:])
            sketches[:, at] = signature.astype(np.uint8).T.copy().view("<u8").T
        named = dict(zip((*BAND_NAMES, *SKETCH_NAMES), (*bands, *sketches), strict=True))
        return {"content": content[0], "content_low": content[1], "runs": sizes, **named}, None


def text_keys(texts: Texts) -> Chunk:
    """The columns of `TextKeys` for texts in memory.

    Examples
    --------
    >>> keys = text_keys(np.array(["The cat sat on the mat.", "the CAT sat on  the mat!", "A cat"], dtype=object))
    >>> keys["runs"] > 0, bool(keys["band_07"][0] == keys["band_07"][1])
    (array([ True,  True, False]), True)
    """
    return map_and_fold(TextKeys(), texts=texts)[0]


def _least(hashes: Hashes, counts: Positions, rows: Positions, factors: HalfHashes) -> HalfHashes:
    """Least value of each hash function (a product modulo 2**32) over the shingles of some texts: (k, rows)."""
    return least_products(hashes, (np.cumsum(counts) - counts)[rows], counts[rows], factors)


def _different(least: HalfHashes) -> Positions:
    """About how many different hashes each set has, from the least ones by (k, n): n of them, each at least 1."""
    means = (least / 2.0**32).sum(axis=0) / (len(least) - 1)
    return np.asarray(np.rint(1 / np.maximum(means, 2.0**-32) - 1).clip(1), dtype=np.int64)


def _band_keys(signature: HalfHashes) -> HalfHashes:
    """One number per band, (36, rows), in which every entry of the band counts."""
    of_words, of_signs = np.split(signature, [OF_WORDS])
    keys = [
        (some.reshape(bands, size, -1) * _BAND_WEIGHTS[None, :size, None]).sum(axis=1, dtype=np.uint64)
        for some, bands, size in ((of_words, WORD_BANDS, WORD_ROWS), (of_signs, GRAM_BANDS, GRAM_ROWS))
    ]
    return np.asarray(mix(np.concatenate(keys)) >> np.uint64(32), dtype=np.uint32)
