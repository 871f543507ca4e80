import numpy as np

from dechaff.methods.duplicates import near_vectors


def test_vectors_of_one_direction_are_near_whatever_their_length() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(500, 200))
    features[400] = features[3] * 1.001 + rng.normal(size=200) * 0.05
    pairs, cosine = near_vectors(features)
    assert pairs.tolist() == [[3, 400]]
    assert 0.95 <= cosine[0] <= 1


def test_a_common_direction_does_not_make_vectors_near() -> None:
    features = np.random.default_rng(0).normal(size=(100, 50)) + 40
    assert len(near_vectors(features)[0]) == 0


def test_pairs_agree_with_a_plain_loop_over_all_of_them() -> None:
    features = np.random.default_rng(3).normal(size=(60, 3))
    centred = features - features.mean(axis=0)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    slow = [[i, j] for i in range(60) for j in range(i + 1, 60) if unit[i] @ unit[j] >= 0.95]
    assert near_vectors(features)[0].tolist() == slow


def test_no_vectors_and_equal_vectors_do_no_harm() -> None:
    assert len(near_vectors(np.empty((0, 4)))[0]) == 0
    assert len(near_vectors(np.ones((3, 4)))[0]) == 0
