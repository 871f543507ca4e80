"""Two passes that count everything: the same bits on any threads and in any chunks, from any kind of array."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.core import over_arrays, source
from dechaff.errors import InputError, ProbsError
from dechaff.methods.label_errors.confident_counts import ConfidentCounts, confident_counts
from dechaff.methods.label_errors.confident_joint import calibrated_joint, confident_joint
from dechaff.methods.label_errors.prune_counts import prune_counts
from dechaff.methods.label_errors.pruning import flags_by_class, flags_by_noise_rate
from tests.methods.label_errors.random_rows import Case


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
    with pytest.raises(ProbsError, match=r"in row 1500 \(1 bad rows of 2000\)"):
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
