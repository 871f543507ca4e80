from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

import numpy as np
import pytest

from dechaff.methods.label_errors import noise_sample as module
from dechaff.methods.label_errors.noise_sample import SampledRows, sampled

LABELS = np.arange(3_000) % 3
PROBS = np.random.default_rng(0).dirichlet(np.ones(3), 3_000)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NOISE_ROWS", 700)
    monkeypatch.setattr(module, "NOISE_ROWS_A_CLASS", 1)
    monkeypatch.setattr(module, "CALIBRATION_NUMBERS", 900)
    monkeypatch.setattr(module, "_PIECE_NUMBERS", 300)


def chunks(size: int) -> Iterator[dict[str, np.ndarray]]:
    for start in range(0, len(LABELS), size):
        rows = slice(start, start + size)
        yield {"row": np.arange(len(LABELS))[rows], "labels": LABELS[rows], "probs": PROBS[rows]}


@pytest.mark.parametrize("size", [1, 7, 400, 3_000])
@pytest.mark.parametrize("turned", [False, True])
def test_rows_in_chunks_give_the_sample_of_the_array(size: int, turned: bool) -> None:
    fold = SampledRows(len(LABELS), 3)
    states = [fold.update(fold.init(), chunk) for chunk in chunks(size)]
    found = fold.finalize(reduce(fold.merge, reversed(states) if turned else states))
    expected = sampled(LABELS, PROBS)
    np.testing.assert_array_equal(found.counts, expected.counts)
    for ours, theirs in ((found.noise, expected.noise), (found.calibration, expected.calibration)):
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_array_equal(ours[1], theirs[1])


def test_a_piece_is_small_however_the_rows_come() -> None:
    fold = SampledRows(len(LABELS), 3)
    for size in (1, 3_000):
        state = reduce(fold.update, chunks(size), fold.init())
        assert 5 < len(state.pieces) < 30
        assert max(piece.probs.size for piece in state.pieces) <= 2 * module._PIECE_NUMBERS


def test_no_rows_are_a_sample_of_none() -> None:
    fold = SampledRows(0, 3)
    assert fold.finalize(fold.init()).noise[1].shape == (0, 3)
