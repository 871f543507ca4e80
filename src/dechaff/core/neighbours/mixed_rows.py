"""Rows of a table, numbers beside categories, compared column by column."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.pair_sums import pairs_in_parts
from dechaff.core.neighbours.comparable import Comparable, ExactScores, Positions, Scores, Which
from dechaff.errors import InputError

Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Block = tuple[npt.NDArray[np.float32], Codes]
_AT_ONCE = 1 << 18
_DIMENSIONS = 8
"""Random directions for each category, by which lists separate categories."""


@dataclass(frozen=True)
class MixedRows(Comparable):
    """Numbers (n, p), scaled so that the range of a column is 1, NaN if missing; codes (n, q), -1 if missing.

    A column in which both rows have a value adds one minus the difference, or one if the categories are equal; the
    score is the mean over such columns. Rows that share no column cannot be compared.
    """

    per_row: ClassVar[tuple[str, ...]] = ("numbers", "codes")
    numbers: Numbers
    codes: Codes
    lowest: npt.NDArray[np.float64]
    spread: npt.NDArray[np.float64]
    _: KW_ONLY
    block_rows: int = 512
    by_angle: bool = False
    loose: int = 4

    @property
    def usable(self) -> npt.NDArray[np.bool_]:
        """Rows with any value."""
        return np.asarray(~np.isnan(self.numbers).all(axis=1) | (self.codes >= 0).any(axis=1))

    def like(self, rows: Any) -> MixedRows:
        """Other rows, ``(numbers, codes)``, on the same scale."""
        numbers, codes = _checked(*rows)
        if (numbers.shape[1], codes.shape[1]) != (self.numbers.shape[1], self.codes.shape[1]):
            must = f"have {self.numbers.shape[1]} numbers and {self.codes.shape[1]} codes per row"
            raise InputError(
                "queries", must, f"{numbers.shape[1]} and {codes.shape[1]}", "Prepare both in the same way."
            )
        return replace(self, numbers=(numbers - self.lowest) / self.spread, codes=codes)

    def left(self, rows: Which) -> Block:
        """Some rows."""
        return self.numbers[rows].astype(np.float32), self.codes[rows]

    def scores(self, left: Block, right: Block, out: Scores) -> Scores:
        """Mean agreement over the columns that both rows have."""
        total, shared = np.zeros_like(out), np.zeros_like(out)
        for mine, theirs in zip(left[0].T, right[0].T, strict=True):
            agreement = 1 - np.minimum(np.abs(mine[:, None] - theirs), 1)
            known = ~np.isnan(agreement)
            shared += known
            np.add(total, agreement, out=total, where=known)
        for ours, others in zip(left[1].T, right[1].T, strict=True):
            total += (ours[:, None] == others) & (ours >= 0)[:, None]
            shared += (ours >= 0)[:, None] & (others >= 0)
        out.fill(-np.inf)
        return np.divide(total, shared, out=out, where=shared > 0)

    def exact(self, others: MixedRows, mine: Positions, theirs: Positions) -> ExactScores:
        """The same in double precision."""

        def agreement(mine: Positions, theirs: Positions) -> ExactScores:
            ours, other = self.codes[mine], others.codes[theirs]
            near = 1 - np.minimum(np.abs(self.numbers[mine] - others.numbers[theirs]), 1)
            total = np.nansum(near, axis=1) + ((ours == other) & (ours >= 0)).sum(axis=1)
            shared = (~np.isnan(near)).sum(axis=1) + ((ours >= 0) & (other >= 0)).sum(axis=1)
            return np.where(shared > 0, total / np.maximum(shared, 1), -np.inf)

        columns = self.numbers.shape[1] + self.codes.shape[1]
        return pairs_in_parts(agreement, mine, theirs, row_numbers=columns, at_once=_AT_ONCE)

    def sketch(self, rows: Which) -> npt.NDArray[np.float32]:
        """Numbers from the middle of their range, and a random direction for each category."""
        numbers = np.nan_to_num(np.clip(self.numbers[rows], 0, 1) - 0.5)
        parts = [numbers]
        for column, codes in enumerate(self.codes[rows].T):
            signs = np.random.default_rng(column).integers(0, 2, (1 << 10, _DIMENSIONS)) - 0.5
            parts.append(np.where((codes >= 0)[:, None], signs[codes % len(signs)], 0.0) / np.sqrt(_DIMENSIONS))
        found = np.concatenate(parts, axis=1)
        return np.asarray(found / max(np.sqrt(sum(part.shape[1] for part in parts)), 1), dtype=np.float32)


def mixed_rows(numbers: npt.ArrayLike, codes: npt.ArrayLike) -> MixedRows:
    """Rows of a table, to be compared as Gower does.

    Parameters
    ----------
    numbers : (n, p) float, NaN if missing; p may be 0
        Differences are taken as fractions of the range of the column.
    codes : (n, q) int, -1 if missing; q may be 0
        One number per category.

    Raises
    ------
    InputError
        If they are no such matrices, or differ in their number of rows.

    Notes
    -----
    Source: Gower (1971), Biometrics 27, with equal weights.
    """
    values, categories = _checked(numbers, codes)
    known = np.where(np.isfinite(values), values, np.nan)
    known = known if len(known) else np.zeros((1, values.shape[1]))
    empty = np.isnan(known).all(axis=0)
    known = np.where(empty, 0.0, known)
    lowest, highest = np.nanmin(known, axis=0), np.nanmax(known, axis=0)
    spread = np.where(highest > lowest, highest - lowest, 1.0)
    return MixedRows((values - lowest) / spread, categories, lowest, spread)


def _checked(numbers: npt.ArrayLike, codes: npt.ArrayLike) -> tuple[Numbers, Codes]:
    values, categories = np.asarray(numbers), np.asarray(codes)
    if values.ndim != 2 or values.dtype.kind not in "fiub" or categories.ndim != 2 or categories.dtype.kind not in "iu":
        raise InputError(
            "rows",
            "be a numeric (n, p) array and an integer (n, q) array",
            f"shapes {values.shape} of {values.dtype} and {categories.shape} of {categories.dtype}",
            "Number the categories of each column.",
        )
    if len(values) != len(categories):
        must = "have as many rows of codes as of numbers"
        raise InputError("rows", must, f"{len(categories)} and {len(values)}", "Pass both for every row.")
    whole = values.astype(np.float64)
    return np.where(np.isfinite(whole), whole, np.nan), categories.astype(np.int64)
