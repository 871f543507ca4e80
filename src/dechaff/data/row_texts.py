"""Texts of some rows, such as new labels, for more of them than a dict has room for."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from dechaff.typing import Rows


class RowTexts(Mapping[int, str]):
    """Row -> text, in 12 bytes per row and each text once: of labels, few differ.

    Examples
    --------
    >>> new = RowTexts.of({7: "a", 3: "b", 9: "a"})
    >>> new[3], list(new), new.between(4, 9), 4 in new
    ('b', [3, 7, 9], {7: 'a'}, False)
    """

    def __init__(self, rows: Rows, codes: npt.NDArray[np.int32], distinct: Sequence[str]) -> None:
        self._rows, self._codes = rows, codes
        self.distinct = distinct
        """The texts, each once."""

    @classmethod
    def of(cls, texts: Mapping[int, str]) -> RowTexts:
        """The same texts."""
        if isinstance(texts, cls):
            return texts
        made = RowTextsBuilder()
        for row in sorted(texts):
            made.add(row, texts[row])
        return made.built()

    def between(self, start: int, stop: int) -> dict[int, str]:
        """The texts of the rows from `start` to before `stop`."""
        span = slice(*np.searchsorted(self._rows, [start, stop]).tolist())
        codes = self._codes[span].tolist()
        return {row: self.distinct[code] for row, code in zip(self._rows[span].tolist(), codes, strict=True)}

    def __getitem__(self, row: int) -> str:
        place = int(np.searchsorted(self._rows, row))
        if place == len(self._rows) or self._rows[place] != row:
            raise KeyError(row)
        return self.distinct[int(self._codes[place])]

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows.tolist())

    def __len__(self) -> int:
        return len(self._rows)


class RowTextsBuilder:
    """Takes texts in the order of their rows."""

    def __init__(self) -> None:
        self._rows, self._codes = array("q"), array("i")
        self._number: dict[str, int] = {}

    def add(self, row: int, text: str) -> None:
        """The text of a row behind all others."""
        self._rows.append(row)
        self._codes.append(self._number.setdefault(text, len(self._number)))

    def built(self) -> RowTexts:
        """All texts."""
        rows, codes = np.array(self._rows, dtype=np.int64), np.array(self._codes, dtype=np.int32)
        return RowTexts(rows, codes, list(self._number))
