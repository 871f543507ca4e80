"""The way of the inputs into `find_label_errors`: few files, and every row is validated once."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

import dechaff

ROOT = Path(dechaff.__file__).parent
MOST_ENTRIES = {2_000: 48, 120_000: 14}
"""Of files, by the number of rows; of the larger one the noise is read from a sample, which few files get whole."""
MOST_FILES = 16


def entered(labels: np.ndarray, probs: np.ndarray) -> tuple[list[str], Counter[str], int]:
    """Files that all labels enter, in order; calls of functions of `checks`; and rows that were validated."""
    files: list[str] = []
    checks: Counter[str] = Counter()
    rows = 0

    def watch(frame: FrameType, event: str, _: Any) -> None:
        nonlocal rows
        path = Path(frame.f_code.co_filename)
        if event != "call" or not path.is_relative_to(ROOT):
            return
        if path.name == "checks.py":
            checks[frame.f_code.co_name] += 1
            if frame.f_code.co_name == "rows_are_fine":
                rows += len(frame.f_locals["probs"])
        file = path.relative_to(ROOT).as_posix()
        arrays = [value for value in frame.f_locals.values() if isinstance(value, np.ndarray)]
        if any(one.shape == labels.shape and np.shares_memory(one, labels) for one in arrays) and files[-1:] != [file]:
            files.append(file)

    sys.setprofile(watch)
    try:
        dechaff.find_label_errors(labels, probs)
    finally:
        sys.setprofile(None)
    return files, checks, rows


@pytest.fixture(scope="module", params=MOST_ENTRIES)
def journey(request: pytest.FixtureRequest) -> tuple[list[str], Counter[str], int, int]:
    n, random = request.param, np.random.default_rng(0)
    true = random.integers(0, 4, n)
    labels = np.where(random.random(n) < 0.1, (true + 1) % 4, true)
    probs = 0.1 + 0.2 * random.random((n, 4)) + 1.2 * np.eye(4)[true]
    probs /= probs.sum(axis=1, keepdims=True)
    dechaff.find_label_errors(labels, probs)  # what is loaded on first use
    return *entered(labels, probs), n


def test_labels_enter_few_files(journey: tuple[list[str], Counter[str], int, int]) -> None:
    files, *_, n = journey
    assert 5 <= len(files) <= MOST_ENTRIES[n], files
    assert len(set(files)) <= MOST_FILES, sorted(set(files))


def test_no_method_climbs_into_the_recipe(journey: tuple[list[str], Counter[str], int, int]) -> None:
    assert not [file for file in journey[0] if file.startswith("recipe/")]


def test_every_row_is_validated_once(journey: tuple[list[str], Counter[str], int, int]) -> None:
    _, checks, rows, n = journey
    assert rows == n
    assert checks["check_rows"] == 1
    assert checks["check_labels"] == 0
