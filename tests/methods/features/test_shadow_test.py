import numpy as np

from dechaff.methods.features.shadow_test import shadow_test


def spread_of_means(features: np.ndarray, labels: np.ndarray, seed: int) -> np.ndarray:
    """A stand-in for a model: how far the classes' means of each column are apart, with a little luck of its own."""
    between = np.square(features[labels == 1].mean(axis=0) - features[labels == 0].mean(axis=0))
    return between * np.random.default_rng(seed).uniform(0.9, 1.1, features.shape[1])


def columns(seed: int, n: int = 300, d: int = 50) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    features, labels = random.normal(size=(n, d)), random.integers(0, 2, n)
    features[:, :5] += 0.8 * labels[:, None]
    # Half of the useless columns have two values only.
    features[:, 27:] = features[:, 27:] > 0.5
    return features, labels


def test_relevant_columns_are_found_and_the_false_discovery_rate_is_kept() -> None:
    false, power = [], []
    for seed in range(20):
        found = shadow_test(*columns(seed), spread_of_means, rate=0.1, seed=seed).relevant
        false.append(found[5:].sum() / max(found.sum(), 1))
        power.append(found[:5].mean())
    assert np.mean(false) <= 0.1
    assert np.mean(power) >= 0.95


def test_the_rounds_end_early_if_all_is_clear() -> None:
    found = shadow_test(*columns(0), spread_of_means, rate=0.1, most_rounds=500)
    assert found.rounds < 100
    assert (found.importance[:5] > 5 * found.shadow_importance[:5]).all()


def test_of_a_label_without_relation_nothing_is_relevant() -> None:
    features, labels = columns(3)
    shuffled = np.random.default_rng(0).permutation(labels)
    assert not shadow_test(features, shuffled, spread_of_means).relevant.any()


def test_one_column_is_tested_against_several_shadows_and_none_is_no_error() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 200)
    told = labels[:, None] + random.normal(size=(200, 1))
    assert shadow_test(told, labels, spread_of_means).relevant.all()
    assert not shadow_test(np.zeros((200, 1)), labels, lambda features, *_: np.zeros(features.shape[1])).relevant.any()
    assert shadow_test(np.zeros((200, 0)), labels, spread_of_means).rounds == 0


def test_few_rounds_find_a_single_relevant_column_of_many() -> None:
    random = np.random.default_rng(0)
    features, labels = random.normal(size=(200, 30)), random.integers(0, 2, 200)
    features[:, 7] += labels
    for rounds in (2, 8, 20):
        found = shadow_test(features, labels, spread_of_means, most_rounds=rounds)
        assert np.flatnonzero(found.relevant).tolist() == [7], rounds
