"""Images by their pixels."""

from __future__ import annotations

import numpy as np

from dechaff.methods.segmentation.image_doubt import image_doubt


def test_a_wrong_region_counts_more_than_a_pixel_and_unsure_borders_for_nothing() -> None:
    good = np.full(100, 0.05)
    sure, region, border = good.copy(), good.copy(), good.copy()
    sure[0], region[:9], border[:10] = 1, 1, 0.6
    assert image_doubt(border) == image_doubt(good) == 0
    np.testing.assert_allclose([image_doubt(sure), image_doubt(region)], [0.01, 0.09])


def test_an_image_without_labels_is_good() -> None:
    assert image_doubt(np.zeros(0)) == 0
