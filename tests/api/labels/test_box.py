"""Planted errors in boxes are found, named and told; bad input is an error that says where."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.labels import find_box_errors
from tests.methods.object_detection.made_boxes import KINDS, made_boxes


def test_planted_errors_come_first_with_their_kind() -> None:
    made = made_boxes(0, 300)
    found = find_box_errors(made.labels, made.predictions, class_names=["a", "b", "c", "d"])
    assert made.wrong[found.ranked[:20]].mean() >= 0.6
    for kind in KINDS:
        assert found.flag[made.kind == kind].mean() > 0.6
    assert found.flag[~made.wrong].mean() < 0.2
    table = found.table()
    assert set(table["kind"]) == set(KINDS)
    assert (table["score"] > 0.5).all()
    assert set(table["suggested"]) <= {"a", "b", "c", "d"}
    assert table.filter(table["kind"] != "overlooked")["box"].null_count() == 0
    assert "300 images" in repr(found)
    assert len(found.worst(5)) == 5


def test_it_shows_itself_in_a_notebook() -> None:
    label = {"bboxes": [[0, 0, 10, 10]], "labels": [0]}
    seen = [[[0, 0, 10, 10, 0.9], [40, 40, 60, 60, 0.9]]]
    found = find_box_errors([label] * 3, [seen] * 3, class_names=["<cat>"])
    assert found._repr_html_().startswith("<p>BoxErrors: ")
    assert "&lt;cat&gt;" in found._repr_html_()
    assert "<cat>" not in found._repr_html_()


def test_confidences_on_another_scale_give_the_same_scores() -> None:
    made = made_boxes(1, 60)
    timid = [[np.hstack([part[:, :4], part[:, 4:] * 0.5]) for part in one] for one in made.predictions]
    found, other = find_box_errors(made.labels, made.predictions), find_box_errors(made.labels, timid)
    np.testing.assert_allclose(found.score, other.score)


def test_predictions_as_mappings_are_the_same() -> None:
    made = made_boxes(2, 40)
    mapped = [
        {
            "bboxes": np.vstack(one)[:, :4],
            "labels": np.repeat(np.arange(4), [len(part) for part in one]),
            "scores": np.vstack(one)[:, 4],
        }
        for one in made.predictions
    ]
    names = [f"{place}.png" for place in range(40)]
    found = find_box_errors(made.labels, mapped, ids=names)
    np.testing.assert_array_equal(found.score, find_box_errors(made.labels, made.predictions).score)
    assert set(found.table()["image"]) <= set(names)


def test_no_images_and_images_without_boxes() -> None:
    assert len(find_box_errors([], [])) == 0
    found = find_box_errors([{"bboxes": [], "labels": []}], [[np.zeros((0, 5))]])
    assert found.score.tolist() == [0.0]
    assert found.table().is_empty()


@pytest.mark.parametrize(
    ("label", "prediction", "match"),
    [
        ({"bboxes": [[0, 0, 1, 1]]}, [], r"labels\[0\] must be a mapping with bboxes and labels"),
        ({"bboxes": [[0, 0, 1]], "labels": [0]}, [], "four numbers"),
        ({"bboxes": [[5, 0, 1, 1]], "labels": [0]}, [], "x1 <= x2"),
        ({"bboxes": [[0, 0, 1, np.nan]], "labels": [0]}, [], "finite"),
        ({"bboxes": [[0, 0, 1, 1]], "labels": [0, 1]}, [], "labels"),
        ({"bboxes": [[0, 0, 1, 1]], "labels": [-1]}, [], "-1"),
        ({"bboxes": [], "labels": []}, [np.array([[0, 0, 1, 1, 1.5]])], "confidences from 0 to 1"),
    ],
)
def test_wrong_boxes_are_named(label: Any, prediction: Any, match: str) -> None:
    with pytest.raises(InputError, match=match):
        find_box_errors([label], [prediction])


def test_lengths_and_names_are_checked() -> None:
    label = {"bboxes": [[0, 0, 1, 1]], "labels": [3]}
    with pytest.raises(InputError, match="labels and predictions"):
        find_box_errors([label], [])
    with pytest.raises(InputError, match="each of the 4 classes"):
        find_box_errors([label], [[]], class_names=["a"])
