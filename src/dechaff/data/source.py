"""What every place that rows come from can do: name what it is, and write the rows back as they came."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, Self, TypeAlias

import numpy as np

from dechaff.core.outputs import IMPROVED, check_output
from dechaff.errors import DataError
from dechaff.typing import Mask, Rows

SUFFIXES = {
    "csv": (".csv", ".tsv", ".tab", ".txt"),
    "parquet": (".parquet", ".pq"),
    "jsonl": (".jsonl", ".ndjson"),
    "arrow": (".arrow", ".feather", ".ipc"),
    "npz": (".npz",),
}
"""File names of each format, without a final ``.gz``."""


Cells: TypeAlias = Mapping[str, Mapping[int, str]]
"""Column -> row -> the text of its new cell."""


@dataclass(frozen=True)
class AddedRows:
    """Rows to write behind those of a source: each is a row of the source with other texts in some of its cells."""

    parents: Rows
    """(m,) the rows that they are made from."""
    cells: Mapping[str, Sequence[str | None]]
    """Column -> (m,) new texts; None for a cell that stays."""
    numbers: frozenset[str]
    """The columns whose cells are numbers."""
    column: str
    """A new column for all rows: the name of the row itself, or for new rows that of their parent."""
    id_name: str = ""
    """The column that names the rows; '' for their numbers."""


class Source(Protocol):
    """Where the rows come from, able to write some of them back with some labels changed.

    ``keep`` is a mask over *all* rows of the source (test rows too); ``labels`` maps positions to class
    names. Everything else stays as it was: format, columns, types, order, untouched records byte for byte.
    """

    @property
    def format(self) -> str:
        """``csv``, ``parquet``, ``jsonl``, ``npz``, ``image folder``, or the name of the caller's type."""

    @property
    def path(self) -> Path | None:
        """The file or folder; None for data in memory."""

    @property
    def sha256(self) -> str:
        """Hash of the file's bytes, or of the content of data in memory."""

    @property
    def n_rows(self) -> int:
        """Rows of the source, test rows included."""

    @property
    def label_name(self) -> str:
        """The label column; '' if the labels were passed beside the data."""

    def bound(self, label_name: str, examples: Mapping[str, int]) -> Self:
        """The same source that knows its label column and, for each class, a row that carries it."""

    def with_cells(self, cells: Cells) -> Self:
        """The same source, whose new data have some cells written by reviewers."""

    def with_added_rows(self, rows: AddedRows) -> Self:
        """The same source, whose new data have more rows; a DataError if its format does not allow that."""

    def improved(self, keep: Mask, labels: Mapping[int, str]) -> Any:
        """The new data in the caller's own type; the bytes of the new file if the source is a file."""

    def write(self, path: str | os.PathLike[str], *, keep: Mask, labels: Mapping[int, str]) -> None:
        """The new data at ``path``, whole or not at all; never over the input."""


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A source that knows its label column and, for each class, a row that carries it."""

    label_name: str = ""
    examples: Mapping[str, int] = field(default_factory=dict, repr=False)
    cells: Cells = field(default_factory=dict, repr=False)

    def bound(self, label_name: str, examples: Mapping[str, int]) -> Self:
        """The same rows, with more known about them."""
        return replace(self, label_name=label_name, examples=examples)

    def with_cells(self, cells: Cells) -> Self:
        """The same source, whose new data have some cells written by reviewers."""
        return replace(self, cells=cells)

    def with_added_rows(self, rows: AddedRows) -> Self:
        """A DataError: only some files can have more rows."""
        raise DataError(
            "data to which rows are added", "be one CSV, JSON Lines or Parquet file with named columns", "another form",
            "Write them to such a file and audit it.",
        )  # fmt: skip

    @property
    def unlabelled(self) -> bool:
        """Whether no row has a label, or there is no label column yet: it then becomes one of text."""
        return bool(self.label_name) and not self.examples

    def spelled(self, labels: Mapping[int, str], label_at: Callable[[int], Any]) -> dict[int, Any]:
        """New labels by row, as the source holds them; `label_at` is the label that a row has now."""
        values = {name: self.spelling(name, label_at) for name in set(labels.values())}
        return {row: values[name] for row, name in labels.items()}

    def spelling(self, name: str, label_at: Callable[[int], Any]) -> Any:
        """The label of a class as a row of it has it, else in the type of the other labels."""
        if name in self.examples:
            return label_at(self.examples[name])
        some = next(iter(self.examples.values()), None)
        return name if some is None else like(label_at(some), name)


def like(example: Any, name: str, what: str = "the new label") -> Any:
    """A class name, or the text of a cell, as a value of the example's type, or a DataError.

    Examples
    --------
    >>> like(3, "7"), like(True, "False"), like("a", "7")
    (7, False, '7')
    """
    with suppress(TypeError, ValueError, ArithmeticError):
        if not isinstance(example, bool | np.bool_):
            return type(example)(name)
        if name in ("True", "False"):
            return name == "True"
    raise DataError(
        f"{what} {name!r}",
        f"be a {type(example).__name__}, as the others of its column",
        "another type",
        "Choose a value of this type, or turn the column into text first.",
    )


def suffix_of(path: str | os.PathLike[str]) -> str:
    """The suffix that names the format: ``.csv`` for both ``a.csv`` and ``a.csv.gz``."""
    name = Path(path).name.lower().removesuffix(".gz")
    return Path(name).suffix


def check_improved(
    path: str | os.PathLike[str], source: Path | None, format: str, *, beside: Path | None = None
) -> Path:
    """The path for the improved data (`check_output`), or a DataError if it names another format."""
    target = check_output(path, IMPROVED, inputs=(source,), beside=beside)
    other = next((name for name, known in SUFFIXES.items() if suffix_of(target) in known), format)
    if source is not None and other != format:
        raise DataError(
            "the output",
            f"have the format of the input, {format}",
            f"the name {target.name}, a name for {other}",
            f"Name it with the suffix {''.join(source.suffixes) or SUFFIXES[format][0]}.",
        )
    return target
