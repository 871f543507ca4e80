"""Planted errors in pixels are found, with one image in memory at a time."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.labels import find_pixel_errors
from tests.methods.segmentation.made_images import made_images

MADE = made_images(0, 30)


def test_planted_errors_come_first_and_are_flagged() -> None:
    found = find_pixel_errors(MADE.labels, MADE.probs)
    assert MADE.wrong[found.ranked[:5]].all()
    wrong = MADE.labels != MADE.true
    flags = np.stack([found.pixels(place).flag for place in range(len(found))])
    assert wrong[flags].mean() > 0.3
    assert flags[wrong].mean() > 0.4
    assert flags.sum(axis=(1, 2)).tolist() == found.flagged.tolist()
    place = int(found.ranked[0])
    pixels = found.pixels(place)
    assert (pixels.suggested[pixels.flag] == MADE.true[place][pixels.flag]).mean() > 0.5
    assert found.worst(3)["image"].to_list() == found.ranked[:3].tolist()
    assert "30 images" in repr(found)


def test_sequences_of_images_of_several_sizes_are_the_same() -> None:
    whole = find_pixel_errors(MADE.labels, MADE.probs, ids=[f"{place}.png" for place in range(30)])
    parts = find_pixel_errors(list(MADE.labels), list(MADE.probs))
    np.testing.assert_array_equal(whole.score, parts.score)
    cut = find_pixel_errors([*MADE.labels[:-1], MADE.labels[-1, :20]], [*MADE.probs[:-1], MADE.probs[-1, :, :20]])
    assert cut.n_pixels[-1] == 20 * 48
    assert whole.worst(1)["image"][0] == f"{whole.ranked[0]}.png"


def test_pixels_to_ignore_are_left_out() -> None:
    labels = MADE.labels.copy()
    labels[:, :10] = 255
    found = find_pixel_errors(labels, MADE.probs, ignore=255)
    assert found.n_pixels.tolist() == [38 * 48] * 30
    assert not found.pixels(0).flag[:10].any()
    with pytest.raises(InputError, match=r"image 0 .*255 at pixel \(0, 0\)"):
        find_pixel_errors(labels, MADE.probs)


def test_memory_does_not_grow_with_the_images(tmp_path: Path) -> None:
    shape = (120, 5, 48, 48)
    probs = np.lib.format.open_memmap(tmp_path / "probs.npy", "w+", np.float32, shape)
    labels = np.lib.format.open_memmap(tmp_path / "labels.npy", "w+", np.uint8, (120, 48, 48))
    for place in range(120):
        probs[place], labels[place] = MADE.probs[place % 30], MADE.labels[place % 30]
    find_pixel_errors(labels[:2], probs[:2])  # what is made once
    peaks = []
    for n in (30, 120):
        tracemalloc.start()
        find_pixel_errors(labels[:n], probs[:n])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    more = probs[30:].nbytes
    assert peaks[1] - peaks[0] < more / 10  # one flag per pixel is part of the result


@pytest.mark.parametrize(
    ("labels", "probs", "match"),
    [
        (np.zeros((2, 3, 3), dtype=int), np.full((1, 2, 3, 3), 0.5), "2 and 1"),
        (np.zeros((1, 3, 3), dtype=int), np.full((1, 2, 3, 4), 0.5), r"image 0 must have labels \(h, w\)"),
        (np.zeros((1, 3, 3)), np.full((1, 2, 3, 3), 0.5), "float64"),
        (np.full((1, 3, 3), 2), np.full((1, 2, 3, 3), 0.5), "labels from 0 to 1"),
        (np.zeros((1, 3, 3), dtype=int), np.full((1, 2, 3, 3), 0.7), "probs"),
    ],
)
def test_wrong_images_are_named(labels: Any, probs: Any, match: str) -> None:
    with pytest.raises(InputError, match=match):
        find_pixel_errors(labels, probs)


def test_it_shows_itself_in_a_notebook() -> None:
    found = find_pixel_errors(MADE.labels, MADE.probs, ids=[f"<{place}>.png" for place in range(30)])
    assert found._repr_html_().count("<tr>") == 11
    assert "&lt;" in found._repr_html_()
