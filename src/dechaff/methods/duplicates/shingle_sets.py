"""The shingles of some texts of many, and how alike two of them are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from dechaff.core.gathered import Gathered, gathered, in_one
from dechaff.core.groups import Pairs, PairScore
from dechaff.methods.duplicates.ragged import Positions, blocks_within, ragged_ranges
from dechaff.methods.duplicates.shingles import shingles
from dechaff.methods.duplicates.text_keys import text_blocks
from dechaff.methods.duplicates.word_hashes import Hashes
from dechaff.typing import Chunk, Texts

_PLACE_BITS = 12
"""A set's place in its block stands above its shingles, so that one sort of plain numbers sorts all sets of a block.

52 bits of a shingle are left: in one of 10**12 comparisons of texts of 30 words two different ones are taken for one.
"""
_SHINGLES_AT_ONCE = 2**18


@dataclass(frozen=True)
class Sets:
    """Sets of shingles: ``hashes[starts[i]:starts[i] + sizes[i]]`` are those of row ``rows[i]``, each once."""

    rows: Positions
    sizes: Positions
    hashes: Hashes

    @property
    def starts(self) -> Positions:
        """Start of each set."""
        return np.asarray(np.cumsum(self.sizes) - self.sizes, dtype=np.int64)


@dataclass(frozen=True)
class ShingleSets:
    """The sets of the wanted rows, in ascending order, as a fold over texts and their row numbers.

    Other rows are not decoded. The state takes eight bytes per shingle of the wanted rows.
    """

    wanted: Positions = field(repr=False)
    columns: ClassVar[tuple[str, ...]] = ("row", "texts")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> Gathered:
        """No sets."""
        return ()

    def update(self, state: Gathered, chunk: Chunk) -> Gathered:
        """The sets of the wanted rows of the chunk."""
        row = chunk["row"]
        place = np.searchsorted(self.wanted, row)
        here = np.flatnonzero(np.append(self.wanted, -1)[place] == row)
        rows, texts = row[here], chunk["texts"][here]
        pieces = tuple((rows[block], *_distinct(texts[block])) for block in text_blocks(texts))
        return gathered(state, pieces)

    def merge(self, left: Gathered, right: Gathered) -> Gathered:
        """The sets of both."""
        return gathered(left, right)

    def finalize(self, state: Gathered) -> Sets:
        """The sets in the order of rows."""
        rows, sizes, hashes = in_one(state, np.int64, np.int64, np.uint64)
        order = np.argsort(rows, kind="stable")
        starts = np.cumsum(sizes) - sizes
        return Sets(rows[order], sizes[order], hashes[ragged_ranges(starts[order], sizes[order])])


def similarities(sets: Sets, pairs: Pairs) -> PairScore:
    """Jaccard similarity of each pair of rows: the fraction of the shingles of both that both have.

    Examples
    --------
    >>> sets = Sets(np.array([3, 8]), np.array([2, 3]), np.array([7, 9, 1, 7, 9], dtype=np.uint64))
    >>> similarities(sets, np.array([[3, 8]])).round(2)
    array([0.67])
    """
    places, starts = np.searchsorted(sets.rows, pairs), sets.starts
    sizes = sets.sizes[places]
    out = np.empty(len(pairs))
    for block in blocks_within(sizes.sum(axis=1), _SHINGLES_AT_ONCE, 1 << _PLACE_BITS):
        counts = sizes[block].ravel()
        place = np.repeat(np.arange(len(counts), dtype=np.uint64) >> np.uint64(1), counts)
        hashes = sets.hashes[ragged_ranges(starts[places[block].ravel()], counts)]
        both = _tagged(place, hashes)
        both.sort()
        twice = both[1:][both[1:] == both[:-1]] >> np.uint64(64 - _PLACE_BITS)
        common = np.bincount(twice.astype(np.int64), minlength=len(counts) // 2)
        out[block] = common / np.maximum(sizes[block].sum(axis=1) - common, 1)
    return out


def _tagged(place: Hashes, hashes: Hashes) -> Hashes:
    return place << np.uint64(64 - _PLACE_BITS) | hashes


def _distinct(texts: Texts) -> tuple[Positions, Hashes]:
    """Size of the set of each text, and all sets one after the other."""
    found = shingles(texts)
    place = np.repeat(np.arange(len(texts), dtype=np.uint64), np.diff(found.starts))
    tagged = np.unique(_tagged(place, found.hashes >> np.uint64(_PLACE_BITS)))
    sizes = np.bincount((tagged >> np.uint64(64 - _PLACE_BITS)).astype(np.int64), minlength=len(texts))
    return sizes, tagged & np.uint64(2 ** (64 - _PLACE_BITS) - 1)
