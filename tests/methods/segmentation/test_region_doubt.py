"""Pixels by their neighbourhood, and images by their pixels."""

from __future__ import annotations

import numpy as np

from dechaff.methods.segmentation.region_doubt import MOST_ODDS, image_doubt, region_log_odds


def test_a_region_keeps_its_doubt_and_a_single_pixel_loses_half() -> None:
    odds = np.full((9, 9), -4.0)
    odds[4, 4] = 4.0
    np.testing.assert_allclose(region_log_odds(odds)[4, 4], (4 + (4 - 8 * 4) / 9) / 2)
    odds[3:6, 3:6] = 4.0
    np.testing.assert_allclose(region_log_odds(odds)[4, 4], 4)


def test_pixels_without_a_label_count_for_nothing() -> None:
    odds = np.full((5, 5), 2.0)
    odds[:, 3:] = -np.inf
    found = region_log_odds(odds)
    assert (found[:, 3:] == -np.inf).all()
    np.testing.assert_allclose(found[:, :3], 2)
    assert image_doubt(odds) == image_doubt(odds[:, :3])
    assert image_doubt(np.full((2, 2), -np.inf)) == image_doubt(np.zeros((0, 0))) == 0


def test_one_sure_pixel_is_less_than_a_region_and_more_than_unsure_borders() -> None:
    good = np.full((10, 10), -5.0)
    sure, region, border = good.copy(), good.copy(), good.copy()
    sure[0, 0] = region[:3, :3] = MOST_ODDS
    border[:, 5] = 1.0
    assert image_doubt(border) == image_doubt(good) == 0 < image_doubt(sure) < image_doubt(region) < 1
