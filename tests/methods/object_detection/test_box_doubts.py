"""Each kind of error in small images worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.object_detection.box_doubts import BoxDoubts, ImageBoxes, box_doubts, box_overlap, usual_miss

CAR, TREE = np.array([0.0, 0.0, 10.0, 10.0]), np.array([20.0, 0.0, 30.0, 10.0])


def doubts_of(
    given: list[np.ndarray], classes: list[int], seen: list[np.ndarray], seen_classes: list[int], trust: list[float]
) -> BoxDoubts:
    boxes = [np.array(one, dtype=float).reshape(-1, 4) for one in (given, seen)]
    codes = [np.array(one, dtype=np.int64) for one in (classes, seen_classes)]
    return box_doubts(ImageBoxes(boxes[0], codes[0], boxes[1], codes[1], np.array(trust, dtype=float)), miss=0.1)


def test_overlap_is_that_of_a_plain_loop() -> None:
    rng = np.random.default_rng(0)
    corner = rng.uniform(0, 10, (30, 2))
    boxes = np.hstack([corner, corner + rng.uniform(0, 6, (30, 2))])
    found = box_overlap(boxes[:12], boxes[12:])
    for i, one in enumerate(boxes[:12]):
        for j, other in enumerate(boxes[12:]):
            width = min(one[2], other[2]) - max(one[0], other[0])
            height = min(one[3], other[3]) - max(one[1], other[1])
            shared = max(width, 0) * max(height, 0)
            areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
            assert found[i, j] == pytest.approx(shared / (sum(areas) - shared))


def test_boxes_without_area_overlap_nothing() -> None:
    assert box_overlap(np.zeros((1, 4)), np.zeros((1, 4))).tolist() == [[0.0]]


def test_a_detection_without_a_label_is_overlooked_by_its_trust() -> None:
    found = doubts_of([CAR], [0], [CAR, TREE], [0, 1], [0.9, 0.7])
    np.testing.assert_allclose(found.overlooked, [0, 0.7])
    assert found.swapped.tolist() == found.badly_located.tolist() == [0]


def test_a_repeated_detection_counts_once() -> None:
    found = doubts_of([], [], [TREE, TREE + 1], [1, 1], [0.7, 0.9])
    np.testing.assert_allclose(found.overlooked, [0, 0.9])


def test_a_moved_box_is_badly_located_and_not_swapped() -> None:
    moved = CAR + np.array([3.0, 0, 3, 0])  # 7 of 13 parts are shared
    found = doubts_of([moved], [0], [CAR], [0], [0.9])
    np.testing.assert_allclose(found.badly_located, [0.9 * (6 / 13 - 0.1) / 0.9])
    assert found.swapped.tolist() == [0]
    assert found.best.tolist() == [0]


def test_a_box_of_another_class_is_swapped_unless_its_own_is_there_too() -> None:
    np.testing.assert_allclose(doubts_of([CAR], [0], [CAR], [1], [0.8]).swapped, [0.8])
    np.testing.assert_allclose(doubts_of([CAR], [0], [CAR, CAR], [1, 0], [0.8, 0.9]).swapped, [0.08])


def test_two_labels_on_one_object_conflict_and_the_seen_one_wins() -> None:
    found = doubts_of([CAR, CAR], [0, 1], [CAR], [0], [0.9])
    np.testing.assert_allclose(found.swapped, [0.1, 1.0])


def test_an_image_without_boxes_or_detections_is_good() -> None:
    for given, seen in (([], []), ([CAR], [])):
        found = doubts_of(given, [0] * len(given), seen, [], [])
        assert found.image == 0
        assert found.best.tolist() == [-1] * len(given)
    assert usual_miss(np.zeros(0)) == 0


def test_doubts_do_not_depend_on_the_resolution() -> None:
    small = doubts_of([CAR], [0], [CAR + 1, TREE], [0, 1], [0.9, 0.7])
    large = doubts_of([50 * CAR], [0], [50 * (CAR + 1), 50 * TREE], [0, 1], [0.9, 0.7])
    assert small.image == pytest.approx(large.image)
