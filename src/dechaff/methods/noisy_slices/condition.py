"""A readable condition on rows, and a set of them as one sparse matrix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.typing import Mask, Rows


@dataclass(frozen=True)
class Condition:
    """What all rows of a slice have in common.

    ``incidental`` says that the property should not matter to the label: markup, broken encoding, length,
    missingness, an entry date, a column that tells where a row comes from. Labels that turn round with such a
    property are wrong; labels that turn round with any other may be a real rule. ``conjuncts`` are
    the conditions that it joins, none for a plain one; ``bounds`` are those of a range, above the first, up to and with
    the second.
    """

    words: str
    columns: tuple[str, ...]
    incidental: bool
    conjuncts: tuple[Condition, ...] = ()
    bounds: tuple[float, float] | None = None

    @property
    def parts(self) -> int:
        """How many plain conditions it is made of."""
        return max(1, len(self.conjuncts))

    @property
    def touches_incidental(self) -> bool:
        """Whether it, or a part of it, should not matter to the label."""
        return self.incidental or any(part.incidental for part in self.conjuncts)

    def with_(self, other: Condition) -> Condition:
        """Both conditions at once; incidental only if both are."""
        return Condition(
            f"{self.words} and {other.words}",
            tuple(dict.fromkeys(self.columns + other.columns)),
            self.incidental and other.incidental,
            conjuncts=(self, other),
        )


@dataclass(frozen=True)
class Conditions:
    """m conditions on n rows; ``holds`` is an (m, n) sparse array (CSR), 1 if a condition holds."""

    items: tuple[Condition, ...]
    holds: Any

    def rows(self, index: int) -> npt.NDArray[np.int64]:
        """Positions of the rows on which one condition holds."""
        start, stop = self.holds.indptr[index], self.holds.indptr[index + 1]
        return np.asarray(np.sort(self.holds.indices[start:stop]), dtype=np.int64)


def stack(parts: Iterable[tuple[Condition, Mask]], n_rows: int) -> Conditions:
    """Conditions from masks.

    Parameters
    ----------
    parts : pairs of a condition and an (n,) mask of the rows on which it holds
    n_rows : n

    Examples
    --------
    >>> stack([(Condition("age > 3", ("age",), False), np.array([True, False, True]))], 3).rows(0)
    array([0, 2])
    """
    items: list[Condition] = []
    rows: list[npt.NDArray[np.int64]] = []
    for condition, mask in parts:
        items.append(condition)
        rows.append(np.flatnonzero(mask))
    return Conditions(tuple(items), _from_rows(rows, n_rows))


def join(parts: Sequence[Conditions], n_rows: int) -> Conditions:
    """All conditions of several sets, in order.

    Parameters
    ----------
    parts : sets of conditions on the same rows
    n_rows : their number, for the case that there is no condition

    Examples
    --------
    >>> join([], 3).holds.shape
    (0, 3)
    """
    filled = [part for part in parts if part.items]
    if not filled:
        return Conditions((), _from_rows([], n_rows))
    from scipy.sparse import vstack

    holds = vstack([part.holds for part in filled], format="csr")
    return Conditions(tuple(item for part in filled for item in part.items), holds)


def mask_of(rows: Rows, n_rows: int) -> Mask:
    """True at the rows named.

    Examples
    --------
    >>> mask_of(np.array([1]), 3)
    array([False,  True, False])
    """
    mask = np.zeros(n_rows, dtype=np.bool_)
    mask[rows] = True
    return mask


def _from_rows(rows: Sequence[npt.NDArray[np.int64]], n_rows: int) -> Any:
    from scipy.sparse import csr_array

    indptr = np.concatenate([[0], np.cumsum([len(r) for r in rows])]).astype(np.int64)
    # Wide tables have many conditions: half the memory if the positions fit into 32 bits.
    width = np.int32 if max(indptr[-1], n_rows) < np.iinfo(np.int32).max else np.int64
    indices = np.concatenate(rows, dtype=width, casting="same_kind") if rows else np.zeros(0, width)
    indptr = indptr.astype(width)
    return csr_array((np.ones(len(indices), np.float32), indices, indptr), shape=(len(rows), n_rows))
