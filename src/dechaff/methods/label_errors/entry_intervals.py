"""How sure each entry of a noise matrix is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.methods.label_errors.plateau_transition import LEAST_NOISE, PRIOR_ROWS
from dechaff.typing import ClassMatrix, ClassVector

Z_95 = 1.96
_ENTRIES_AT_ONCE = 2**15
"""They stay in the cache: of a thousand classes, matrices that do not take longer than the rows."""


def entry_intervals(
    transition: ClassMatrix, plateau_rows: npt.NDArray[np.int64], noise_rates: ClassVector
) -> tuple[ClassMatrix, ClassMatrix]:
    """Wilson's 95 % interval of each entry as a share of the rows on its plateau, before the guess was mixed in.

    `plateau_rows` are the rows from which each column was read, `noise_rates` those of the guess (`read_transition`).
    """
    k, rows = len(transition), np.maximum(plateau_rows, 1)
    low, high = np.empty((k, k)), np.empty((k, k))
    step = max(1, _ENTRIES_AT_ONCE // k)
    for start in range(0, k, step):
        given = np.arange(start, min(start + step, k))
        entries = transition[given]
        lowest, highest = _wilson(_before_guess(entries, given, rows, noise_rates), rows)
        # what is always possible (LEAST_NOISE) was not seen
        low[given] = np.minimum(np.maximum(lowest - LEAST_NOISE / k, 0), entries)
        high[given] = np.maximum(np.minimum(highest + LEAST_NOISE, 1), entries)
    return low, high


def _before_guess(
    entries: npt.NDArray[np.float64], given: npt.NDArray[np.int64], rows: npt.NDArray[np.int64], rates: ClassVector
) -> npt.NDArray[np.float64]:
    """The shares that were seen, where `entries` also hold symmetric noise that weighs as much as some rows."""
    k, guess = len(rows), PRIOR_ROWS / rows
    share = (1 + guess) * entries
    share -= guess * rates / (k - 1)
    share[np.arange(len(given)), given] -= (guess * (1 - rates * k / (k - 1)))[given]
    return np.clip(share, 0, 1, out=share)


def _wilson(
    share: npt.NDArray[np.float64], rows: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    shrink = 1 / (1 + Z_95**2 / rows)
    margin = np.sqrt(share * (1 - share) / rows + (Z_95 / (2 * rows)) ** 2) * (Z_95 * shrink)
    centre = (share + Z_95**2 / (2 * rows)) * shrink
    return centre - margin, centre + margin
