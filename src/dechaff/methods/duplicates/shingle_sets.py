"""The runs of eight characters of some texts of many, and how alike two of them are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import Gathered, GatheringFold, gathered, in_one
from dechaff.core.groups import Pairs, PairScore
from dechaff.core.kernels.hash_sets import MOST_HASH, Hashes, Positions, common_counts, ragged_ranges, tagged
from dechaff.core.word_hashes import text_blocks, words_of
from dechaff.methods.duplicates.shingles import grams
from dechaff.methods.duplicates.text_keys import BAND_NAMES, N_BANDS, SKETCH_NAMES
from dechaff.typing import Chunk, Texts


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
        here = _places_of(self.wanted, chunk["row"])
        rows, texts = chunk["row"][here], chunk["texts"][here]
        pieces = tuple((rows[block], *_distinct(texts[block])) for block in text_blocks(texts))
        return gathered(state, pieces)

    def finalize(self, state: Gathered) -> Sets:
        """The sets in the order of rows."""
        rows, sizes, hashes = in_one(state, np.int64, np.int64, np.uint64)
        order = np.argsort(rows, kind="stable")
        starts = np.cumsum(sizes) - sizes
        return Sets(rows[order], sizes[order], hashes[ragged_ranges(starts[order], sizes[order])])


@dataclass(frozen=True)
class Alike:
    """How alike the two texts of each pair are.

    ``resemblance`` is the fraction of the runs of either that both have, ``containment`` the fraction of the runs of
    the shorter one that the longer one has, ``runs`` the number of runs of the shorter one; ``share`` is its part of
    the longer one.
    """

    resemblance: PairScore
    containment: PairScore
    runs: Positions
    share: PairScore


def alike(sets: Sets, pairs: Pairs) -> Alike:
    """How alike the two rows of each pair are.

    Source
    ------
    Broder (1997), On the resemblance and containment of documents.

    Examples
    --------
    >>> sets = Sets(np.array([3, 8]), np.array([2, 3]), np.array([7, 9, 1, 7, 9], dtype=np.uint64))
    >>> found = alike(sets, np.array([[3, 8]]))
    >>> found.resemblance.round(2), found.containment
    (array([0.67]), array([1.]))
    """
    places = np.searchsorted(sets.rows, pairs)
    common = common_counts(sets.hashes, sets.starts, sets.sizes, places)
    sizes = sets.sizes[places]
    fewer, more = sizes.min(axis=1), np.maximum(sizes.max(axis=1), 1)
    either = np.maximum(sizes.sum(axis=1) - common, 1)
    return Alike(common / either, common / np.maximum(fewer, 1), fewer, fewer / more)


def _distinct(texts: Texts) -> tuple[Positions, Hashes]:
    """Size of the set of each text, and all sets one after the other."""
    found = grams(words_of(texts.tolist()))
    tags = tagged(np.repeat(np.arange(len(texts), dtype=np.uint64), found.counts), found.hashes & np.uint64(MOST_HASH))
    tags.sort()
    new = np.append(True, tags[1:] != tags[:-1])[: len(tags)]
    before = np.concatenate([[0], np.cumsum(new)])
    return np.diff(before[np.append(0, np.cumsum(found.counts))]), tags[new] & np.uint64(MOST_HASH)


@dataclass(frozen=True)
class Sketches(GatheringFold):
    """The sketches of the wanted rows, (m, 88) bytes in ascending order of rows, as a fold over `TextKeys`."""

    wanted: Positions = field(repr=False)
    columns: ClassVar[tuple[str, ...]] = ("row", *SKETCH_NAMES)

    def update(self, state: Gathered, chunk: Chunk) -> Gathered:
        """Those of the wanted rows of the chunk."""
        here = _places_of(self.wanted, chunk["row"])
        return gathered(state, ((chunk["row"][here], *(chunk[name][here] for name in SKETCH_NAMES)),))

    def finalize(self, state: Gathered) -> npt.NDArray[np.uint8]:
        """The sketches in the order of rows."""
        rows, *parts = in_one(state, np.int64, *[np.uint64] * len(SKETCH_NAMES))
        return np.stack(parts, axis=1).astype("<u8", copy=False)[np.argsort(rows, kind="stable")].view(np.uint8)


def _places_of(wanted: Positions, rows: Positions) -> Positions:
    """Places of the rows that are wanted."""
    return np.flatnonzero(np.append(wanted, -1)[np.searchsorted(wanted, rows)] == rows)


NEIGHBOURS = 3
"""In buckets of up to this size all pairs are candidates; in larger ones each text is paired with this many before it
and with the first: boilerplate in half of the texts costs no more than other text."""
KEY_BITS = np.uint64(32)
_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Candidates:
    """Pairs of rows, the one of smaller content first, and about how many different runs both have."""

    pairs: Pairs
    runs: Pairs

    def where(self, kept: _Mask) -> Candidates:
        """Some of the pairs."""
        return Candidates(self.pairs[kept], self.runs[kept])


@dataclass(frozen=True)
class BucketPairs(GatheringFold):
    """The candidates of one band, as a fold over the columns of `TextKeys` and the numbers of the rows.

    Texts of the same words count once, by their first row; those of one bucket are taken in the order of their key in
    the next band, then of their content hash. So in a large bucket those that are most alike are compared, and which
    are depends on the set of texts alone, not on their order. Of very many rows, only those whose key falls into one
    of ``shares`` are kept at a time.
    """

    band: int
    share: int = 0
    shares: int = 1

    @property
    def columns(self) -> tuple[str, ...]:
        """The keys of the band and the next one, and the columns needed to order and weigh texts."""
        return ("row", "content", "runs", *self._names)

    @property
    def _names(self) -> tuple[str, str]:
        return BAND_NAMES[self.band], BAND_NAMES[(self.band + 1) % N_BANDS]

    def update(self, state: Gathered, chunk: Chunk) -> Gathered:
        """Adds rows that are long enough and in the wanted shards."""
        keys, following = (chunk[name] for name in self._names)
        kept = chunk["runs"] > 0
        if self.shares > 1:
            kept &= keys % np.uint32(self.shares) == self.share
        both = both_keys(keys[kept], following[kept])
        piece = (chunk["row"][kept], both, chunk["content"][kept], chunk["runs"][kept])
        return gathered(state, (piece,))

    def finalize(self, state: Gathered) -> Candidates:
        """The pairs, by bucket."""
        rows, both, content, runs = in_one(state, np.int64, np.uint64, np.uint64, np.int64)
        order = _shared_buckets(rows, both, content)
        keys = both >> KEY_BITS
        bucket = np.cumsum(_first_of_run(keys[order])) - 1
        starts = np.flatnonzero(_first_of_run(bucket))
        ends = np.arange(len(order))
        found = [np.stack([starts[bucket], ends], axis=1)]
        for step in range(1, NEIGHBOURS + 1):
            found.append(np.stack([ends[:-step], ends[step:]], axis=1))
        places = np.concatenate(found)
        first, second = places.T
        places = places[(bucket[first] == bucket[second]) & (first < second)]
        return Candidates(rows[order][places], runs[order][places])


def both_keys(keys: npt.NDArray[np.uint32], following: npt.NDArray[np.uint32]) -> Hashes:
    """A number by which texts are sorted by the one key, then by the other."""
    return keys.astype(np.uint64) << KEY_BITS | following


def _shared_buckets(rows: Positions, both: Hashes, content: Hashes) -> Positions:
    """Positions of the different texts that share their bucket with another one, by both keys and content."""
    order = np.argsort(both)
    order = order[_in_company(both[order] >> KEY_BITS)]
    order = order[np.lexsort((rows[order], content[order], both[order]))]
    order = order[_first_of_run(both[order]) | _first_of_run(content[order])]
    return np.asarray(order[_in_company(both[order] >> KEY_BITS)], dtype=np.int64)


def _first_of_run(values: npt.NDArray[np.generic]) -> _Mask:
    first = np.ones(len(values), dtype=bool)
    first[1:] = values[1:] != values[:-1]
    return first


def _in_company(values: npt.NDArray[np.generic]) -> _Mask:
    """True if a neighbour holds the same value."""
    first = _first_of_run(values)
    return np.asarray(~(first & np.append(first[1:], True)[: len(first)]), dtype=bool)
