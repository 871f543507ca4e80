"""Base of all results: n items by the caller's own names, each with a score and a flag."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.api.labels.names import Names
from dechaff.checks import check_count
from dechaff.typing import Mask, Rows, Score

SHOWN = 10


@dataclass(frozen=True, repr=False, kw_only=True)
class Result(ABC):
    """Base of all results: n items, each with a score, a flag and a line of a table.

    Items go by the caller's own names: index or ids if there are some, else positions. Columns are arrays, or pandas
    objects with the caller's index.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> rng = np.random.default_rng(0)
    >>> height = np.append(rng.normal(170, 8, size=500).round(), 1780)
    >>> found = dechaff.find_outliers({"height": height, "weight": rng.normal(70, 9, size=501).round()})
    >>> isinstance(found, dechaff.labels.Result), found.n_flagged, found.ranked[:1].tolist()
    (True, 1, [500])
    """

    names: Names = field(repr=False)

    @property
    def score(self) -> Any:
        """(n,) how doubtful each item is; higher = look at this first."""
        return self._like_callers(self._score)

    @property
    def flag(self) -> Any:
        """(n,) bool, the items that are likely wrong."""
        return self._like_callers(self._flag)

    @property
    def n_flagged(self) -> int:
        """How many items are flagged."""
        return int(self._flag.sum())

    @property
    def ranked(self) -> Rows:
        """(n,) positions, the most doubtful first; ties in the order of the data."""
        return np.argsort(-self._score, kind="stable")

    def worst(self, n: int = 20) -> Any:
        """The n most doubtful items that are not reviewed, the most doubtful first; columns as in `table`."""
        return self._table(self._unread_ranked[: check_count("n", n)])

    def __len__(self) -> int:
        return len(self.names)

    def _repr_html_(self) -> str:
        return in_html(repr(self)[1:-1], self.worst(SHOWN))

    @property
    @abstractmethod
    def _score(self) -> Score:
        """(n,) the score as an array."""

    @property
    @abstractmethod
    def _flag(self) -> Mask:
        """(n,) the flag as an array."""

    @abstractmethod
    def _table(self, positions: Rows) -> Any:
        """The lines of these items."""

    @property
    def _unread_ranked(self) -> Rows:
        """Positions of the items that may be shown as the worst, the most doubtful first."""
        return self.ranked

    def _like_callers(self, values: npt.NDArray[Any]) -> Any:
        return values


def in_html(headline: str, table: Any) -> str:
    """The headline and some rows, for a notebook."""
    names = [str(name) for name in (table.column_names if hasattr(table, "column_names") else table.columns)]
    columns = [np.asarray(table[name]).tolist() for name in names]
    if hasattr(table, "iloc") and names[0] in ("given", "label"):  # the index names the items
        entries = table.index.tolist()
        names.insert(0, str(table.index.name or "row"))
        columns.insert(0, [" / ".join(map(str, one)) if isinstance(one, tuple) else one for one in entries])
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(_cell(value))}</td>" for value in line) + "</tr>"
        for line in zip(*columns, strict=True)
    )
    return f"<p>{escape(headline)}</p><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def _cell(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
