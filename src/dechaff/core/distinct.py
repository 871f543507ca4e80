"""The distinct texts of a column with their rows: what is asked of a cell is then asked once for each text."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import Codes
from dechaff.typing import Figures, Mask, Numbers, Rows, Texts

_SHORT, _MANY = 24, 4
"""If one cell in four or more is different and all are this short, numpy sorts them faster than Python."""


@dataclass(frozen=True)
class Distinct:
    """The k distinct texts of n cells, and which of them each cell holds."""

    values: Texts
    """(k,) object array of str, ascending; as numbers if they were found by `of_numbers`."""
    codes: Codes
    """(n,) 0 … k-1."""
    numbers: Figures | None = field(default=None, repr=False, compare=False)
    """(k,) what `figures` are, if they are known."""

    @classmethod
    def of(cls, cells: Texts) -> Distinct:
        """The distinct texts of these cells.

        Examples
        --------
        >>> found = Distinct.of(np.array(["S", "M", "S", ""], dtype=object))
        >>> found.values.tolist(), found.counts.tolist(), found.codes.tolist()
        (['', 'M', 'S'], [1, 1, 2], [2, 1, 2, 0])
        """
        listed = cells.tolist()
        known = set(listed)
        # numpy's fixed-width texts lose zero characters at their end.
        if (
            _MANY * len(known) > len(listed)
            and max(map(len, known)) <= _SHORT
            and not any("\0" in one for one in known)
        ):
            values, codes = np.unique(cells.astype(str), return_inverse=True)
            return cls(values.astype(object), codes.astype(np.int64))
        ordered = sorted(known)
        place = {value: at for at, value in enumerate(ordered)}
        values = np.empty(len(ordered), dtype=object)
        values[:] = ordered
        return cls(values, np.fromiter(map(place.__getitem__, listed), np.int64, len(listed)))

    @classmethod
    def of_numbers(cls, cells: Texts, numbers: Numbers) -> Distinct | None:
        """The same by the number (n,) that each cell holds, for less work; None if two texts are one number.

        Examples
        --------
        >>> Distinct.of_numbers(np.array(["10", "9", "10"], dtype=object), np.array([10.0, 9.0, 10.0])).values.tolist()
        ['9', '10']
        >>> Distinct.of_numbers(np.array(["1", "1.0"], dtype=object), np.array([1.0, 1.0])) is None
        True
        """
        bits = np.ascontiguousarray(numbers, dtype=np.float64).view(np.int64)
        ordered = bits ^ ((bits >> 63) & np.int64(2**63 - 1))  # whole numbers in the same order, -0 before 0
        _, first, codes = np.unique(ordered, return_index=True, return_inverse=True)
        values = cells[first]
        if not bool((values[codes] == cells).all()):
            return None
        # A comma may be the decimal sign of the column: then the texts are no plain numbers.
        plain = "," not in "".join(values.tolist())
        return cls(values, codes.astype(np.int64), np.asarray(numbers, dtype=np.float64)[first] if plain else None)

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """(k,) how many cells hold each of them."""
        return np.bincount(self.codes, minlength=len(self.values))

    @cached_property
    def figures(self) -> Figures:
        """(k,) the texts as numbers; NaN if it is none, or infinite.

        Examples
        --------
        >>> Distinct.of(np.array(["1.5", " 2", "1_0", "inf", "x"], dtype=object)).figures
        array([2. , 1.5, nan, nan, nan])
        """
        if self.numbers is not None:
            return self.numbers
        listed = self.values.tolist()
        try:
            found = np.array(list(map(_plain_number if "_" in "".join(listed) else float, listed)))
        except ValueError:
            found = np.array(list(map(_plain_number, listed)))
        found[~np.isfinite(found)] = np.nan
        return found

    @cached_property
    def is_number(self) -> Mask:
        """(k,) which of them are finite numbers."""
        return np.isfinite(self.figures)

    def take(self, rows: Rows) -> Distinct:
        """The same of some cells; texts that none of them holds stay listed until `compact` leaves them out."""
        return replace(self, codes=self.codes[rows])

    @property
    def compact(self) -> Distinct:
        """The same without texts that no cell holds."""
        held = self.counts > 0
        if held.all():
            return self
        numbers = None if self.numbers is None else self.numbers[held]
        return Distinct(self.values[held], (np.cumsum(held) - 1)[self.codes], numbers)


def _plain_number(text: str) -> float:
    """The number that a text is; digits joined by '_' are none, unlike in Python."""
    try:
        return np.nan if "_" in text else float(text)
    except ValueError:
        return np.nan
