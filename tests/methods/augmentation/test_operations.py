"""Operations that make rows: what they change, what they leave, and what is refused."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from dechaff.errors import InputError, MissingExtraError
from dechaff.methods.augmentation.cut_out import cut_out
from dechaff.methods.augmentation.flip import flip_left_right, flip_top_bottom
from dechaff.methods.augmentation.gaussian_noise import gaussian_noise
from dechaff.methods.augmentation.in_turn import InTurn
from dechaff.methods.augmentation.operation import Operation, RowChange
from dechaff.methods.augmentation.rand_augment import has_torchvision, rand_augment
from dechaff.methods.augmentation.similar_words import words_of_same_contexts
from dechaff.methods.augmentation.smote import oversampled
from dechaff.methods.augmentation.synonym_replacement import synonym_replacement
from dechaff.methods.augmentation.usual_operations import OF_IMAGES, OF_TABLES, OF_TEXTS, OF_TORCHVISION
from dechaff.methods.augmentation.warp import crop, rotation, shift

RNG = np.random.default_rng(0)
TABLE = np.column_stack([RNG.normal(size=30), RNG.normal(size=30) * 1000, RNG.integers(0, 2, 30), np.full(30, np.nan)])
TABLE[3, 0] = np.nan
TEXTS = np.array(["the film was really very good", "one", "", "what is the capital of this country ?"], dtype=object)
GREY = RNG.integers(0, 17, (5, 8, 8)).astype(np.float64)
COLOUR = RNG.integers(0, 256, (4, 6, 9, 3)).astype(np.uint8)
CASES = [
    *((one, TABLE) for one in OF_TABLES),
    *((one, TEXTS) for one in OF_TEXTS),
    *((one, rows) for one in OF_IMAGES for rows in (GREY, COLOUR)),
    *((one, rows) for one in OF_TORCHVISION if has_torchvision() for rows in (GREY, COLOUR)),
]


@pytest.mark.parametrize(("operation", "rows"), CASES)
def test_every_row_gets_a_child_of_the_same_form_and_stays_itself(operation: Operation, rows: np.ndarray) -> None:
    before = rows.copy()
    for strength in operation.strengths:
        made = operation.new_rows(rows, np.zeros(len(rows), dtype=np.int64), strength, np.random.default_rng(1))
        assert made.parents.tolist() == list(range(len(rows)))
        assert made.rows.shape == rows.shape
        assert made.rows.dtype == rows.dtype
        if operation.kind != "text":
            np.testing.assert_array_equal(np.isnan(made.rows.astype(float)), np.isnan(rows.astype(float)))
            if operation.kind == "image":
                assert rows.min() <= made.rows.min()
                assert made.rows.max() <= rows.max()
        again = operation.new_rows(rows, np.zeros(len(rows), dtype=np.int64), strength, np.random.default_rng(1))
        np.testing.assert_array_equal(made.rows, again.rows)
    np.testing.assert_array_equal(rows, before)


def test_noise_is_in_the_scale_of_the_column_and_leaves_columns_of_two_values() -> None:
    rows = np.column_stack([RNG.normal(size=4000), RNG.normal(size=4000) * 1000, RNG.integers(0, 2, 4000)])
    moved = gaussian_noise(rows, 0.1, np.random.default_rng(0)) - rows
    np.testing.assert_allclose(moved.std(axis=0) / rows.std(axis=0), [0.1, 0.1, 0], rtol=0.05)


def test_flips_twice_are_no_change() -> None:
    for flip in (flip_left_right, flip_top_bottom):
        flipped = flip(COLOUR, 1.0, RNG)
        assert (flipped != COLOUR).any()
        np.testing.assert_array_equal(flip(flipped, 1.0, RNG), COLOUR)


def test_a_shift_keeps_the_picture_and_weak_warps_change_little() -> None:
    dot = np.zeros((50, 9, 9))
    dot[:, 4, 4] = 1
    assert shift(dot, 0.3, RNG).sum(axis=(1, 2)).tolist() == [1.0] * 50
    smooth = np.add.outer(np.arange(9.0), np.arange(9.0))[None]
    np.testing.assert_allclose(rotation(smooth, 0.0, RNG), smooth)
    np.testing.assert_allclose(crop(smooth, 0.0, RNG), smooth)
    assert np.abs(rotation(smooth, 0.01, RNG) - smooth).max() < 0.5


def test_a_cut_out_covers_at_most_its_square() -> None:
    changed = (cut_out(GREY, 0.25, RNG) != GREY).sum(axis=(1, 2))
    assert (changed <= 4).all()
    assert changed.any()


def test_similar_words_come_from_a_dictionary_or_from_contexts() -> None:
    texts = np.array(["a good film", "a great film", "some good acting", "some great acting"], dtype=object)
    assert words_of_same_contexts(texts)["good"] == ("great",)
    made = synonym_replacement(texts, 0.1, RNG, similar={"film": ["movie"]})
    assert made.tolist() == ["a good movie", "a great movie", "some good acting", "some great acting"]


def test_a_function_that_returns_another_shape_or_no_number_is_an_error() -> None:
    labels = np.zeros(30, dtype=np.int64)
    short = RowChange("mine", "table", lambda rows, strength, rng: rows[:2])
    with pytest.raises(InputError, match=r"the result of mine must be of shape \(30, 4\); found \(2, 4\)"):
        short.new_rows(TABLE, labels, 1.0, RNG)
    empty = RowChange("mine", "table", lambda rows, strength, rng: rows * np.nan)
    with pytest.raises(InputError, match="be finite numbers"):
        empty.new_rows(TABLE, labels, 1.0, RNG)


def test_operations_in_turn_keep_the_first_parents() -> None:
    made = InTurn(((OF_TEXTS[2], 0.1), (OF_TEXTS[5], 0.1))).new_rows(TEXTS, np.zeros(4, dtype=np.int64), 1.0, RNG)
    assert made.parents.tolist() == [0, 1, 2, 3]
    assert made.rows[2] == ""
    assert (made.rows != TEXTS).any()


def test_smote_makes_rows_of_rare_classes_between_their_rows() -> None:
    labels = np.array([0] * 24 + [1] * 6)
    made = oversampled(TABLE, labels, 0.5, np.random.default_rng(0))
    assert len(made.rows) == 9
    assert (labels[made.parents] == 1).all()
    np.testing.assert_array_equal(np.isnan(made.rows), np.isnan(TABLE[made.parents]))
    assert made.rows[:, 1].min() >= TABLE[24:, 1].min()
    with pytest.raises(InputError, match="differ in size"):
        oversampled(TABLE, np.arange(30) % 2, 0.5, RNG)
    with pytest.raises(InputError, match="have two rows"):
        oversampled(TABLE, np.array([0] * 29 + [1]), 0.5, RNG)


def test_without_imbalanced_learn_smote_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imblearn", None)
    with pytest.raises(MissingExtraError, match=r"dechaff\[imbalance\]"):
        oversampled(TABLE, np.array([0] * 24 + [1] * 6), 0.5, np.random.default_rng(0))


def test_without_torchvision_rand_augment_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(MissingExtraError, match="pip install torchvision"):
        rand_augment(GREY, 0.1, np.random.default_rng(0))


@pytest.mark.skipif(not has_torchvision(), reason="needs torchvision")
def test_rand_augment_takes_grey_or_colour_images_and_draws_for_each_image() -> None:
    same = np.repeat(COLOUR[:1], 6, axis=0)
    made = rand_augment(same, 0.5, np.random.default_rng(0))
    assert len(np.unique(made.reshape(6, -1), axis=0)) > 1
    with pytest.raises(InputError, match="one or three channels"):
        rand_augment(np.zeros((2, 4, 4, 2)), 0.1, np.random.default_rng(0))
