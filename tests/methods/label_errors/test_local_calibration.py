import numpy as np
import pytest

from dechaff.methods.label_errors.estimates_of_rows import error_odds_of, posterior_of
from dechaff.methods.label_errors.label_error_estimates import estimate_label_errors
from dechaff.methods.label_errors.local_calibration import Cells, local_calibration, locally_calibrated
from dechaff.methods.label_errors.noise_sample import sampled


@pytest.fixture(scope="module")
def ordered() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Five grades of a mark, a fifth of them wrong, and a model that is linear in the mark."""
    rng = np.random.default_rng(0)
    mark = rng.random(900)
    true = np.minimum((mark * 5).astype(int), 4)
    given = np.where(rng.random(900) < 0.2, rng.integers(0, 5, 900), true)
    logits = 1.5 * (mark[:, None] - 0.5) * (np.arange(5) - 2)
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return given, probs, true


def test_a_linear_model_of_ordered_classes_is_mended(ordered: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    given, probs, true = ordered
    assert (probs.argmax(axis=1) == true).mean() < 0.5
    assert (locally_calibrated(given, probs).argmax(axis=1) == true).mean() > 0.85


def test_the_labels_of_such_a_model_are_judged_well(ordered: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    given, probs, true = ordered
    found, wrong = estimate_label_errors(given, probs), given != true
    assert 2 * (found.flag & wrong).sum() / (found.flag.sum() + wrong.sum()) > 0.8
    assert abs(found.rate - wrong.mean()) < 0.05


def test_rows_looked_at_again_have_the_same_answers(ordered: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    given, probs, _ = ordered
    found = estimate_label_errors(given, probs)
    np.testing.assert_allclose(error_odds_of(found, given[:9], probs[:9])[0], found.log_odds[:9])
    np.testing.assert_allclose(1 - posterior_of(found, given[:9], probs[:9])[np.arange(9), given[:9]], found.score[:9])


def test_the_order_of_the_rows_does_not_matter(ordered: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    given, probs, _ = ordered
    rows = np.random.default_rng(1).permutation(len(given))
    np.testing.assert_array_equal(
        locally_calibrated(given[rows], probs[rows]), locally_calibrated(given, probs)[rows], strict=True
    )


def test_a_calibrated_model_stays_as_it_is() -> None:
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.ones(4), 800)
    labels = (rng.random((800, 1)) > probs.cumsum(axis=1)).sum(axis=1)
    assert locally_calibrated(labels, probs) is probs


@pytest.mark.parametrize("k", [2, 40])
def test_two_classes_and_many_stay_as_they_are(k: int) -> None:
    labels, probs = np.arange(400) % k, np.full((400, k), 1 / k)
    assert local_calibration(labels, probs, n_rows=400) is None


def test_a_cell_counts_each_row_once_in_every_partition() -> None:
    rng = np.random.default_rng(0)
    logs, labels = rng.normal(size=(300, 3)), rng.integers(0, 3, 300)
    cells = Cells.of(labels, logs, 25, 4)
    assert cells.counts.sum(axis=(1, 2)).tolist() == [300.0] * 4
    own = cells.counted(logs)[np.arange(300), labels]
    assert (own >= 1).all()  # the row itself


def test_folds_that_lack_a_class_are_not_learned() -> None:
    """The model is sure of class 0 in a fold that has no row labelled 0."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 600)
    probs = np.eye(3)[labels] * 0.5 + 1 / 6
    labels[:60], probs[:60] = 1 + np.arange(60) % 2, [0.9, 0.05, 0.05]
    assert local_calibration(labels, probs, n_rows=600) is not None
    assert sampled(labels, probs).calibrated().calibration_of_cells is None
