"""Cuts of leads in passes are those of a sort of each pair's leads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dechaff.core.over_arrays import over_arrays
from dechaff.core.source import ArraySource
from dechaff.methods.label_errors import lead_cuts
from dechaff.methods.label_errors.leading_candidates import Leads


def made(seed: int, n: int, k: int, dtype: str, least: float) -> Leads:
    """Leads in the order of rows, some of equal margin, some rows with several."""
    random = np.random.default_rng(seed)
    margins = least + (1 - least) * random.random(n)
    some = random.random(n) < 0.3
    margins[some] = np.maximum(np.ceil(margins[some] * 8) / 8, np.nextafter(np.float32(least), 1))
    cells = random.integers(0, k * k, n).astype(np.min_scalar_type(k * k - 1))
    return Leads(np.sort(random.integers(0, 2 * n + 1, n)), cells, margins.astype(dtype))


def by_sorting(leads: Leads, wanted: np.ndarray) -> np.ndarray:
    chosen = np.zeros(len(leads.rows), dtype=bool)
    for cell, n in enumerate(wanted.reshape(-1).tolist()):
        own = np.flatnonzero(leads.cells == cell)
        chosen[own[np.lexsort((leads.rows[own], -leads.margins[own]))[:n]]] = True
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
    leads = made(seed, n, k, dtype, least)
    _, first = np.unique(np.stack([leads.rows, leads.cells]), axis=1, return_index=True)
    leads = leads.picked(np.sort(first))  # a row leads a pair once
    wanted = np.random.default_rng(seed).integers(0, most + 1, (k, k))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lead_cuts, "_RANKED", ranked)
        cuts = lead_cuts.lead_cuts(over_arrays(**vars(leads)), wanted, np.full((k, k), least), np.dtype(dtype))
    np.testing.assert_array_equal(cuts.chosen(leads), by_sorting(leads, wanted))
    leading = np.bincount(leads.cells, minlength=k * k).reshape(k, k)
    np.testing.assert_array_equal(cuts.leading, np.where(wanted > 0, leading, 0))


def test_few_leads_are_ranked_where_there_are_many() -> None:
    leads = made(0, 200_000, 3, "f4", 0.3)
    ranked = []

    def run(fold):
        found = over_arrays(**vars(leads))(fold)
        if isinstance(fold, lead_cuts.LeadsWithin):
            ranked.append(len(found.rows))
        return found

    lead_cuts.lead_cuts(run, np.full((3, 3), 9000), np.full((3, 3), 0.3), np.dtype("f4"))
    assert sum(ranked) < 0.3 * len(leads.rows)  # a ninth of them are equal


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_chunks_of_any_size_come_to_the_same(rows: int) -> None:
    leads = made(3, 500, 4, "f8", 0.3)
    ranges = lead_cuts.MarginRanges.above(np.full((4, 4), 0.3), np.array([1, 2, 7]), np.dtype("f8"))
    for fold in (lead_cuts.MarginCounts(ranges), lead_cuts.LeadsWithin(ranges)):
        whole, state = fold.update(fold.init(), vars(leads)), fold.init()
        for chunk in ArraySource(vars(leads), chunk_rows=rows).chunks(fold.columns):
            state = fold.merge(state, fold.update(fold.init(), chunk))
        for some, others in zip(np.atleast_1d(whole), np.atleast_1d(state), strict=True):
            np.testing.assert_equal(
                vars(some) if isinstance(some, Leads) else some, vars(others) if isinstance(others, Leads) else others
            )
