"""Words and signs that people write into a cell for 'nothing'."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from dechaff.typing import Texts

MARKS = ("?", "??", "???", "-", "--", "---", ".", "..", "n/a", "#n/a", "n.a.", "n.a", "<na>", "nan", "0000-00-00")
NULLS = ("null", "(null)", "[null]", "<null>", "#null!", "\\n", "(blank)", "tbd", "tba")
WORDS = (
    "missing",
    "undefined",
    "unspecified",
    "not available",
    "not applicable",
    "no data",
    "not known",
    "not specified",
)
SURE = frozenset((*MARKS, *NULLS, *WORDS))
DOUBTFUL = frozenset(("na", "none", "nil", "unknown", "unk", "empty", "blank", "no answer"))
"""Stand-ins in most files, values in some: 'none' may be a true amount, 'NA' a country."""
JUNK, JUNK_SHARE = frozenset(("test", "asdf", "dummy", "xxx", "xxxx")), 0.01
"""What people type to get past a form; a value of the column where it is frequent."""
SIGNS = frozenset(("+", "*"))
"""Where one of these stands in the same column, '-' and '.' are signs, not blanks."""


@dataclass(frozen=True)
class StandIn:
    """A cell value that probably means 'nothing': how often it stands, and how sure that is (in [0, 1])."""

    value: str
    count: int
    sure: float
    why: str


def stand_in_texts(cells: Texts) -> tuple[StandIn, ...]:
    """The spellings of 'nothing' among the cells of a column, most frequent first.

    Parameters
    ----------
    cells : (n,) object array of str
        What the file says; '' where a cell is empty.

    Returns
    -------
    tuple of StandIn

    Source
    ------
    Own list; the spellings that readers of R, pandas and SPSS files treat as missing, and what people type in forms.
    Qahtan et al. (2018), FAHES, name the problem: disguised missing values.

    Examples
    --------
    >>> [(found.value, found.count) for found in stand_in_texts(np.array(["red", "?", "N/A", "?"], dtype=object))]
    [('?', 2), ('N/A', 1)]
    """
    counts = Counter(cells.tolist())
    plain = {cell: cell.strip().lower() for cell in counts}
    signed = not SIGNS.isdisjoint(plain.values())
    values = len({word for word in plain.values() if word})
    found = []
    for cell, count in counts.items():
        word = plain[cell]
        if word in SURE and not (signed and word in ("-", ".")) and values > 1:
            found.append(StandIn(cell, count, 0.9, "is a usual spelling of 'nothing'"))
        elif values > 2 and (word in DOUBTFUL or (word in JUNK and count <= JUNK_SHARE * len(cells))):
            # With two values only, 'none' is the other half of the answer.
            found.append(StandIn(cell, count, 0.5, "often stands for 'nothing'"))
    return tuple(sorted(found, key=lambda one: (-one.count, one.value)))
