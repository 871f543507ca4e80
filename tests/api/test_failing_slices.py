"""``find_failing_slices``: rows, labels and probabilities in, parts in which the model fails out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dechaff
from dechaff.metrics import find_failing_slices

N = 800
RNG = np.random.default_rng(2)
FRAME = pd.DataFrame(
    {"age": RNG.integers(18, 90, N), "site": RNG.choice(["a", "b", "c"], N)}, index=[f"p{row}" for row in range(N)]
)
SICK = RNG.integers(0, 2, N)
BAD = (FRAME["site"] == "b").to_numpy()
SAID = np.where(RNG.random(N) < np.where(BAD, 0.5, 0.05), 1 - SICK, SICK)
PROBS = np.eye(2)[SAID] * 0.8 + 0.1


def test_a_part_is_named_with_its_rates_and_rows() -> None:
    found = find_failing_slices(FRAME, np.array(["sick", "well"])[SICK], PROBS)
    assert [part.condition for part in found.parts] == ["site is 'b'"]
    np.testing.assert_array_equal(found.masks[0], BAD)
    assert set(found.parts[0].examples) <= set(FRAME.index[BAD & (SAID != SICK)])


def test_the_order_of_the_rows_does_not_matter() -> None:
    order = RNG.permutation(N)
    one = find_failing_slices(FRAME, SICK, PROBS)
    other = find_failing_slices(FRAME.iloc[order], SICK[order], PROBS[order])
    assert one.parts[0].error_rate == pytest.approx(other.parts[0].error_rate)
    np.testing.assert_array_equal(one.masks[:, order], other.masks)


def test_doubtful_labels_explain_the_errors() -> None:
    assert not len(find_failing_slices(FRAME, SICK, PROBS, label_scores=np.where(BAD, 0.95, 0.0)))


def test_a_cluster_of_an_embedding_is_named_by_its_nearest_rows() -> None:
    kind = RNG.integers(0, 4, N)
    vectors = 4 * np.eye(40)[kind] + RNG.normal(size=(N, 40))
    said = np.where((kind == 1) & (RNG.random(N) < 0.6), 1 - SICK, SICK)
    found = find_failing_slices(vectors, SICK, np.eye(2)[said] * 0.8 + 0.1)
    assert found.parts[0].condition.startswith("the row is like ")
    assert (kind[found.masks[0]] == 1).mean() > 0.9


def test_bad_input_is_refused_in_words() -> None:
    with pytest.raises(dechaff.InputError, match="800 rows in features, 799 rows in labels"):
        find_failing_slices(FRAME, SICK[1:], PROBS)
    with pytest.raises(dechaff.InputError, match=r"800 probabilities from 0 to 1; found 7\.0 in row 0"):
        find_failing_slices(FRAME, SICK, PROBS, label_scores=np.full(N, 7.0))
