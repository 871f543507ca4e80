"""``segmentation`` is cleanlab's, but that pixels are counted in all images at once."""

from __future__ import annotations

import numpy as np
import pytest

import dechaff.compat.cleanlab as ours
from dechaff.errors import InputError
from tests.compat.cleanlab.rows import quietly, theirs
from tests.methods.segmentation.made_images import made_images

MADE = made_images(1, 12, side=24)
INPUTS = (MADE.labels, MADE.probs)


def test_quality_is_equal() -> None:
    here, there = ours.segmentation.rank, theirs.segmentation.rank
    for options in ({}, {"temperature": 0.3}):
        found = here.get_label_quality_scores(*INPUTS, verbose=False, **options)
        known = quietly(there.get_label_quality_scores, *INPUTS, verbose=False, **options)
        for mine, its in zip(found, known, strict=True):
            np.testing.assert_allclose(mine, its, rtol=1e-5)
    image, pixels = found
    low = here.issues_from_scores(image, threshold=0.5)
    assert low.tolist() == quietly(there.issues_from_scores, image, threshold=0.5).tolist()[: len(low)]
    np.testing.assert_array_equal(here.issues_from_scores(image, pixels), pixels < 0.1)


def test_issues_are_nearly_cleanlabs_and_summaries_equal() -> None:
    here, there = ours.segmentation, theirs.segmentation
    issues = here.filter.find_label_issues(*INPUTS, verbose=False)
    known = quietly(there.filter.find_label_issues, *INPUTS, verbose=False, batch_size=10**9)
    assert issues.shape == known.shape
    assert (issues != known).mean() < 0.01
    assert (issues & known).sum() > 0.9 * known.sum()
    mine = here.summary.common_label_issues(known, *INPUTS, verbose=False, top=8, exclude=[2])
    its = quietly(there.summary.common_label_issues, known, *INPUTS, verbose=False, top=8, exclude=[2])
    assert mine["num_pixel_issues"].tolist() == its["num_pixel_issues"].tolist()
    assert list(mine.columns) == list(its.columns)
    np.testing.assert_array_equal(
        here.summary.filter_by_class(1, known, *INPUTS), there.summary.filter_by_class(1, known, *INPUTS)
    )
    quality, _ = here.rank.get_label_quality_scores(*INPUTS, method="num_pixel_issues", verbose=False)
    np.testing.assert_allclose(quality, 1 - issues.mean(axis=(1, 2)))


def test_wrong_shapes_and_options_are_named() -> None:
    find = ours.segmentation.filter.find_label_issues
    with pytest.raises(InputError, match="downsample must be a whole number, 1 or more"):
        find(*INPUTS, downsample=0)
    np.testing.assert_array_equal(find(*INPUTS, downsample=16), find(*INPUTS))
    with pytest.raises(InputError, match="of the same pixels"):
        find(MADE.labels[:3], MADE.probs)
    with pytest.raises(InputError, match="threshold"):
        ours.segmentation.rank.issues_from_scores(np.ones(2), threshold=2)
