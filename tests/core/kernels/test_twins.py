"""The native functions give the bits of the numpy ones, whatever the numbers, and however threads share the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, is_dataclass
from typing import Any

import numpy as np
import pytest

from dechaff.core.kernels import native
from dechaff.core.kernels.bounded_rows import ThresholdBounds, bounded_rows
from dechaff.core.kernels.given_sums import given_sums
from dechaff.core.kernels.leading_rows import leading_rows
from dechaff.core.kernels.row_classes import other_ahead, pairs_counted, reached_class, row_classes
from dechaff.errors import InputError, LabelsError
from tests.core.kernels.hard_rows import HardRows, hard_rows
from tests.core.kernels.variants import ALL, natives, used

SEEDS = range(80)
LEAD = 2e-6


def flat(result: Any) -> list[Any]:
    if is_dataclass(result) and not isinstance(result, type):
        return [part for value in astuple(result) for part in flat(value)]
    return [part for value in result for part in flat(value)] if isinstance(result, tuple | list) else [result]


def same_bits(kernel: str, left: Any, right: Any) -> None:
    for one, other in zip(flat(left), flat(right), strict=True):
        one, other = np.asarray(one), np.asarray(other)
        assert (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes()), kernel


def twins(work: Callable[[HardRows], Any], rows: HardRows) -> None:
    """Every native kernel gives the bits of numpy."""
    with used("numpy"):
        plain = work(rows)
    for kernel in natives():
        with used(kernel):
            same_bits(kernel, work(rows), plain)


def twins_if_fine(work: Callable[[HardRows], Any], rows: HardRows) -> bool:
    """The same for functions whose numbers count only if the rows are fine; returns whether they are."""
    with used("numpy"):
        plain = work(rows)
    for kernel in natives():
        with used(kernel):
            found = work(rows)
        assert found.fine == plain.fine, kernel
        if plain.fine:
            same_bits(kernel, found, plain)
    return bool(plain.fine)


@pytest.fixture(autouse=True)
def two_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "NATIVE_WORTH", 2**10)
    monkeypatch.setattr(native, "usual_threads", lambda: 2)


def thresholds_for(rows: HardRows, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    thresholds = rng.choice([0.0625, 0.25, 0.5, np.inf, 1e-6], size=rows.k)
    return thresholds.astype(rows.values.dtype)


def test_given_sums() -> None:
    for seed in SEEDS:
        twins_if_fine(lambda r: given_sums(r.labels, r.values), hard_rows(seed, odd=seed % 3 == 0))


@pytest.mark.parametrize("kernel", ALL)
@pytest.mark.parametrize("label", [-1, 3, 2**40, -(2**63)])
def test_a_label_that_is_no_column_is_not_fine(kernel: str, label: int) -> None:
    labels, values = np.array([0, label, 1]), np.full((3, 3), 1 / 3)
    with used(kernel):
        assert not given_sums(labels, values).fine


@pytest.mark.parametrize("of_reached", [True, False])
def test_row_classes(of_reached: bool) -> None:
    for seed in SEEDS:
        rows = hard_rows(seed)
        thresholds = thresholds_for(rows, seed)
        twins(lambda r: row_classes(r.labels, r.values, thresholds, slack=1e-6, of_reached=of_reached), rows)  # noqa: B023
        twins(lambda r: reached_class(r.values, thresholds, of_reached=of_reached), rows)  # noqa: B023
        twins(lambda r: other_ahead(r.labels, r.values, slack=0.0625 if r.k % 2 else 1e-6), rows)


def test_numbers_that_lie_column_by_column() -> None:
    for seed in SEEDS:
        rows = hard_rows(seed)
        rows = HardRows(rows.labels, np.asfortranarray(rows.values.astype(rows.values.dtype.newbyteorder("="))))
        thresholds, of_reached = thresholds_for(rows, seed), seed % 2 == 0
        twins(lambda r: row_classes(r.labels, r.values, thresholds, slack=1e-6, of_reached=of_reached), rows)  # noqa: B023
        twins(lambda r: row_classes(r.labels, r.values[3:], thresholds, slack=0.0625, of_reached=of_reached),  # noqa: B023
             HardRows(rows.labels[3:], rows.values))  # fmt: skip
        twins(lambda r: reached_class(r.values, thresholds, of_reached=of_reached), rows)  # noqa: B023
        twins_if_fine(lambda r: given_sums(r.labels, r.values), rows)


def test_row_classes_of_many_columns_count_their_pairs_afterwards() -> None:
    rng = np.random.default_rng(0)
    rows = HardRows(rng.integers(0, 300, 500), rng.dirichlet(np.full(300, 0.05), 500))
    thresholds = np.full(300, 0.1)
    twins(lambda r: row_classes(r.labels, r.values, thresholds, slack=1e-6, of_reached=True), rows)
    reached = rng.integers(-1, 300, 500).astype(np.int32)
    twins(lambda r: pairs_counted(r.labels, reached, 300), rows)


@pytest.mark.parametrize("order", "CF")
def test_bounded_rows(order: str) -> None:
    n_fine = 0
    for seed in range(2 * len(SEEDS)):
        rows, rng = hard_rows(seed, finite=seed % 4 > 0), np.random.default_rng(seed)
        kind, apart = rows.values.dtype, rng.choice([0.0, 0.25, 0.9])
        low = thresholds_for(rows, seed)
        least = rng.choice([2e-6, 0.0625, 0.5, np.inf], size=(rows.k, rows.k)).astype(kind)
        bounds = ThresholdBounds(low, low + kind.type(apart), least, 1e-6 if seed % 2 else 0.0625)
        rows = HardRows(rows.labels, np.array(rows.values, order=order))
        n_fine += twins_if_fine(lambda r: bounded_rows(r.labels, r.values, bounds), rows)  # noqa: B023
    assert n_fine > len(SEEDS) / 2


@pytest.mark.parametrize("k", [3, 17, 70, 300])
@pytest.mark.parametrize("order", "CF")
def test_bounded_rows_of_several_blocks(k: int, order: str) -> None:
    rng = np.random.default_rng(k)
    values = rng.dirichlet(np.full(k, 0.1), 1500)
    labels = np.where(rng.random(1500) < 0.7, values.argmax(axis=1), rng.integers(0, k, 1500))
    low = rng.uniform(0.2, 0.6, k)
    for kind in (np.float32, np.float64):
        rows = HardRows(labels, np.array(values, dtype=kind, order=order))
        least = np.full((k, k), 0.2, dtype=kind)
        bounds = ThresholdBounds(low.astype(kind), (low + 0.1).astype(kind), least, 1e-6)
        twins(lambda r: bounded_rows(r.labels, r.values, bounds), rows)  # noqa: B023


@pytest.mark.parametrize("kernel", ALL)
@pytest.mark.parametrize("label", [-1, 3, 2**40])
def test_bounded_rows_refuse_a_label_that_is_no_column(kernel: str, label: int) -> None:
    thresholds = np.full(3, 0.5)
    with used(kernel), pytest.raises(LabelsError):
        bounded_rows(
            np.array([0, label]),
            np.full((2, 3), 1 / 3),
            ThresholdBounds(thresholds, thresholds, np.full((3, 3), 0.1), 1e-6),
        )


@pytest.mark.parametrize("kernel", ALL)
def test_rows_are_unsettled_where_other_bars_show_another_column(kernel: str) -> None:
    rng = np.random.default_rng(0)
    values = rng.dirichlet(np.full(4, 0.8), 2000)
    labels, low = rng.integers(0, 4, 2000), rng.uniform(0.1, 0.4, 4)
    bounds = ThresholdBounds(low, low + 0.2, np.full((4, 4), 0.1), 1e-6)
    with used(kernel):
        found = bounded_rows(labels, values, bounds)
        ends = [reached_class(values, thresholds, of_reached=True) for thresholds in (bounds.low, bounds.high)]
    np.testing.assert_array_equal(found.unsettled, np.flatnonzero(ends[0] != ends[1]))
    settled = np.setdiff1d(np.arange(2000), found.unsettled)
    np.testing.assert_array_equal(found.pairs, pairs_counted(labels[settled], ends[0][settled], 4))


def marks(rows: HardRows, lead: float, rng: np.random.Generator) -> np.ndarray:
    """All rows in which a column leads, and some others."""
    if not len(rows.labels):
        return np.zeros(0, dtype=bool)
    given = rows.values[np.arange(len(rows.labels)), rows.labels]
    return ((rows.values - given[:, None]) > lead).any(axis=1) | (rng.random(len(rows.labels)) < 0.2)


@pytest.mark.parametrize("most", [1, 4, 50])
def test_leading_rows(most: int) -> None:
    for seed in SEEDS:
        rows, rng = hard_rows(seed, finite=True), np.random.default_rng(seed)
        marked, wanted = marks(rows, LEAD, rng), rng.integers(0, most + 1, (rows.k, rows.k))
        wanted[rng.random(wanted.shape) < 0.5] = 0
        twins(lambda r: leading_rows(r.labels, r.values, marked, wanted, lead=LEAD), rows)  # noqa: B023


@pytest.mark.slow
def test_more_leads_than_are_kept_at_a_time_are_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dechaff.core.kernels.leading_rows._LEADS_A_ROW", 0)
    monkeypatch.setattr("dechaff.core.kernels.leading_rows._MOST_KEPT", 50)
    rng = np.random.default_rng(0)
    for k in (5, 70):
        rows = HardRows(rng.integers(0, k, 1000), np.round(rng.dirichlet(np.full(k, 0.5), 1000), 2))
        marked, wanted = np.ones(1000, dtype=bool), rng.integers(0, 40, (k, k))
        twins(lambda r: leading_rows(r.labels, r.values, marked, wanted, lead=LEAD), rows)  # noqa: B023


@pytest.mark.slow
@pytest.mark.parametrize("sure", [-3.0, 0.0, 6.0])
def test_a_look_at_some_rows_does_not_change_which_are_chosen(sure: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dechaff.core.kernels.leading_rows._ROWS_WORTH_A_LOOK", 0)
    monkeypatch.setattr("dechaff.core.top_rows._SURE", sure)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        k = int(rng.choice([3, 10, 16, 70]))
        values = rng.dirichlet(np.full(k, 0.5), 4000).astype(rng.choice(["f4", "f8"]))
        rows = HardRows(rng.integers(0, k, 4000), np.round(values, 1) if seed % 2 else values)
        marked, wanted = marks(rows, LEAD, rng), rng.integers(0, 4000 // k**2 + 5, (k, k))
        twins(lambda r: leading_rows(r.labels, r.values, marked, wanted, lead=LEAD), rows)  # noqa: B023


def misleading(order: str, values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """An order of the rows in which those that are looked at first are unlike the others."""
    margins = (values - values[np.arange(len(labels)), labels][:, None]).max(axis=1)
    ranked = np.argsort(margins if order == "less" else -margins, kind="stable")
    looked_at = np.arange(len(labels)) // 64 % 16 == 0
    return {"labels": np.argsort(labels, kind="stable"), "ranked": ranked}.get(
        order, ranked[np.argsort(np.argsort(~looked_at, kind="stable"), kind="stable")]
    )


@pytest.mark.slow
@pytest.mark.parametrize("order", ["labels", "ranked", "more", "less"])
def test_rows_that_mislead_the_look_do_not_change_which_are_chosen(order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dechaff.core.kernels.leading_rows._ROWS_WORTH_A_LOOK", 0)
    for seed in range(8):
        rng = np.random.default_rng(seed)
        k, n = (3, 9, 33, 70)[seed % 4], 12_000
        values, labels = rng.dirichlet(np.full(k, 0.3), n), rng.integers(0, k, n)
        at = misleading(order, values, labels)
        rows = HardRows(labels[at], np.round(values[at], 2 if seed < 4 else 12))
        leads = marks(rows, LEAD, rng)
        wanted = rng.integers(0, rng.choice([n // k**2 + 5, 2 * n // k]), (k, k))  # more than lead, and than there are
        twins(lambda r: leading_rows(r.labels, r.values, leads, wanted, lead=LEAD), rows)  # noqa: B023


@pytest.mark.parametrize("k", [1, 7, 9, 17, 25, 33, 41, 50, 64])
def test_numbers_beside_the_rows_do_not_count(k: int) -> None:
    rng = np.random.default_rng(0)
    for beside in (np.inf, -np.inf, np.nan, 2.0):
        wide = np.full((500, 64), beside)
        wide[:, :k] = rng.dirichlet(np.ones(k), 500)
        rows = HardRows(rng.integers(0, k, 500), wide[:, :k])
        marked, wanted = marks(rows, LEAD, rng), rng.integers(0, 500 // k, (k, k))
        twins(lambda r: leading_rows(r.labels, r.values, marked, wanted, lead=LEAD), rows)  # noqa: B023


@pytest.mark.parametrize("kernel", ALL)
def test_leading_rows_are_what_a_sort_of_each_pair_gives(kernel: str) -> None:
    rng = np.random.default_rng(1)
    k, n = 4, 300
    labels, values = rng.integers(0, k, n), np.round(rng.dirichlet(np.ones(k), n), 1)
    rows = HardRows(labels, values)
    marked, wanted = marks(rows, LEAD, rng), rng.integers(0, 60, (k, k))
    expected = np.zeros(n, dtype=bool)
    for label in range(k):
        members = np.flatnonzero(labels == label)
        for other in set(range(k)) - {label}:
            margins = values[members, other] - values[members, label]
            order = sorted(range(len(members)), key=lambda at: (-margins[at], at))
            expected[members[order[: wanted[label, other]]]] = True
    with used(kernel):
        np.testing.assert_array_equal(leading_rows(labels, values, marked, wanted, lead=LEAD), expected & marked)


@pytest.mark.parametrize("kernel", ALL)
def test_numbers_for_other_columns_are_refused(kernel: str) -> None:
    labels, values = np.array([0, 1, 2]), np.full((3, 40), 1 / 40)
    with used(kernel):
        with pytest.raises(InputError, match="thresholds must be 40 numbers"):
            reached_class(values, np.full(2, 0.2), of_reached=True)
        with pytest.raises(InputError, match=r"wanted must be \(40, 40\)"):
            leading_rows(labels, values, np.ones(3, dtype=bool), np.ones((2, 2), dtype=np.int64), lead=LEAD)
