import numpy as np

from dechaff.methods.proof.doubtful_labels import doubtful_labels


def test_a_model_that_is_always_sure_must_be_surer_than_usual() -> None:
    labels = np.array([0, 0, 1, 1, 0])
    probs = np.array([[0.95, 0.05], [0.95, 0.05], [0.02, 0.98], [0.02, 0.98], [0.3, 0.7]])
    assert not doubtful_labels(labels, probs, probs).suspect.any()
    probs[4] = [0.001, 0.999]
    assert doubtful_labels(labels, probs, probs).suspect.tolist() == [False] * 4 + [True]


def test_labels_that_both_reject_hide_no_difference() -> None:
    labels = np.array([0, 1])
    probs = np.array([[0.0, 1.0], [0.0, 1.0]])
    doubt = doubtful_labels(labels, probs, probs)
    assert doubt.suspect.tolist() == [True, False]
    assert doubt.hidden_gain == doubt.hidden_loss == 0


def test_swapping_the_models_swaps_gain_and_loss() -> None:
    labels = np.zeros(10, dtype=np.int64)
    before, after = np.tile([1.0, 0.0], (10, 1)), np.tile([1.0, 0.0], (10, 1))
    after[3] = [0.0, 1.0]
    one, other = doubtful_labels(labels, before, after), doubtful_labels(labels, after, before)
    assert (one.hidden_gain, one.hidden_loss) == (0.2, 0.0)
    assert (other.hidden_gain, other.hidden_loss) == (0.0, 0.2)


def test_a_class_without_test_rows_needs_full_certainty() -> None:
    labels = np.zeros(3, dtype=np.int64)
    probs = np.array([[0.01, 0.99], [0.0, 1.0], [1.0, 0.0]])
    assert doubtful_labels(labels, probs, probs).suspect.tolist() == [False, True, False]
