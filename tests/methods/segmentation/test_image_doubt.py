"""Images by their pixels."""

from __future__ import annotations

import numpy as np

from dechaff.methods.segmentation.image_doubt import image_doubt


def test_a_wrong_region_counts_more_than_a_pixel_and_than_a_long_unsure_border() -> None:
    good = np.full(4000, 0.05)
    sure, region, border = good.copy(), good.copy(), good.copy()
    sure[0], region[:20], border[:400] = 1, 1, 0.6
    doubts = [image_doubt(one) for one in (good, sure, border, region)]
    assert doubts == sorted(doubts)
    np.testing.assert_allclose(doubts, [0.05, 0.05 + 0.95 / 20, 0.6, 1.0])


def test_an_image_without_labels_is_good() -> None:
    assert image_doubt(np.zeros(0)) == 0
