"""The shingles of some texts of many, and how alike two of them are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import Gathered, GatheringFold, gathered, in_one
from dechaff.core.groups import Pairs, PairScore
from dechaff.core.word_hashes import Hashes, Positions, blocks_within, text_blocks
from dechaff.methods.duplicates.shingles import BAND_NAMES, MIN_WORDS, ragged_ranges, shingles
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
class ShingleSets(GatheringFold):
    """The sets of the wanted rows, in ascending order, as a fold over texts and their row numbers.

    Other rows are not decoded. The state takes eight bytes per shingle of the wanted rows.
    """

    wanted: Positions = field(repr=False)
    columns: ClassVar[tuple[str, ...]] = ("row", "texts")

    def update(self, state: Gathered, chunk: Chunk) -> Gathered:
        """The sets of the wanted rows of the chunk."""
        row = chunk["row"]
        place = np.searchsorted(self.wanted, row)
        here = np.flatnonzero(np.append(self.wanted, -1)[place] == row)
        rows, texts = row[here], chunk["texts"][here]
        pieces = tuple((rows[block], *_distinct(texts[block])) for block in text_blocks(texts))
        return gathered(state, pieces)

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


NEIGHBOURS = 3
"""In buckets of up to this size all pairs are candidates; in larger ones each text is paired with this many before it
and with the first: boilerplate in half of the texts costs no more than other text."""
_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Candidates:
    """Pairs of rows, the one of smaller content first, and the number of words of both."""

    pairs: Pairs
    words: Pairs


@dataclass(frozen=True)
class BucketPairs(GatheringFold):
    """The candidates of one band, as a fold over the columns of `TextKeys` and the numbers of the rows.

    Texts of the same words count once, by their first row; those of one bucket are taken in the order of their
    content hash, so that which are compared depends on the set of texts alone, not on their order. Of very many rows,
    only those whose key falls into one of ``shares`` are kept at a time.
    """

    band: int
    share: int = 0
    shares: int = 1

    @property
    def columns(self) -> tuple[str, ...]:
        """The key of the band, and the columns needed to order and weigh texts."""
        return ("row", "content", "words", BAND_NAMES[self.band])

    def update(self, state: Gathered, chunk: Chunk) -> Gathered:
        """Adds rows that are long enough and in the wanted shards."""
        keys = chunk[BAND_NAMES[self.band]]
        kept = chunk["words"] >= MIN_WORDS
        if self.shares > 1:
            kept &= keys % np.uint64(self.shares) == self.share
        piece = (chunk["row"][kept], keys[kept], chunk["content"][kept], chunk["words"][kept])
        return gathered(state, (piece,))

    def finalize(self, state: Gathered) -> Candidates:
        """The pairs, by bucket."""
        rows, keys, content, words = in_one(state, np.int64, np.uint64, np.uint64, np.int64)
        order = _shared_buckets(rows, keys, content)
        bucket = np.cumsum(_first_of_run(keys[order])) - 1
        starts = np.flatnonzero(_first_of_run(bucket))
        ends = np.arange(len(order))
        found = [np.stack([starts[bucket], ends], axis=1)]
        for step in range(1, NEIGHBOURS + 1):
            found.append(np.stack([ends[:-step], ends[step:]], axis=1))
        places = np.concatenate(found)
        first, second = places.T
        places = places[(bucket[first] == bucket[second]) & (first < second)]
        return Candidates(rows[order][places], words[order][places])


def _shared_buckets(rows: Positions, keys: npt.NDArray[np.uint64], content: npt.NDArray[np.uint64]) -> Positions:
    """Positions of the different texts that share their bucket with another one, by bucket and content."""
    order = np.argsort(keys)
    order = order[_in_company(keys[order])]
    order = order[np.lexsort((rows[order], content[order], keys[order]))]
    order = order[_first_of_run(keys[order]) | _first_of_run(content[order])]
    return np.asarray(order[_in_company(keys[order])], dtype=np.int64)


def _first_of_run(values: npt.NDArray[np.generic]) -> _Mask:
    first = np.ones(len(values), dtype=bool)
    first[1:] = values[1:] != values[:-1]
    return first


def _in_company(values: npt.NDArray[np.generic]) -> _Mask:
    """True if a neighbour holds the same value."""
    first = _first_of_run(values)
    return np.asarray(~(first & np.append(first[1:], True)[: len(first)]), dtype=bool)
