"""``object_detection`` has cleanlab's names; planted errors come before those that cleanlab puts first."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

import dechaff.compat.cleanlab as ours
from dechaff.errors import InputError
from tests.compat.cleanlab.rows import quietly, theirs
from tests.methods.object_detection.made_boxes import made_boxes

MADE = made_boxes(5, 80)
INPUTS = (MADE.labels, MADE.predictions)


def test_quality_is_higher_for_good_images_than_in_cleanlab() -> None:
    quality = ours.object_detection.rank.get_label_quality_scores(*INPUTS, verbose=False)
    known = quietly(theirs.object_detection.rank.get_label_quality_scores, *INPUTS, verbose=False)
    assert quality.shape == known.shape
    precision = [average_precision_score(MADE.wrong, -one) for one in (quality, known)]
    assert precision[0] > precision[1]


def test_confusion_and_metrics_per_class_are_cleanlabs() -> None:
    names = {str(code): f"class {code}" for code in range(len(MADE.predictions[0]))}
    for name in ("get_average_per_class_confusion_matrix", "calculate_per_class_metrics"):
        mine = getattr(ours.object_detection.summary, name)(*INPUTS, class_names=names)
        its = quietly(getattr(theirs.object_detection.summary, name), *INPUTS, class_names=names)
        assert list(mine) == list(its)
        for key, values in its.items():
            assert mine[key] == pytest.approx(values)


def test_flags_ranks_and_box_scores_have_cleanlabs_shapes() -> None:
    here, there = ours.object_detection, theirs.object_detection
    mask = here.filter.find_label_issues(*INPUTS)
    ranked = here.filter.find_label_issues(*INPUTS, return_indices_ranked_by_score=True)
    assert sorted(ranked.tolist()) == np.flatnonzero(mask).tolist()
    for kind in ("overlooked", "badloc", "swap"):
        name = f"compute_{kind}_box_scores"
        mine = getattr(here.rank, name)(labels=MADE.labels, predictions=MADE.predictions)
        its = quietly(getattr(there.rank, name), labels=MADE.labels, predictions=MADE.predictions)
        assert [len(one) for one in mine] == [len(one) for one in its]
        np.testing.assert_allclose(
            here.rank.pool_box_scores_per_image(its), quietly(there.rank.pool_box_scores_per_image, its)
        )
    weighted = here.rank.get_label_quality_scores(*INPUTS, aggregation_weights={"overlooked": 1.0})
    assert weighted.argmin() in np.flatnonzero(MADE.wrong)
    np.testing.assert_array_equal(here.rank.issues_from_scores(weighted, threshold=1.0)[:1], [weighted.argmin()])


def test_summaries_are_equal() -> None:
    here, there = ours.object_detection.summary, theirs.object_detection.summary
    names = {str(code): name for code, name in enumerate("abcd")}
    assert here.object_counts_per_image(*INPUTS) == quietly(there.object_counts_per_image, *INPUTS)
    assert here.get_sorted_bbox_count_idxs(*INPUTS) == quietly(there.get_sorted_bbox_count_idxs, *INPUTS)
    for options in ({}, {"class_names": names}):
        for mine, its in zip(
            here.class_label_distribution(*INPUTS, **options),
            quietly(there.class_label_distribution, *INPUTS, **options),
            strict=True,
        ):
            assert mine == dict(its)
        for mine, its in zip(
            here.bounding_box_size_distribution(*INPUTS, sort=True, **options),
            quietly(there.bounding_box_size_distribution, *INPUTS, sort=True, **options),
            strict=True,
        ):
            assert list(mine) == list(its)
            assert all(np.allclose(mine[name], its[name]) for name in mine)


def test_thresholds_are_refused() -> None:
    rank = ours.object_detection.rank
    with pytest.raises(InputError, match="high_probability_threshold must be left out"):
        rank.compute_swap_box_scores(labels=[], predictions=[], high_probability_threshold=0.5)
    with pytest.raises(InputError, match="sum to 1"):
        rank.get_label_quality_scores(*INPUTS, aggregation_weights={"swap": 0.5})
    with pytest.raises(InputError, match="at most 1"):
        rank.issues_from_scores(np.ones(3), threshold=2.0)
