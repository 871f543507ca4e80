from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dechaff.methods.proof.pair_rows import pair_rows, random_control

ROWS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=30)


@given(ROWS, ROWS)
def test_partners_have_the_same_content_and_nobody_has_two(
    before: list[tuple[int, int]], after: list[tuple[int, int]]
) -> None:
    old, new = (np.array(side, dtype=np.int64).reshape(-1, 2) for side in (before, after))
    pairing = pair_rows((old[:, 0], new[:, 0]), (old[:, 1], new[:, 1]))
    paired = np.flatnonzero(pairing.partner >= 0)
    partners = pairing.partner[paired]
    assert len(set(partners.tolist())) == len(partners)
    assert (old[paired, 0] == new[partners, 0]).all()
    assert sorted([*partners.tolist(), *pairing.added.tolist()]) == list(range(len(new)))
    # As many pairs as the contents allow.
    common = sum(min((old[:, 0] == c).sum(), (new[:, 0] == c).sum()) for c in range(6))
    assert len(partners) == common


@given(ROWS)
def test_a_shuffle_changes_no_label_and_drops_nothing(rows: list[tuple[int, int]]) -> None:
    old = np.array(rows, dtype=np.int64).reshape(-1, 2)
    new = old[np.random.default_rng(len(rows)).permutation(len(old))]
    pairing = pair_rows((old[:, 0], new[:, 0]), (old[:, 1], new[:, 1]))
    assert (pairing.partner >= 0).all()
    assert (new[pairing.partner, 1] == old[:, 1]).all()


def test_the_dropped_one_of_two_contradicting_copies_is_a_drop_and_no_changed_label() -> None:
    pairing = pair_rows((np.array([7, 7]), np.array([7])), (np.array([0, 1]), np.array([1])))
    assert pairing.partner.tolist() == [-1, 0]


def test_a_row_with_a_changed_cell_is_known_by_its_id() -> None:
    ids = np.array(["a", "b"], dtype=object)
    pairing = pair_rows((np.array([1, 2]), np.array([9, 1])), (np.array([0, 0]), np.array([0, 0])), (ids, ids[::-1]))
    assert pairing.partner.tolist() == [1, 0]
    assert pairing.edited.tolist() == [False, True]


MANY_ROWS = st.lists(st.tuples(st.integers(-1, 3), st.booleans(), st.integers(-1, 3)), min_size=1, max_size=40)


@given(MANY_ROWS, st.integers(0, 99))
def test_the_control_drops_and_relabels_as_many_rows_of_each_class(
    rows: list[tuple[int, bool, int]], seed: int
) -> None:
    given_labels = np.array([row[0] for row in rows])
    kept = np.array([row[1] for row in rows])
    cleaned = np.array([row[2] for row in rows])
    control_kept, labels = random_control(given_labels, kept, cleaned, rng=np.random.default_rng(seed))
    assert Counter(given_labels[control_kept].tolist()) == Counter(given_labels[kept].tolist())
    old = Counter(zip(given_labels[kept].tolist(), cleaned[kept].tolist(), strict=True))
    assert Counter(zip(given_labels[control_kept].tolist(), labels[control_kept].tolist(), strict=True)) == old


def test_the_choice_is_random_and_decided_by_the_seed() -> None:
    labels = np.zeros(50, dtype=np.int64)
    kept = np.arange(50) >= 10
    draws = [random_control(labels, kept, labels, rng=np.random.default_rng(s))[0] for s in (1, 1, 2)]
    assert (draws[0] == draws[1]).all()
    assert (draws[0] != draws[2]).any()
