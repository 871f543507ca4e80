"""Texts that are nearly the same: MinHash finds the candidates, their shingles decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.methods.duplicates.linked import Pairs, PairScore, linked_groups
from dechaff.methods.duplicates.shingles import Hashes, Shingles, mix, ragged_ranges, shingles
from dechaff.typing import Axes, Texts

N_BANDS, BAND_ROWS = 20, 5
"""A pair of Jaccard similarity s becomes a candidate with 1 - (1 - s^5)^20: .997 at .75, .05 at .3."""
MIN_SIMILARITY = 0.75
MIN_WORDS = 5
"""Shorter texts coincide by themselves; one word of difference is another text there."""
_PAIRS_AT_ONCE = 20_000

OtherTexts = Annotated[npt.NDArray[np.object_], Axes("m")]
Signatures = npt.NDArray[np.uint32]
_Placed = tuple[npt.NDArray[np.int64], Hashes]


@dataclass(frozen=True)
class NearTexts:
    """Pairs of rows and the Jaccard similarity of their shingles."""

    pairs: Pairs
    similarity: PairScore


def near_texts(texts: Texts, *, min_similarity: float = MIN_SIMILARITY) -> NearTexts:
    """Pairs of texts that share most of their three-word runs, whatever their case, spacing and punctuation.

    Not every pair of a large group is named, but enough to tie the group together: in each band of the MinHash
    signature a text is compared with the one before it and with the first of its bucket, unless they are tied together
    already; so the work stays near-linear. Every pair named has been verified on the full sets of shingles.

    Parameters
    ----------
    texts : (n,) object array of str
        '' = compare with none; so are texts of fewer than five words.
    min_similarity : smallest Jaccard similarity of a pair, in (0, 1]

    Returns
    -------
    NearTexts
        Pairs with the smaller row first, in ascending order.

    Source
    ------
    Broder (1997), resemblance of documents; Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, 3.4 (banding).

    Examples
    --------
    >>> texts = ["The cat sat on the mat.", "the CAT sat on  the mat", "A dog slept under the old table."]
    >>> near_texts(np.array(texts, dtype=object)).pairs.tolist()
    [[0, 1]]
    """
    sets = shingles(texts)
    rows = _long_enough(sets)
    _, first, form = np.unique(sets.order[rows], return_index=True, return_inverse=True)
    forms = rows[np.sort(first)]
    same = np.stack([rows[first[form]], rows], axis=1) if len(rows) else np.empty((0, 2), dtype=np.int64)
    same = same[same[:, 0] != same[:, 1]]
    pairs, similarity = _near_forms(_sign(sets, forms), min_similarity)
    return _sorted(np.concatenate([same, forms[pairs]]), np.concatenate([np.ones(len(same)), similarity]))


def near_texts_across(train: Texts, test: OtherTexts, *, min_similarity: float = MIN_SIMILARITY) -> NearTexts:
    """The same between two sets of texts: pairs of (row of `train`, row of `test`).

    Each test text is compared with the first and the last train text of its buckets, so that a train text
    between near copies of itself may go unnamed: it stands in their group.

    Parameters
    ----------
    train : (n,) object array of str
    test : (m,) object array of str
    min_similarity : smallest Jaccard similarity of a pair, in (0, 1]

    Returns
    -------
    NearTexts

    Examples
    --------
    >>> one = np.array(["x", "The cat sat on the mat."], dtype=object)
    >>> near_texts_across(one, np.array(["the cat sat on the mat!"], dtype=object)).pairs.tolist()
    [[1, 0]]
    """
    sets, other_sets = shingles(train), shingles(test)
    left, right = _sign(sets, _long_enough(sets)), _sign(other_sets, _long_enough(other_sets))
    bands = range(N_BANDS)
    found = [_matches(_band_keys(left.signatures, band), _band_keys(right.signatures, band)) for band in bands]
    candidates = np.unique(np.concatenate(found), axis=0)
    similarity = _similarities(left, right, candidates, min_similarity)
    near = similarity >= min_similarity
    pairs = np.stack([left.rows[candidates[near, 0]], right.rows[candidates[near, 1]]], axis=1)
    return _sorted(pairs, similarity[near])


@dataclass(frozen=True)
class _Signed:
    """Some rows of a set of shingles, each with its signature."""

    sets: Shingles
    rows: npt.NDArray[np.int64]
    signatures: Signatures


def _long_enough(sets: Shingles) -> npt.NDArray[np.int64]:
    return np.flatnonzero(sets.n_words >= MIN_WORDS)


def _sign(sets: Shingles, rows: npt.NDArray[np.int64]) -> _Signed:
    """Least value of each of 100 hash functions (multiply, keep the upper half) over the shingles of a text."""
    counts = sets.starts[rows + 1] - sets.starts[rows]
    hashes = sets.hashes[ragged_ranges(sets.starts[rows], counts)]
    starts = np.cumsum(counts) - counts
    out = np.empty((len(rows), N_BANDS * BAND_ROWS), dtype=np.uint32)
    factors = mix(np.arange(1, out.shape[1] + 1, dtype=np.uint64)) | np.uint64(1)
    for column, factor in enumerate(factors):
        if len(rows):
            values = ((hashes * factor) >> np.uint64(32)).astype(np.uint32)
            out[:, column] = np.minimum.reduceat(values, starts)
    return _Signed(sets, rows, out)


def _band_keys(signatures: Signatures, band: int) -> Hashes:
    key = np.full(len(signatures), band, dtype=np.uint64)
    for column in range(band * BAND_ROWS, (band + 1) * BAND_ROWS):
        key = mix(key + signatures[:, column])
    return key


def _near_forms(signed: _Signed, min_similarity: float) -> tuple[Pairs, PairScore]:
    """Verified pairs, band by band; texts that are tied together already are not compared again.

    Otherwise texts made from one template, which share every bucket, would be compared over and over.
    """
    n = len(signed.rows)
    pairs, similarity = np.empty((0, 2), dtype=np.int64), np.empty(0)
    tied = np.arange(n)
    for band in range(N_BANDS):
        candidates = _candidates(_band_keys(signed.signatures, band))
        candidates = candidates[tied[candidates[:, 0]] != tied[candidates[:, 1]]]
        alike = _similarities(signed, signed, candidates, min_similarity)
        near = alike >= min_similarity
        pairs, similarity = np.concatenate([pairs, candidates[near]]), np.concatenate([similarity, alike[near]])
        groups = linked_groups(pairs, n)
        tied = np.where(groups >= 0, groups, n + np.arange(n))
    return pairs, similarity


def _candidates(keys: Hashes) -> Pairs:
    """Texts of one bucket: each with the one before it, and with the first."""
    order = np.argsort(keys, kind="stable")
    starts = np.concatenate([[True], keys[order[1:]] != keys[order[:-1]]])[: len(keys)]
    first = order[np.flatnonzero(starts)[np.cumsum(starts) - 1]]
    follows = np.flatnonzero(~starts)
    before = np.stack([order[follows - 1], order[follows]], axis=1)
    return np.unique(np.concatenate([before, np.stack([first[follows], order[follows]], axis=1)]), axis=0)


def _matches(keys: Hashes, others: Hashes) -> Pairs:
    order = np.argsort(keys, kind="stable")
    low = np.searchsorted(keys[order], others, side="left")
    high = np.searchsorted(keys[order], others, side="right")
    hit = np.flatnonzero(high > low)
    pairs = [np.stack([order[ends], hit], axis=1) for ends in (low[hit], high[hit] - 1)]
    return np.concatenate(pairs)


def _similarities(left: _Signed, right: _Signed, pairs: Pairs, min_similarity: float) -> PairScore:
    """Jaccard similarity of each candidate; 0 where the signatures already say that it is far below the least."""
    out = np.zeros(len(pairs))
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        part = pairs[start : start + _PAIRS_AT_ONCE]
        agree = (left.signatures[part[:, 0]] == right.signatures[part[:, 1]]).mean(axis=1)
        close = np.flatnonzero(agree >= min_similarity - 0.2)
        one = _distinct(left.sets, left.rows[part[close, 0]])
        other = _distinct(right.sets, right.rows[part[close, 1]])
        out[start + close] = _jaccard(one, other, len(close))
    return out


def _distinct(sets: Shingles, rows: npt.NDArray[np.int64]) -> _Placed:
    """(place in `rows`, shingle), without repetition."""
    counts = sets.starts[rows + 1] - sets.starts[rows]
    place = np.repeat(np.arange(len(rows)), counts)
    hashes = sets.hashes[ragged_ranges(sets.starts[rows], counts)]
    return _without_repeats(place, hashes)[0]


def _without_repeats(place: npt.NDArray[np.int64], hashes: Hashes) -> tuple[_Placed, npt.NDArray[np.int64]]:
    """Each (place, shingle) once; and the places of those that were there before."""
    order = np.lexsort((hashes, place))
    place, hashes = place[order], hashes[order]
    repeat = np.zeros(len(place), dtype=bool)
    repeat[1:] = (place[1:] == place[:-1]) & (hashes[1:] == hashes[:-1])
    return (place[~repeat], hashes[~repeat]), place[repeat]


def _jaccard(left: _Placed, right: _Placed, n_pairs: int) -> PairScore:
    place = np.concatenate([left[0], right[0]])
    _, twice = _without_repeats(place, np.concatenate([left[1], right[1]]))
    both = np.bincount(twice, minlength=n_pairs)
    union = np.bincount(place, minlength=n_pairs) - both
    return np.asarray(both / np.maximum(union, 1), dtype=np.float64)


def _sorted(pairs: Pairs, similarity: PairScore) -> NearTexts:
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return NearTexts(pairs[order], similarity[order])
