"""The rows that an accepted augmentation adds: kept in the run folder, decided in the log, written with the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl

from dechaff.data.columns.roles import AUG_OF
from dechaff.data.source import AddedRows
from dechaff.recipe.outcome.apply import Change, Changes
from dechaff.records.decided_rows import EventsByKey
from dechaff.records.decisions import current_state
from dechaff.records.run import NEW_ROWS, Run, read_parquet
from dechaff.typing import Rows

A001 = "A001"
_NUMBER, _TEXT = "number ", "text "
"""Before the names of columns in the file, so that none is taken for its own."""
_Cells: TypeAlias = Mapping[str, Sequence[str | None]]
_OWN = ("operation", "key", "parent", "name")


def new_rows_table(
    operation: str, keys: Sequence[str], parents: Sequence[str], numbers: _Cells, text: _Cells
) -> pl.DataFrame:
    """New rows as they are kept in a run folder.

    Parameters
    ----------
    operation : its words.
    keys, parents : (m,) key and name of the parent of each.
    numbers, text : column -> (m,) new cells; None for one that stays.

    Examples
    --------
    >>> new_rows_table("noise", ["k"], ["r1"], {"x": ["1.5"]}, {}).row(0)
    ('noise', 'k', 'r1', 'r1+1', '1.5')
    """
    names = child_names(parents)
    own = dict(zip(_OWN, ([operation] * len(names), keys, parents, names), strict=True))
    cells = {f"{_NUMBER}{name}": some for name, some in numbers.items()}
    cells |= {f"{_TEXT}{name}": some for name, some in text.items()}
    return pl.DataFrame({**own, **cells}, schema=dict.fromkeys([*own, *cells], pl.String))


def child_names(parents: Sequence[str]) -> list[str]:
    """A name for each new row: that of its parent, and which child of it the row is.

    Examples
    --------
    >>> child_names(["a", "b", "a"])
    ['a+1', 'b+1', 'a+2']
    """
    seen: dict[str, int] = {}
    found = []
    for one in parents:
        seen[one] = seen.get(one, 0) + 1
        found.append(f"{one}+{seen[one]}")
    return found


def decision_key(operation: str) -> str:
    """What stands for a row in decisions about the new rows of an operation."""
    return f"{A001}:{operation}"


def no_rows_yet(id_name: str) -> AddedRows:
    """None, to find out whether data can take any; `id_name` is the column that names the rows."""
    return AddedRows(np.zeros(0, dtype=np.int64), {}, frozenset(), AUG_OF, id_name)


@dataclass(frozen=True)
class Added:
    """The new rows that are written; ``places`` are those of their parents among the audited rows."""

    table: pl.DataFrame
    places: Rows

    @classmethod
    def of(cls, run: Run) -> Added | None:
        """Those of the decision that holds, but for children of dropped rows; None if there are none."""
        if not (run.folder / NEW_ROWS).is_file():
            return None
        table = read_parquet(run.folder / NEW_ROWS)
        if not table.height:
            return None
        own, log = decision_key(table["operation"][0]), EventsByKey.of(run.decisions_path)
        found = current_state(log.about(pl.Series([own, *table["key"].unique()], dtype=pl.String)))
        event = found.pop(own, None)
        if event is None or event.action != "add":
            return None
        dropped = [key for key, one in found.items() if one.action == "drop"]
        relabelled = {key: one.new for key, one in found.items() if one.action == "relabel"}
        lines = pl.scan_parquet(run.scores_path).select("key", "given").with_row_index("place").collect()
        table = table.filter(~pl.col("key").is_in(dropped)).join(lines, on="key", how="left", maintain_order="left")
        table = table.drop_nulls("place")
        labels = [relabelled.get(key, given) for key, given in table.select("key", "given").iter_rows()]
        return cls(
            table.with_columns(pl.Series("given", labels, dtype=pl.String)), table["place"].to_numpy().astype(np.int64)
        )

    def changes(self) -> Changes:
        """A line of the list of changes for each."""
        columns = self.table.select("name", "given", "operation", "parent", "key").iter_rows()
        lines = (
            Change(name, "added", "", label, A001, f"made from row {parent}: {operation}", key)
            for name, label, operation, parent, key in columns
        )
        return Changes(tuple(lines), self.places)

    def rows(self, audited: Rows, id_name: str) -> AddedRows:
        """The same for the source; `audited` are the numbers of the audited rows in it, ascending."""
        cells: dict[str, list[str | None]] = {
            name: self.table[prefix + name].to_list() for prefix in (_NUMBER, _TEXT) for name in self._cells(prefix)
        }
        if id_name:
            cells[id_name] = self.table["name"].to_list()
        return AddedRows(audited[self.places], cells, frozenset(self._cells(_NUMBER)), AUG_OF, id_name)

    def _cells(self, prefix: str) -> list[str]:
        return [name.removeprefix(prefix) for name in self.table.columns if name.startswith(prefix)]


def with_added(changes: Iterable[Changes], added: Added | None) -> Iterator[Changes]:
    """The changes, and behind them a line for each new row."""
    yield from changes
    if added is not None:
        yield added.changes()
