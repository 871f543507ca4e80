"""Texts that are nearly the same: MinHash finds the candidates, their shingles decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import RunFold
from dechaff.core.groups import DisjointSets, Pairs, PairScore, UnionFind
from dechaff.core.over_arrays import fold_over, over_arrays
from dechaff.core.source import ArraySource
from dechaff.core.word_hashes import blocks_within
from dechaff.methods.duplicates.equal_rows import MOST_BYTES, equal_contents, shares_of
from dechaff.methods.duplicates.shingle_sets import BucketPairs, Candidates, ShingleSets, similarities
from dechaff.methods.duplicates.shingles import BAND_NAMES, N_BANDS, text_keys
from dechaff.typing import Axes, Chunk, Texts

MIN_SIMILARITY = 0.75
_BYTES_A_WORD = 16
"""Bytes per word of a text that is compared, while the sets are sorted."""

OtherTexts = Annotated[npt.NDArray[np.object_], Axes("m")]


@dataclass(frozen=True)
class NearTexts:
    """Pairs of rows and the Jaccard similarity of their shingles."""

    pairs: Pairs
    similarity: PairScore


def near_texts(texts: Texts, *, min_similarity: float = MIN_SIMILARITY) -> NearTexts:
    """Pairs of texts that share most of their three-word runs, whatever their case, spacing and punctuation.

    Not every pair of a large group is named, but enough to tie the group together: a text is compared with a few
    others of each of its buckets, unless they are tied together already; so the work stays near-linear. Every pair
    named has been verified on the full sets of shingles. The groups depend on the set of texts alone, not on their
    order.

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

    The keys are read once a band (and once more for equal texts), a fraction of them at a time where there are very
    many. The texts are read again for the candidates only: once in data with few near copies.

    Parameters
    ----------
    run_texts : runs a fold over the columns ``row`` (numbers from 0 over all rows: `numbered`) and ``texts``
    run_keys : runs a fold over ``row`` and the columns that the row map `TextKeys` made of the same texts
    n_rows : number of rows
    min_similarity : smallest Jaccard similarity of a pair, in (0, 1]
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
    found, alike = [same], [np.ones(len(same))]
    for turns in _batches(run_keys, shares_of(n_rows, most_bytes), most_bytes // _BYTES_A_WORD):
        rows = np.unique(np.concatenate([_untied(pairs, linked) for pairs in turns]))
        if len(rows) == 0:
            continue
        sets = run_texts(ShingleSets(rows))
        for turn in turns:
            pairs = _untied(turn, linked)
            similarity = similarities(sets, pairs)
            near = similarity >= min_similarity
            found.append(pairs[near])
            alike.append(similarity[near])
            linked = forest.update(linked, {"pairs": pairs[near]}) if near.any() else linked
    return _sorted(np.concatenate(found), np.concatenate(alike))


def near_texts_across(train: Texts, test: OtherTexts, *, min_similarity: float = MIN_SIMILARITY) -> NearTexts:
    """The same between two sets of texts: pairs of (row of `train`, row of `test`).

    Each test text is compared with two train texts of each of its buckets, so that a train text between near copies
    of itself may be omitted: it is in their group.

    Parameters
    ----------
    train : (n,) object array of str
    test : (m,) object array of str
    min_similarity : smallest Jaccard similarity of a pair, in (0, 1]

    Examples
    --------
    >>> one = np.array(["x", "The cat sat on the mat."], dtype=object)
    >>> near_texts_across(one, np.array(["the cat sat on the mat!"], dtype=object)).pairs.tolist()
    [[1, 0]]
    """
    keys, others = text_keys(train), text_keys(test)
    found = [_matches(keys, others, name) for name in ("content", *BAND_NAMES)]
    pairs = np.unique(np.concatenate(found), axis=0)
    pairs[:, 1] += len(train)
    run = over_arrays(row=np.arange(len(train) + len(test)), texts=np.concatenate([train, test]))
    alike = similarities(run(ShingleSets(np.unique(pairs))), pairs)
    near = alike >= min_similarity
    return _sorted(pairs[near] - np.array([0, len(train)]), alike[near])


def _untied(pairs: Pairs, linked: DisjointSets) -> Pairs:
    """Without the pairs that are connected already: texts made from one template share every bucket."""
    return np.asarray(pairs[linked.least_of(pairs[:, 0]) != linked.least_of(pairs[:, 1])], dtype=np.int64)


def _batches(run_keys: RunFold[Any], shares: int, most_words: int) -> Iterator[list[Pairs]]:
    """The candidates of as many bands as may be read as texts at a time, separately for each band."""
    waiting: list[Candidates] = []
    weight = 0
    for band in range(N_BANDS):
        for share in range(shares):
            waiting.append(run_keys(BucketPairs(band, share, shares)))
            weight += int(waiting[-1].words.sum())
            if weight >= most_words:
                yield from _cut(waiting, most_words)
                waiting, weight = [], 0
    if weight:
        yield from _cut(waiting, most_words)


def _cut(waiting: list[Candidates], most_words: int) -> Iterator[list[Pairs]]:
    """Each pair once, at its first occurrence."""
    pairs = np.sort(np.concatenate([some.pairs for some in waiting]), axis=1)
    words = np.concatenate([some.words.sum(axis=1) for some in waiting])
    turn = np.repeat(np.arange(len(waiting)), [len(some.pairs) for some in waiting])
    order = np.lexsort((turn, pairs[:, 1], pairs[:, 0]))
    new = np.ones(len(order), dtype=bool)
    new[1:] = (pairs[order[1:]] != pairs[order[:-1]]).any(axis=1)
    kept = np.sort(order[new])
    for block in blocks_within(words[kept], most_words, len(kept)):
        part = kept[block]
        yield np.split(pairs[part], np.flatnonzero(np.diff(turn[part])) + 1)


def _matches(keys: Chunk, others: Chunk, name: str) -> Pairs:
    """Each text of the others with the first and the last text of its bucket, in the order of their content."""
    rows, other_rows = (np.flatnonzero(some["content"]) for some in (keys, others))
    order = rows[np.lexsort((keys["content"][rows], keys[name][rows]))]
    wanted = others[name][other_rows]
    low = np.searchsorted(keys[name][order], wanted, side="left")
    high = np.searchsorted(keys[name][order], wanted, side="right")
    hit = np.flatnonzero(high > low)
    return np.concatenate([np.stack([order[ends], other_rows[hit]], axis=1) for ends in (low[hit], high[hit] - 1)])


def _sorted(pairs: Pairs, similarity: PairScore) -> NearTexts:
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return NearTexts(pairs[order], similarity[order])
