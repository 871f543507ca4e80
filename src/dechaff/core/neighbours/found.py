"""The nearest rows, and how they were found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Nearest:
    """``ids`` (m, c) of the nearest rows and their ``similarity``, the nearest first; -1 and NaN where there are fewer.

    ``recall`` is the share of the true nearest rows among them: 1 where the search was exact, otherwise measured on
    ``measured_on`` rows. ``how`` says in words how they were found.
    """

    ids: npt.NDArray[np.int64]
    similarity: npt.NDArray[np.float64]
    recall: float
    measured_on: int
    how: str

    @property
    def exact(self) -> bool:
        """Whether nothing was left to chance."""
        return self.measured_on == 0

    def __str__(self) -> str:
        if self.exact:
            return self.how
        return f"{self.how}; {self.recall:.1%} of the true ones found, as measured on {self.measured_on} rows"


def nothing_found(n_rows: int, count: int) -> Nearest:
    """No neighbour for any row."""
    ids = np.full((n_rows, count), -1, dtype=np.int64)
    return Nearest(ids, np.full((n_rows, count), np.nan), 1.0, 0, "exact search")
