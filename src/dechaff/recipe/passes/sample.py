"""Some rows of a source, drawn by a hash of their numbers: the same rows however the source is cut into blocks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dechaff.core.row_hash import mixed
from dechaff.typing import Mask, Texts

LEAST_OF_CLASS = 50
"""So many rows of every label are in the sample, all where there are not so many."""
_STRIDE = np.uint64(0x9E3779B97F4A7C15)


def row_lots(rows: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.uint64]:
    """A number for each row that looks as if drawn; the rows with the lowest ones are the sample.

    Examples
    --------
    >>> bool((row_lots(np.arange(4), 0)[2:] == row_lots(np.arange(2, 4), 0)).all())
    True
    """
    return mixed(mixed(rows.astype(np.uint64) * _STRIDE + np.uint64(1)) ^ mixed(np.array([seed + 1], dtype=np.uint64)))


@dataclass
class Draw:
    """The rows of the lowest lots so far: `most` of all, and `LEAST_OF_CLASS` of each label."""

    most: int
    seed: int
    _rows: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    _lots: npt.NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))
    _of_label: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def add(self, rows: npt.NDArray[np.int64], labels: Texts, sealed: Mask) -> None:
        """Rows of one block; sealed ones are never drawn."""
        free = rows[~sealed]
        lots = row_lots(free, self.seed)
        all_rows, all_lots = np.concatenate([self._rows, free]), np.concatenate([self._lots, lots])
        if len(all_rows) > self.most:
            kept = np.argpartition(all_lots, self.most - 1)[: self.most]
            all_rows, all_lots = all_rows[kept], all_lots[kept]
        self._rows, self._lots = all_rows, all_lots
        self._add_labels(free, lots, labels[~sealed])

    def _add_labels(self, rows: npt.NDArray[np.int64], lots: npt.NDArray[np.uint64], labels: Texts) -> None:
        order = np.argsort(lots)
        in_block: dict[str, int] = {}
        for place in order.tolist():
            label = labels[place]
            if in_block.get(label, 0) < LEAST_OF_CLASS:
                in_block[label] = in_block.get(label, 0) + 1
                held = self._of_label.setdefault(label, [])
                held.append((int(lots[place]), int(rows[place])))
        for label in in_block:
            self._of_label[label] = sorted(self._of_label[label])[:LEAST_OF_CLASS]

    def rows(self) -> npt.NDArray[np.int64]:
        """The numbers of the drawn rows, in order."""
        rare = [row for held in self._of_label.values() for _, row in held]
        return np.unique(np.concatenate([self._rows, np.array(rare, dtype=np.int64)]))
