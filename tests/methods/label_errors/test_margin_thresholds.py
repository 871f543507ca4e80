"""Cuts of candidates in passes are those of a sort of each pair's candidates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dechaff.core.over_arrays import over_arrays
from dechaff.core.source import ArraySource
from dechaff.methods.label_errors import margin_thresholds
from dechaff.methods.label_errors.margin_thresholds import MarginCandidates


def made(seed: int, n: int, k: int, dtype: str, least: float) -> MarginCandidates:
    """MarginCandidates in the order of rows, some of equal margin, some rows with several."""
    random = np.random.default_rng(seed)
    margins = least + (1 - least) * random.random(n)
    some = random.random(n) < 0.3
    margins[some] = np.maximum(np.ceil(margins[some] * 8) / 8, np.nextafter(np.float32(least), 1))
    cells = random.integers(0, k * k, n).astype(np.min_scalar_type(k * k - 1))
    return MarginCandidates(np.sort(random.integers(0, 2 * n + 1, n)), cells, margins.astype(dtype))


def by_sorting(candidates: MarginCandidates, wanted: np.ndarray) -> np.ndarray:
    chosen = np.zeros(len(candidates.rows), dtype=bool)
    for cell, n in enumerate(wanted.reshape(-1).tolist()):
        own = np.flatnonzero(candidates.cells == cell)
        chosen[own[np.lexsort((candidates.rows[own], -candidates.margins[own]))[:n]]] = True
    return chosen


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 1000),
    n=st.integers(0, 400),
    k=st.integers(1, 9),
    dtype=st.sampled_from(["f4", "f8"]),
    least=st.sampled_from([1e-30, 1e-9, 0.3, 0.9]),
    most=st.integers(0, 12),
    ranked=st.sampled_from([0, 5, 2**20]),
)
def test_the_cuts_are_those_of_a_sort(seed, n, k, dtype, least, most, ranked) -> None:
    candidates = made(seed, n, k, dtype, least)
    _, first = np.unique(np.stack([candidates.rows, candidates.cells]), axis=1, return_index=True)
    candidates = candidates.picked(np.sort(first))  # a row candidates a pair once
    wanted = np.random.default_rng(seed).integers(0, most + 1, (k, k))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(margin_thresholds, "_RANKED", ranked)
        thresholds = margin_thresholds.margin_thresholds(
            over_arrays(**vars(candidates)), wanted, np.full((k, k), least), np.dtype(dtype)
        )
    np.testing.assert_array_equal(thresholds.chosen(candidates), by_sorting(candidates, wanted))
    leading = np.bincount(candidates.cells, minlength=k * k).reshape(k, k)
    np.testing.assert_array_equal(thresholds.leading, np.where(wanted > 0, leading, 0))


def test_few_leads_are_ranked_where_there_are_many() -> None:
    candidates = made(0, 200_000, 3, "f4", 0.3)
    ranked = []

    def run(fold):
        found = over_arrays(**vars(candidates))(fold)
        if isinstance(fold, margin_thresholds.CandidatesWithin):
            ranked.append(len(found.rows))
        return found

    margin_thresholds.margin_thresholds(run, np.full((3, 3), 9000), np.full((3, 3), 0.3), np.dtype("f4"))
    assert sum(ranked) < 0.3 * len(candidates.rows)  # a ninth of them are equal


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_chunks_of_any_size_come_to_the_same(rows: int) -> None:
    candidates = made(3, 500, 4, "f8", 0.3)
    ranges = margin_thresholds.MarginRanges.above(np.full((4, 4), 0.3), np.array([1, 2, 7]), np.dtype("f8"))
    for fold in (margin_thresholds.MarginCounts(ranges), margin_thresholds.CandidatesWithin(ranges)):
        whole, state = fold.update(fold.init(), vars(candidates)), fold.init()
        for chunk in ArraySource(vars(candidates), chunk_rows=rows).chunks(fold.columns):
            state = fold.merge(state, fold.update(fold.init(), chunk))
        for some, others in zip(np.atleast_1d(whole), np.atleast_1d(state), strict=True):
            np.testing.assert_equal(
                vars(some) if isinstance(some, MarginCandidates) else some,
                vars(others) if isinstance(others, MarginCandidates) else others,
            )
