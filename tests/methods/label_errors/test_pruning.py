"""Pruning by hand: who is flagged, how ties fall, and what happens to small classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dechaff.core import over_arrays, source
from dechaff.errors import InputError, ProbsError
from dechaff.methods.label_errors.confident_joint import calibrated_joint, confident_joint
from dechaff.methods.label_errors.prune_counts import prune_counts, prune_counts_of, whole_counts
from dechaff.methods.label_errors.pruning import (
    ConfidentCounts,
    confident_counts,
    flags_by_class,
    flags_by_noise_rate,
    prune_by_both,
    prune_by_class,
    prune_by_noise_rate,
)
from tests.methods.label_errors.random_rows import Case

# Class 0 has five rows; the model sees class 1 in three of them and class 2 in one.
LABELS = np.array([0, 0, 0, 0, 0, 1, 2])
PROBS = np.array(
    [
        [0.8, 0.1, 0.1],
        [0.3, 0.4, 0.3],
        [0.2, 0.7, 0.1],
        [0.2, 0.7, 0.1],
        [0.1, 0.3, 0.6],
        [0.1, 0.8, 0.1],
        [0.1, 0.1, 0.8],
    ]
)
every_rule = pytest.mark.parametrize("prune", [prune_by_class, prune_by_noise_rate, prune_by_both])


def joint(to_one: int, to_two: int) -> np.ndarray:
    return np.array([[5 - to_one - to_two, to_one, to_two], [0, 1, 0], [0, 0, 1]])


def flagged(prune, counts: np.ndarray, **options) -> list[int]:
    return np.flatnonzero(prune(LABELS, PROBS, joint=counts, **options)).tolist()


def test_by_noise_rate_the_largest_margins_of_each_pair_are_flagged() -> None:
    assert flagged(prune_by_noise_rate, joint(2, 0)) == [2, 3]
    assert flagged(prune_by_noise_rate, joint(2, 1)) == [2, 3, 4]
    assert flagged(prune_by_noise_rate, joint(0, 1)) == [4]


def test_by_class_the_least_confident_rows_are_flagged() -> None:
    assert flagged(prune_by_class, joint(1, 0)) == [4]
    assert flagged(prune_by_class, joint(1, 1)) == [2, 4]


def test_both_flags_what_both_flag() -> None:
    assert flagged(prune_by_both, joint(1, 0)) == []
    assert flagged(prune_by_both, joint(1, 1)) == [2, 4]


def test_equal_rows_are_flagged_in_their_order() -> None:
    assert flagged(prune_by_noise_rate, joint(1, 0)) == [2]
    assert flagged(prune_by_class, joint(2, 0)) == [2, 4]


@every_rule
def test_more_errors_than_doubted_rows_flag_the_doubted_rows_only(prune) -> None:
    assert flagged(prune, joint(5, 0)) == [1, 2, 3, 4]


def test_a_pair_that_wants_more_rows_than_it_has_candidates_takes_the_next_of_its_class() -> None:
    # Class 2 leads in row 4 alone; its second row is row 1, where it is level and class 1 leads, as cleanlab counts.
    assert flagged(prune_by_noise_rate, joint(0, 2)) == [1, 4]


@every_rule
def test_a_class_of_few_rows_is_left_alone(prune) -> None:
    assert flagged(prune, joint(2, 1), min_examples_per_class=5) == []
    assert flagged(prune, np.array([[5, 0, 0], [1, 0, 0], [0, 0, 1]])) == []


@every_rule
def test_no_errors_flag_no_rows(prune) -> None:
    assert flagged(prune, joint(0, 0)) == []
    assert flagged(prune, joint(2, 1), frac_noise=0.0) == []


def test_a_share_of_the_errors_goes_back_to_the_diagonal() -> None:
    assert prune_counts(np.array([[10, 4], [6, 4]]), frac_noise=0.5).tolist() == [[12, 2], [3, 7]]


def test_a_class_keeps_its_least_rows_at_the_cost_of_its_errors() -> None:
    # 3 rows are missing on the first diagonal; they are taken from the two other counts, one and a half each.
    assert prune_counts(np.array([[0, 4, 4], [0, 9, 0], [0, 0, 9]]), min_examples_per_class=3)[0].tolist() == [3, 1, 1]


def test_counts_that_need_no_change_stay_as_they_are() -> None:
    before = joint(2, 1)
    assert prune_counts(before).tolist() == joint(2, 1).tolist()
    prune_counts(before, frac_noise=0.5)
    assert before.tolist() == joint(2, 1).tolist()


def test_a_number_for_each_class_is_needed() -> None:
    with pytest.raises(InputError, match="one number for each of the 3 classes"):
        prune_counts_of(joint(2, 1), np.array([5, 1, 1]), np.array([1, 1]))


def test_a_class_without_errors_gives_none_away() -> None:
    assert prune_counts_of(np.array([[4, 0], [0, 4]]), np.array([4, 4]), np.array([1, 0])).tolist() == [[3, 0], [0, 4]]


def test_equal_remainders_are_rounded_up_in_the_order_of_the_classes() -> None:
    assert calibrated_joint(np.array([[1, 1, 1], [0, 1, 0], [0, 0, 1]]), np.array([4, 1, 1]))[0].tolist() == [2, 1, 1]
    # One and a half, four and a half: no rounding of floats decides.
    assert calibrated_joint(np.array([[1, 3], [0, 1]]), np.array([6, 1]))[0].tolist() == [2, 4]
    assert whole_counts(np.array([[0.5, 0.5], [0.2, 0.8]])).tolist() == [[1, 0], [0, 1]]


def test_a_class_without_confident_rows_stays_on_its_diagonal() -> None:
    assert calibrated_joint(np.array([[3, 1], [0, 0]]), np.array([8, 7])).tolist() == [[6, 2], [0, 7]]


def test_a_joint_of_other_classes_is_refused() -> None:
    with pytest.raises(InputError, match="one row and one column for each of the 3 classes"):
        calibrated_joint(np.eye(2, dtype=np.int64), np.array([1, 2, 3]))


@every_rule
def test_no_rule_takes_a_joint_of_other_classes(prune: Any) -> None:
    for joint in (np.eye(2, dtype=np.int64), np.array([[1, 2, 3]]), np.array([1, 2, 3])):
        with pytest.raises(InputError, match="joint must have one row and one column for each of the 3 classes"):
            prune(LABELS, PROBS, joint=joint)


@every_rule
def test_no_rule_takes_a_share_beyond_all_errors(prune: Any) -> None:
    for share in (-0.1, 1.5, float("nan")):
        with pytest.raises(InputError, match="frac_noise must be from 0 to 1"):
            prune(LABELS, PROBS, joint=np.eye(3, dtype=np.int64), frac_noise=share)


def rows(k: int = 5, dtype: type = np.float64) -> tuple[np.ndarray, np.ndarray]:
    return Case(seed=1, n=2000, k=k, dtype=dtype, evenness=1.0, noise=0.2, skill=2.0).rows()


def flags(seen: ConfidentCounts) -> list[np.ndarray]:
    counts = prune_counts(calibrated_joint(seen.joint, seen.class_counts))
    return [flags_by_noise_rate(seen, counts, 1), flags_by_class(seen, counts, 1)]


def assert_alike(one: ConfidentCounts, other: ConfidentCounts) -> None:
    for name in ("given", "doubted", "thresholds", "confident", "joint"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    np.testing.assert_array_equal(flags(one), flags(other))


@pytest.mark.parametrize("k", [2, 5, 60])
@pytest.mark.parametrize(("threads", "chunk_rows"), [(1, 7), (2, 64), (3, 1999)])
def test_neither_threads_nor_chunks_move_a_bit(k: int, threads: int, chunk_rows: int, monkeypatch) -> None:
    whole = confident_counts(*rows(k))
    monkeypatch.setattr(over_arrays, "usual_threads", lambda: threads)
    monkeypatch.setattr(over_arrays, "BYTES_WORTH_A_THREAD", 1)
    monkeypatch.setattr(source, "_rows_within", lambda *_: chunk_rows)
    assert_alike(confident_counts(*rows(k)), whole)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_memory_mapped_file_gives_the_same_and_is_not_copied(dtype: type, tmp_path) -> None:
    labels, probs = rows(dtype=dtype)
    np.save(tmp_path / "probs.npy", probs)
    mapped = np.load(tmp_path / "probs.npy", mmap_mode="r")
    seen = confident_counts(labels, mapped)
    assert np.shares_memory(seen.probs, mapped)
    assert_alike(seen, confident_counts(labels, probs))


def test_an_array_by_columns_or_with_gaps_gives_the_same() -> None:
    labels, probs = rows()
    assert_alike(confident_counts(labels, np.asfortranarray(probs)), confident_counts(labels, probs))
    assert_alike(confident_counts(labels, np.repeat(probs, 2, axis=0)[::2]), confident_counts(labels, probs))


def test_the_joint_is_the_papers() -> None:
    labels, probs = rows()
    np.testing.assert_array_equal(confident_counts(labels, probs).joint, confident_joint(labels, probs))


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("value", [np.nan, np.inf, -0.25, 1.0, 1e300])
def test_a_bad_row_is_named_though_no_pass_of_its_own_looks_for_it(place: int, value: float) -> None:
    labels, probs = rows()
    labels[1500] = 1
    probs[1500] = [0.2, 0.2, 0.2, 0.2, 0.2]
    probs[1500, place] = value
    with pytest.raises(ProbsError, match=r"in row 1500 \(1 of 2000 rows\)"):
        confident_counts(labels, probs)


def test_labels_and_lengths_are_looked_at_too() -> None:
    labels, probs = rows()
    with pytest.raises(InputError, match="from 0 to 4"):
        confident_counts(labels + 1, probs)
    with pytest.raises(InputError, match="the same number of rows"):
        confident_counts(labels[1:], probs)


def test_no_rows_count_nothing() -> None:
    seen = confident_counts(np.empty(0, dtype=int), np.empty((0, 3)))
    assert seen.joint.sum() == 0
    assert np.isinf(seen.thresholds).all()
    assert [flag.shape for flag in flags(seen)] == [(0,), (0,)]


def test_a_class_that_the_model_never_sees_is_reached_by_no_row() -> None:
    labels = np.array([0, 0, 1, 2])
    probs = np.array([[0.9, 0.1, 0.0], [0.8, 0.2, 0.0], [0.1, 0.9, 0.0], [0.6, 0.4, 0.0]])
    assert confident_counts(labels, probs).confident.tolist() == [0, -1, 1, -1]
