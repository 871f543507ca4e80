"""Texts that are nearly the same: MinHash finds the candidates, their runs of characters decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import RunFold
from dechaff.core.groups import DisjointSets, Pairs, PairScore, UnionFind
from dechaff.core.kernels.hash_sets import Hashes, blocks_within
from dechaff.core.over_arrays import fold_over, over_arrays
from dechaff.core.source import ArraySource
from dechaff.methods.duplicates.equal_rows import MOST_BYTES, equal_contents, shares_of
from dechaff.methods.duplicates.shingle_sets import (
    KEY_BITS,
    NEIGHBOURS,
    BucketPairs,
    Candidates,
    Sets,
    ShingleSets,
    Sketches,
    alike,
    both_keys,
)
from dechaff.methods.duplicates.text_keys import BAND_NAMES, N_BANDS, N_HASHES, OF_WORDS, text_keys
from dechaff.typing import Axes, Chunk, Mask, Rows, Texts

MIN_SIMILARITY = 0.5
"""Smallest resemblance of texts of 80 runs of eight characters (about 15 words) or more."""
MIN_OF_SHORT, SHORT, LONG = 0.75, 30, 80
"""The same of 30 runs or fewer, where one word of difference is another text; in between it falls evenly."""
MIN_CONTAINED, CONTAINED_LONG, CONTAINED_SHORT, MIN_SHARE = 0.85, 60, 40, 0.25
"""A text of 60 runs or more stands in another one that has so many of them, one of 40 if that has all of them, a
shorter one never. It is at least a quarter of the other one."""
_MIN_AGREE = 0.16
"""Fraction of the two signatures that must agree: 1 in 200 pairs of resemblance .3 is below, none of .5."""
_ERRORS, _OFF = 2.6, 1.4
"""Texts that must be more alike than that have more equal hashes of runs of characters: at most this many standard
errors fewer than expected, which 1 in 200 have, where the numbers of runs are known up to this factor."""
_BYTES_A_RUN, _BYTES_A_PAIR = 24, 256
"""Bytes per run of a text that is compared, while sets are sorted; and per candidate, with its sketches."""

_OF_GRAMS = N_HASHES - OF_WORDS
_PAIRS_AT_ONCE = 2**16

SketchBytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64] | npt.NDArray[np.float64]
OtherTexts = Annotated[npt.NDArray[np.object_], Axes("m")]


@dataclass(frozen=True)
class NearTexts:
    """Pairs of rows and how alike they are: the larger one of resemblance and, where it counts, containment."""

    pairs: Pairs
    similarity: PairScore


def near_texts(texts: Texts, *, min_similarity: float = MIN_SIMILARITY) -> NearTexts:
    """Pairs of texts of which one is a changed, cut or extended copy of the other.

    Texts are compared by their runs of eight characters, whatever their case, spacing and punctuation. Long ones are
    near if they share half of the runs that either has; short ones need three quarters, for there a word is another
    text. So are two of which one stands in the other, and is a quarter of it at least.

    Not every pair of a large group is named, but enough to tie the group together: a text is compared with a few
    others of each of its buckets, unless they are tied together already; so the work stays near-linear. Every pair
    named has been verified on the full sets of shingles. The groups depend on the set of texts alone, not on their
    order.

    Parameters
    ----------
    texts : (n,) object array of str
        '' = compare with none; so are texts of fewer than five words.
    min_similarity : smallest similarity of long texts, in (0, 1]: the fraction of the runs of either that both have,
        or, if one text stands in the other, of the runs of the shorter one

    Returns
    -------
    NearTexts
        Pairs with the smaller row first, in ascending order.

    Source
    ------
    Broder (1997), resemblance and containment of documents; Leskovec, Rajaraman, Ullman, Mining of Massive
    Datasets, 3.4 (banding); Li, König (2010), b-bit minwise hashing (signatures of eight bits a hash).

    Examples
    --------
    >>> texts = ["The cat sat on the mat.", "the CAT sat on  the mat", "A dog slept under the old table."]
    >>> near_texts(np.array(texts, dtype=object)).pairs.tolist()
    [[0, 1]]
    """
    row = np.arange(len(texts))
    keys = ArraySource({"row": row, **text_keys(texts)}, chunk_rows=max(1, len(texts)))
    run_texts = over_arrays(row=row, texts=texts)
    return near_texts_of(run_texts, partial(fold_over, source=keys), len(texts), min_similarity=min_similarity)


def near_texts_of(
    run_texts: RunFold[Any],
    run_keys: RunFold[Any],
    n_rows: int,
    *,
    min_similarity: float = MIN_SIMILARITY,
    most_bytes: int = MOST_BYTES,
) -> NearTexts:
    """`near_texts` of texts in any source, with bounded memory.

    The keys are read once a band (and again for equal texts and for the signatures of candidates), a fraction of them
    at a time where there are very many. The texts are read again for those candidates whose signatures agree: once in
    data with few near copies.

    Parameters
    ----------
    run_texts : runs a fold over the columns ``row`` (numbers from 0 over all rows: `numbered`) and ``texts``
    run_keys : runs a fold over ``row`` and the columns that the row map `TextKeys` made of the same texts
    n_rows : number of rows
    min_similarity : smallest similarity of long texts, in (0, 1]
    most_bytes : memory for the keys, and again for the texts, that are compared at a time; what is found depends on
        it in so far as pairs are left out that are tied together already, the groups do not

    Returns
    -------
    NearTexts
        Pairs with the smaller row first, in ascending order.

    Source
    ------
    As `near_texts`, whose groups these are.

    Examples
    --------
    >>> texts = np.array(["The cat sat on the mat.", "A dog!", "the CAT sat on  the mat"], dtype=object)
    >>> row = np.arange(3)
    >>> near_texts_of(over_arrays(row=row, texts=texts), over_arrays(row=row, **text_keys(texts)), 3).pairs.tolist()
    [[0, 2]]
    """
    forest = UnionFind()
    same = equal_contents(run_keys, n_rows, most_bytes=most_bytes)
    linked = forest.update(forest.init(), {"pairs": same})
    found, scores = [same], [np.ones(len(same))]
    most_pairs, most_runs = most_bytes // _BYTES_A_PAIR, most_bytes // _BYTES_A_RUN
    sieved = _sieved(run_keys, shares_of(n_rows, most_bytes), most_pairs, min_similarity)
    for waiting in _gathered(sieved, most_pairs, most_runs):
        for turns in _batches([some.where(_apart(some.pairs, linked)) for some in waiting], most_runs):
            rows = np.unique(np.concatenate([turn[_apart(turn, linked)] for turn in turns]))
            if len(rows) == 0:
                continue
            sets = run_texts(ShingleSets(rows))
            for turn in turns:
                pairs = turn[_apart(turn, linked)]
                similarity = _similarity(sets, pairs, min_similarity)
                near = similarity > 0
                found.append(pairs[near])
                scores.append(similarity[near])
                linked = forest.update(linked, {"pairs": pairs[near]}) if near.any() else linked
    return _sorted(np.concatenate(found), np.concatenate(scores))


def near_texts_across(train: Texts, test: OtherTexts, *, min_similarity: float = MIN_SIMILARITY) -> NearTexts:
    """The same between two sets of texts: pairs of (row of `train`, row of `test`).

    Each test text is compared with a few train texts of each of its buckets, so that a train text among many near
    copies of itself may be omitted: it is in their group.

    Parameters
    ----------
    train : (n,) object array of str
    test : (m,) object array of str
    min_similarity : smallest similarity of long texts, in (0, 1]

    Examples
    --------
    >>> one = np.array(["x", "The cat sat on the mat."], dtype=object)
    >>> near_texts_across(one, np.array(["the cat sat on the mat!"], dtype=object)).pairs.tolist()
    [[1, 0]]
    """
    keys, others = text_keys(train), text_keys(test)
    left, right = _sketches(keys), _sketches(others)
    found = [_copies(keys, others)]
    for band in range(N_BANDS):
        matches = _matches(keys, others, band)
        runs = np.stack([keys["runs"][matches[:, 0]], others["runs"][matches[:, 1]]], axis=1)
        found.append(matches[_agree(left, right, Candidates(matches, runs), min_similarity)])
    pairs = np.unique(np.concatenate(found), axis=0)
    pairs[:, 1] += len(train)
    run = over_arrays(row=np.arange(len(train) + len(test)), texts=np.concatenate([train, test]))
    similarity = _similarity(run(ShingleSets(np.unique(pairs))), pairs, min_similarity)
    near = similarity > 0
    return _sorted(pairs[near] - np.array([0, len(train)]), similarity[near])


def _similarity(sets: Sets, pairs: Pairs, min_similarity: float) -> PairScore:
    """How alike the texts of each pair are, 0 if they are not near."""
    found = alike(sets, pairs)
    contained = (found.runs >= CONTAINED_SHORT) & (found.share >= MIN_SHARE)
    contained &= found.containment >= _least_containment(found.runs, min_similarity)
    near = contained | (found.resemblance >= _least_resemblance(found.runs, min_similarity))
    return np.maximum(found.resemblance, found.containment * contained) * near


def _least_resemblance(runs: Numbers, min_similarity: float) -> PairScore:
    """What is near, by the number of runs of the shorter text."""
    return np.interp(runs, [SHORT, LONG], [MIN_OF_SHORT, MIN_SIMILARITY]).clip(min_similarity)


def _least_containment(runs: Numbers, min_similarity: float) -> PairScore:
    """The same of a text that stands in another one."""
    return np.interp(runs, [CONTAINED_SHORT, CONTAINED_LONG], [1.0, MIN_CONTAINED]).clip(min_similarity)


def _apart(pairs: Pairs, linked: DisjointSets) -> Mask:
    """Pairs that are not connected already: texts made from one template share every bucket."""
    return np.asarray(linked.least_of(pairs[:, 0]) != linked.least_of(pairs[:, 1]), dtype=np.bool_)


def _sieved(run_keys: RunFold[Any], shares: int, most_pairs: int, min_similarity: float) -> Iterator[Candidates]:
    """The candidates of each band whose signatures agree, which are looked up for some bands at a time."""
    waiting: list[Candidates] = []
    for band in range(N_BANDS):
        for share in range(shares):
            waiting.append(run_keys(BucketPairs(band, share, shares)))
            if sum(len(some.pairs) for some in waiting) >= most_pairs:
                yield from _agreeing(run_keys, waiting, min_similarity)
                waiting = []
    yield from _agreeing(run_keys, waiting, min_similarity)


def _agreeing(run_keys: RunFold[Any], waiting: list[Candidates], min_similarity: float) -> Iterator[Candidates]:
    rows = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *(some.pairs.ravel() for some in waiting)]))
    if len(rows) == 0:
        return
    sketches = run_keys(Sketches(rows))
    for some in waiting:
        places = Candidates(np.searchsorted(rows, some.pairs), some.runs)
        yield some.where(_agree(sketches, sketches, places, min_similarity))


def _agree(left: SketchBytes, right: SketchBytes, found: Candidates, min_similarity: float) -> Mask:
    """Whether so many hashes of the signatures of both texts agree that they may be near."""
    kept, least = np.empty(len(found.pairs), dtype=bool), _least_equal(found.runs, min_similarity)
    for block in blocks_within(np.ones(len(kept), dtype=np.int64), _PAIRS_AT_ONCE, _PAIRS_AT_ONCE):
        one, other = found.pairs[block].T
        equal = left[one] == right[other]
        kept[block] = np.count_nonzero(equal, axis=1) >= _MIN_AGREE * N_HASHES
        kept[block] &= np.count_nonzero(equal[:, OF_WORDS:], axis=1) >= least[block]
    return kept


def _least_equal(runs: Pairs, min_similarity: float) -> PairScore:
    """How many hashes of their runs of characters two texts of about so many runs have in common if they are near."""
    fewer, more = runs.min(axis=1) * _OFF, runs.max(axis=1)
    share = np.clip(fewer / more / _OFF**2, MIN_SHARE, 1.0)
    both = share * _least_containment(fewer, min_similarity)
    contained = np.where(fewer >= CONTAINED_SHORT, both / (1 + share - both), 1.0)
    least = np.minimum(_least_resemblance(fewer, min_similarity), contained)
    return np.asarray(_OF_GRAMS * least - _ERRORS * np.sqrt(_OF_GRAMS * least * (1 - least)))


def _gathered(candidates: Iterator[Candidates], most_pairs: int, most_runs: int) -> Iterator[list[Candidates]]:
    """The candidates of as many bands as may be read as texts at a time; then of twice as many pairs each time.

    Texts that are near are tied by the first few bands, and need not be read for the others. If they are not, it is
    better to read every text for many bands at once.
    """
    waiting: list[Candidates] = []
    least = 0
    for some in candidates:
        waiting.append(some)
        n_pairs = sum(len(one.pairs) for one in waiting)
        if n_pairs >= most_pairs or (n_pairs >= least and _runs_of_rows(waiting)[1].sum() >= most_runs):
            yield waiting
            waiting, least = [], 2 * n_pairs
    if waiting:
        yield waiting


def _runs_of_rows(waiting: list[Candidates]) -> tuple[Rows, Rows]:
    """The rows of all pairs in ascending order, and their numbers of runs."""
    nothing = Candidates(*np.empty((2, 0, 2), dtype=np.int64))
    rows, runs = (
        np.concatenate([getattr(some, name).ravel() for some in (nothing, *waiting)]) for name in ("pairs", "runs")
    )
    rows, first = np.unique(rows, return_index=True)
    return rows, runs[first]


def _batches(waiting: list[Candidates], most_runs: int) -> Iterator[list[Pairs]]:
    """Each pair once, at its first occurrence; in batches of few rows, by the bands in a batch.

    If all rows are too many, they are cut into blocks of which two may be read at a time, and pairs are taken by
    blocks: where each row is in many pairs, each two blocks are read once, and fewer times where pairs are few.
    """
    rows, runs = _runs_of_rows(waiting)
    block = (2 * (np.cumsum(runs) - 1)) // max(most_runs, 1)
    pairs = np.sort(np.concatenate([some.pairs for some in waiting]), axis=1)
    turn = np.repeat(np.arange(len(waiting)), [len(some.pairs) for some in waiting])
    order = np.lexsort((turn, pairs[:, 1], pairs[:, 0]))
    new = np.ones(len(order), dtype=bool)
    new[1:] = (pairs[order[1:]] != pairs[order[:-1]]).any(axis=1)
    pairs, turn = pairs[order[new]], turn[order[new]]
    places = np.searchsorted(rows, pairs)
    order = np.lexsort((*places.T[::-1], *block[places].T[::-1]))
    for batch in _within(places[order], runs, most_runs):
        part = order[batch]
        part = part[np.argsort(turn[part], kind="stable")]
        yield np.split(pairs[part], np.flatnonzero(np.diff(turn[part])) + 1)


def _within(places: Pairs, runs: Rows, most_runs: int) -> Iterator[slice]:
    """Cuts pairs where the rows that are new since the last cut have more runs than may be read; one pair at least."""
    start = 0
    while start < len(places):
        ahead = places[start:].ravel()
        first = np.zeros(len(ahead), dtype=bool)
        first[np.unique(ahead, return_index=True)[1]] = True
        sums = np.cumsum(runs[ahead] * first)[1::2]
        stop = start + max(1, int(np.searchsorted(sums, most_runs, side="right")))
        yield slice(start, stop)
        start = stop


def _sketches(keys: Chunk) -> SketchBytes:
    rows = np.arange(len(keys["runs"]), dtype=np.int64)
    sketches: SketchBytes = over_arrays(row=rows, **keys)(Sketches(rows))
    return sketches


def _copies(keys: Chunk, others: Chunk) -> Pairs:
    """Each text of the others with the first text of the same words."""
    return _in_bucket(keys, others, keys["content"], others["content"], (0,), np.uint64(0))


def _matches(keys: Chunk, others: Chunk, band: int) -> Pairs:
    """Each text of the others with those texts of its bucket that stand beside it by the next band."""
    names = BAND_NAMES[band], BAND_NAMES[(band + 1) % N_BANDS]
    both, wanted = (both_keys(*(some[name] for name in names)) for some in (keys, others))
    return _in_bucket(keys, others, both, wanted, range(-NEIGHBOURS, NEIGHBOURS + 1), KEY_BITS)


def _in_bucket(
    keys: Chunk, others: Chunk, sorted_by: Hashes, wanted: Hashes, steps: Sequence[int], bits: np.uint64
) -> Pairs:
    """Each of the others with rows of its bucket (equal without the last bits), at some steps from where it belongs."""
    rows, other_rows = (np.flatnonzero(some["content"]) for some in (keys, others))
    order = rows[np.lexsort((keys["content"][rows], sorted_by[rows]))]
    at = np.searchsorted(sorted_by[order], wanted[other_rows], side="left")
    found = []
    for step in steps if len(order) else ():
        place = np.clip(at + step, 0, len(order) - 1)
        hit = sorted_by[order[place]] >> bits == wanted[other_rows] >> bits
        found.append(np.stack([order[place[hit]], other_rows[hit]], axis=1))
    return np.concatenate(found) if found else np.empty((0, 2), dtype=np.int64)


def _sorted(pairs: Pairs, similarity: PairScore) -> NearTexts:
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return NearTexts(pairs[order], similarity[order])
