import numpy as np

from dechaff.methods.features.grouped_importance import correlated_groups, grouped_importance, mean_importance


def test_two_copies_matter_together_and_hardly_alone() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=400)
    features = np.stack([x, x + 0.01 * random.normal(size=400), random.normal(size=400)], axis=1)

    def losses(rows: np.ndarray) -> np.ndarray:
        # A model that reads whichever of the two copies is the larger.
        return np.square(np.where(rows[:, 0] > rows[:, 1], rows[:, 0], rows[:, 1]) - x)

    alone, together, noise = grouped_importance(features, [[0], [0, 1], [2]], losses)
    assert together.mean() > 1.5 * alone.mean()
    assert not noise.any()
    found = mean_importance(together)
    assert found.low < found.mean < found.high


def test_groups_are_clusters_of_ranks_and_missing_or_constant_columns_stand_alone() -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=200)
    with_gaps = np.where(random.random(200) < 0.1, np.nan, np.exp(x))
    features = np.stack([x, random.normal(size=200), with_gaps, np.zeros(200)], axis=1)
    assert correlated_groups(features).tolist() == [0, 1, 0, 2]
    assert correlated_groups(features[:, :1]).tolist() == [0]
