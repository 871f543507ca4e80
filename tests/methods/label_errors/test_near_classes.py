"""The few classes of a row that can matter."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.label_errors.near_classes import MOST_NEAR, NearClasses, compressed, near_probs


def rows(n: int, k: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, k, n), rng.dirichlet(np.full(k, 0.3), n)


@pytest.mark.parametrize("k", [2, 7, 8, 10, 100, 1000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_they_are_the_most_probable_ones_and_the_given_one(k: int, dtype: type) -> None:
    labels, probs = rows(50, k)
    probs = probs.astype(dtype)
    near = NearClasses(k).rows({"labels": labels, "probs": probs})
    m = min(k, MOST_NEAR)
    for label, row, line in zip(labels, probs, near, strict=True):
        wanted = np.argsort(-row, kind="stable")[:m]
        if label not in wanted:
            wanted[-1] = label
        np.testing.assert_array_equal(line[:m], wanted)
        np.testing.assert_allclose(
            line[m : 2 * m], np.log(np.maximum(row[wanted], 1e-30) / row.sum()), rtol=2e-5, atol=1e-6
        )


def test_what_is_left_out_keeps_its_probability() -> None:
    labels, probs = rows(200, 30)
    near = near_probs(NearClasses(30).rows({"labels": labels, "probs": probs}), 30, 1.0)
    np.testing.assert_allclose(near.probs.sum(axis=0) + near.rest, 1, atol=1e-6)
    assert (near.rest > 0).all()


def test_a_power_sharpens_all_classes_alike() -> None:
    labels, probs = rows(200, 4)
    near = near_probs(NearClasses(4).rows({"labels": labels, "probs": probs}), 4, 2.0)
    by_hand = probs**2 / (probs**2).sum(axis=1, keepdims=True)
    at = (np.arange(200), near.classes)
    np.testing.assert_allclose(near.probs, by_hand[at], rtol=1e-4, atol=1e-30)


def test_tiny_probabilities_are_compressed_in_order() -> None:
    labels, probs = np.zeros(3, dtype=np.int64), np.array([[0.9, 0.1], [1 - 1e-9, 1e-9], [1 - 1e-12, 1e-12]])
    near = near_probs(compressed(NearClasses(2).rows({"labels": labels, "probs": probs}), 2), 2, 1.0)
    assert near.probs[1, 0] == pytest.approx(0.1)
    assert 1e-4 > near.probs[1, 1] > near.probs[1, 2] > 1e-5


def test_equal_probabilities_go_to_the_lower_class() -> None:
    probs = np.full((1, 20), 0.05)
    near = NearClasses(20).rows({"labels": np.array([19]), "probs": probs})
    assert near[0, :MOST_NEAR].tolist() == [0, 1, 2, 3, 4, 5, 19]


def test_no_rows_give_no_lines() -> None:
    near = NearClasses(20).rows({"labels": np.empty(0, dtype=np.int64), "probs": np.empty((0, 20))})
    assert near.shape == (0, 2 * MOST_NEAR + 1)
