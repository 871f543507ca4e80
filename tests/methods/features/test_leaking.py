import numpy as np
import pytest

from dechaff.methods.features.leaking import column_power, equal_bins, exceptions_explained
from dechaff.methods.features.leaking_phrases import phrase_power


def power(values: np.ndarray, labels: np.ndarray) -> float:
    codes = equal_bins(values.astype(float), np.isnan(values.astype(float)), int(labels.max()) + 1)
    found = column_power(codes, labels, int(labels.max()) + 1)
    assert found is not None
    return found.balanced_accuracy


def test_a_copy_of_the_label_under_other_names_tells_everything() -> None:
    labels = np.random.default_rng(0).integers(0, 7, 400)
    assert power(np.array([3, 9, 1, 4, 8, 2, 0])[labels], labels) == 1.0


@pytest.mark.parametrize("n_classes", [2, 10])
def test_a_label_with_a_little_noise_tells_nearly_everything(n_classes: int) -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, n_classes, 4000)
    assert power(labels + rng.normal(0, 0.05, 4000), labels) >= 0.98


def test_rows_sorted_by_label_make_their_numbers_tell_it() -> None:
    assert power(np.arange(1000), np.repeat([0, 1], 500)) >= 0.98


def test_noise_tells_as_much_as_guessing() -> None:
    rng = np.random.default_rng(2)
    labels = (rng.random(4000) < 0.03).astype(np.int64)
    assert abs(power(rng.normal(size=4000), labels) - 0.5) < 0.05
    assert abs(power(rng.integers(0, 4000, 4000), labels) - 0.5) < 0.05


def test_names_of_rows_tell_nothing() -> None:
    labels = np.arange(300) % 3
    found = column_power(np.arange(300), labels, 3)
    assert found is not None
    assert found.balanced_accuracy == pytest.approx(1 / 3)


def test_missing_cells_are_a_category_that_can_tell_the_label() -> None:
    labels = np.arange(200) % 2
    values = np.where(labels == 1, np.nan, np.random.default_rng(0).normal(size=200))
    assert power(values, labels) == 1.0


def test_missing_labels_and_small_classes_are_left_out() -> None:
    labels = np.array([0] * 20 + [1] * 20 + [2] + [-1] * 9)
    found = column_power(labels + 1, labels, 3)
    assert found is not None
    assert (found.balanced_accuracy, found.rows, found.chance) == (1.0, 40, 0.5)
    assert column_power(np.zeros(3, dtype=np.int64), np.zeros(3, dtype=np.int64), 2) is None
    assert column_power(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), 2) is None


def test_one_row_of_a_rare_class_hides_no_leak() -> None:
    labels = np.arange(600) % 2
    codes = labels + 2 * (np.arange(600) % 10 // 2)  # ten values, each of one class
    labels[17] = 2
    power = column_power(codes, labels, 3)
    assert power is not None
    assert power.balanced_accuracy == 1.0


def test_slips_of_a_copy_are_not_explained_and_exceptions_of_a_feature_are() -> None:
    rng = np.random.default_rng(3)
    labels, odd = rng.integers(0, 3, 900), rng.normal(size=900)
    slips = rng.random(900) < 0.05
    assert exceptions_explained(odd, slips, labels) < 2.33
    assert exceptions_explained(odd, odd + rng.normal(size=900) > 2.2, labels) > 5
    assert exceptions_explained(odd, np.zeros(900, dtype=bool), labels) == 0.0


def test_a_sentence_that_names_the_class_tells_it_and_natural_words_do_not() -> None:
    rng = np.random.default_rng(0)
    labels, words = rng.integers(0, 2, 300), np.array([f"word{i}" for i in range(40)])
    said = [" ".join(rng.choice(words, 9)) for _ in labels]
    added = [f"{text} closed as {'paid' if label else 'lost'}" for text, label in zip(said, labels, strict=True)]
    told = phrase_power(np.array(added, dtype=object), labels, 2)
    assert told is not None
    assert told.balanced_accuracy == 1.0
    assert "paid" in " ".join(told.phrases) or "lost" in " ".join(told.phrases)
    plain = phrase_power(np.array(said, dtype=object), labels, 2)
    assert plain is not None
    assert plain.balanced_accuracy < 0.7
