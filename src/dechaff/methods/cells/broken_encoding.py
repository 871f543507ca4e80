"""Broken encodings: UTF-8 that was read as Windows-1252, repaired by the way back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dechaff.methods.cells.cell_columns import CellColumn, CellColumns, CellDoubts, Doubt

_CODECS = ("cp1252", "latin-1")


@dataclass(frozen=True)
class EncodingRule:
    """Texts of a column are encoded once."""

    column: str

    def words(self) -> str:
        """What is an error."""
        return f"{self.column} contains no characters that are read in the wrong encoding."

    def doubts(self, columns: CellColumns, *, own: bool) -> Iterator[CellDoubts]:
        """The cells that are the bytes of other characters."""
        if self.column in columns:
            column, found = columns[self.column], {}
            for value, _ in column.filled():
                right = decoded_again(value)
                if right != value:
                    why = f"{value!r} is {right!r}, whose UTF-8 bytes were read in another encoding."
                    found[value] = Doubt(right, 0.97, why)
            yield CellDoubts.of_values(column, found)


def broken_encoding(columns: CellColumns) -> tuple[EncodingRule, ...]:
    """The rule for each column that holds text.

    Source
    ------
    The Unicode standard, section 3.9 (UTF-8): its sequences hardly occur by chance in another encoding.

    Examples
    --------
    >>> cells = {"name": CellColumn.of("name", np.array(["MÃ¼ller", "Meier"], dtype=object))}
    >>> [one.suggested for rule in broken_encoding(cells) for found in rule.doubts(cells, own=True)
    ...  for one in found.doubts]
    ['Müller']
    """
    return tuple(EncodingRule(column.name) for column in columns.values() if _has_text(column))


def _has_text(column: CellColumn) -> bool:
    return not column.is_numeric and column.n_present > 0


def decoded_again(value: str) -> str:
    """The text whose UTF-8 bytes the given one is, or the text as it is.

    Examples
    --------
    >>> decoded_again("CafÃ©"), decoded_again("Café")
    ('Café', 'Café')
    """
    if value.isascii():
        return value
    for codec in _CODECS:
        try:
            return value.encode(codec).decode("utf-8")
        except UnicodeError:
            continue
    return value
