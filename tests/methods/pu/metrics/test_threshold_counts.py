import numpy as np

from dechaff.methods.pu.metrics.threshold_counts import threshold_counts


def test_counts_grow_from_the_highest_score_to_the_lowest() -> None:
    found = threshold_counts(np.array([True, False, True, False]), np.array([3.0, 1.0, 1.0, 2.0]), None)
    assert found.thresholds.tolist() == [3, 2, 1]
    assert found.labelled.tolist() == [1, 1, 2]
    assert found.unlabelled.tolist() == [0, 1, 2]
    assert (found.n_labelled, found.n_unlabelled) == (2, 2)


def test_each_row_is_above_its_own_threshold_as_a_plain_count_says() -> None:
    random = np.random.default_rng(0)
    scores, labelled = random.integers(0, 9, 100).astype(float), random.random(100) < 0.4
    found = threshold_counts(labelled, scores, None)
    for threshold, count in zip(found.thresholds, found.labelled, strict=True):
        assert count == (scores[labelled] >= threshold).sum()
