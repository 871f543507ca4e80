"""Least products, runs and common counts of hashes have the same bits in numpy and in the native kernel."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.core.kernels.hash_sets import MOST_HASH, RUN, common_counts, least_products, run_hashes
from dechaff.core.kernels.native import available


@pytest.fixture(params=available(), autouse=True)
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DECHAFF_KERNEL", request.param)


@pytest.mark.parametrize("k", [1, 15, 16, 17, 40, 100])
def test_the_least_products_are_those_of_a_plain_loop(k: int) -> None:
    rng = np.random.default_rng(k)
    hashes = rng.integers(0, 2**64, 700, dtype=np.uint64)
    factors = rng.integers(0, 2**32, k, dtype=np.uint32) | np.uint32(1)
    counts = rng.integers(1, 40, 30)
    firsts = rng.integers(0, 650, 30)
    found = least_products(hashes, firsts, counts, factors)
    halves = (hashes >> np.uint64(32)).astype(np.uint32)
    runs = [halves[first : first + count] for first, count in zip(firsts, counts, strict=True)]
    assert found.tolist() == [[int((run * factor).min()) for run in runs] for factor in factors]


def test_the_hashes_of_runs_depend_on_their_bytes_alone() -> None:
    line = np.random.default_rng(0).integers(0, 3, 300).astype(np.uint8).tobytes() + bytes(RUN)
    firsts = np.array([0, 5, 40, 100, 290])
    sizes = np.array([20, 0, 8, 150, 3])
    hashes, counts = run_hashes(line, firsts, sizes)
    assert counts.tolist() == [13, 0, 1, 143, 1]
    texts = zip(firsts, sizes, counts, strict=True)
    places = [(first + step, min(8, size)) for first, size, count in texts for step in range(count)]
    runs = [line[at : at + size] for at, size in places]
    known = dict(zip(runs, hashes.tolist(), strict=True))
    assert [known[run] for run in runs] == hashes.tolist()
    assert len(set(known.values())) == len(known)


def test_common_hashes_are_counted() -> None:
    rng = np.random.default_rng(2)
    sets = [np.unique(rng.integers(0, 60, size)).astype(np.uint64) for size in (0, 1, 5, 30, 60, 200)]
    sets.append(np.array([MOST_HASH], dtype=np.uint64))
    sizes = np.array([len(some) for some in sets])
    pairs = rng.integers(0, len(sets), (9000, 2))
    found = common_counts(np.concatenate(sets), np.cumsum(sizes) - sizes, sizes, pairs)
    assert found.tolist() == [len(np.intersect1d(sets[one], sets[other])) for one, other in pairs]


def test_nothing_has_nothing_in_common() -> None:
    none = np.empty(0, dtype=np.int64)
    assert common_counts(none.astype(np.uint64), none, none, none.reshape(0, 2)).size == 0
    assert least_products(none.astype(np.uint64), none, none, np.ones(3, dtype=np.uint32)).shape == (3, 0)
    assert run_hashes(bytes(RUN), none, none)[0].size == 0
