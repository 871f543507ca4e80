"""Candidate pairs of near-duplicate texts: those that share a bucket of one band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.gathered import Gathered, gathered, in_one
from dechaff.core.groups import Pairs
from dechaff.methods.duplicates.ragged import Positions
from dechaff.methods.duplicates.text_keys import BAND_NAMES, MIN_WORDS
from dechaff.typing import Chunk

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
class BucketPairs:
    """The candidates of one band, as a fold over the columns of `TextKeys` and the numbers of the rows.

    Texts of the same words count once, by their first row; those of one bucket are taken in the order of their
    content hash, so that which are compared depends on the set of texts alone, not on their order. Of very many rows,
    only those whose key falls into one of ``shares`` are kept at a time.
    """

    band: int
    share: int = 0
    shares: int = 1
    keyed_by: ClassVar[str | None] = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The key of the band, and the columns needed to order and weigh texts."""
        return ("row", "content", "words", BAND_NAMES[self.band])

    def init(self) -> Gathered:
        """No rows."""
        return ()

    def update(self, state: Gathered, chunk: Chunk) -> Gathered:
        """Adds rows that are long enough and in the wanted shards."""
        keys = chunk[BAND_NAMES[self.band]]
        kept = chunk["words"] >= MIN_WORDS
        if self.shares > 1:
            kept &= keys % np.uint64(self.shares) == self.share
        piece = (chunk["row"][kept], keys[kept], chunk["content"][kept], chunk["words"][kept])
        return gathered(state, (piece,))

    def merge(self, left: Gathered, right: Gathered) -> Gathered:
        """The rows of both."""
        return gathered(left, right)

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
