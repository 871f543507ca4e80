"""``check``, and ``Audit.check``: which cells of new rows break the rules that an audit learned."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dechaff.api.cell_errors import CellErrors, as_columns, cell_names, compared_cells
from dechaff.api.labels.names import RowNames
from dechaff.core.words import counted
from dechaff.data.classes import is_path
from dechaff.data.formats.files import Reading
from dechaff.data.memory.source import read_memory
from dechaff.data.open import read_path
from dechaff.data.read import Read
from dechaff.errors import RunError
from dechaff.recipe.explore.cell_errors import check_cells
from dechaff.recipe.explore.cell_rules import KeptRules, rules_from_json
from dechaff.records.keywords import takes
from dechaff.records.options import FileOptions
from dechaff.records.run import CELL_RULES


@dataclass(frozen=True, repr=False, kw_only=True)
class CellCheck(CellErrors):
    """The cells of new rows that break a rule, and the columns that are missing or new.

    Examples
    --------
    See `check`, which returns one.
    """

    missing: tuple[str, ...]
    """Columns of the audited rows that the new rows lack."""
    extra: tuple[str, ...]
    """Columns that the audited rows lacked; nothing is known of them."""

    @property
    def passed(self) -> bool:
        """Whether no cell breaks a rule, and no column is missing."""
        return not self.n_flagged and not self.missing

    def __repr__(self) -> str:
        missing = f"; missing columns: {', '.join(self.missing)}" if self.missing else ""
        return (
            f"<CellCheck: {self.n_flagged:,} of {counted(len(self), 'cell')} break one of "
            f"{counted(len(self.found.rules), 'rule')}{missing}>"
        )


@takes(FileOptions)
def check(source: Any, rules: Any, options: FileOptions) -> CellCheck:
    """Apply the rules of cells that an audit learned to new rows: which cells break them, and what may be right.

    Parameters
    ----------
    source : path of a file, folder or pattern in any format that `audit` reads, data frame, or dict of columns
        New rows with the columns of the audited ones. The label may be absent.
    rules : run folder of `audit`, the `Audit` itself, or a file of rules
        In a file of rules, ``"on": false`` switches a rule off. ``dechaff rules RUN --format json`` writes one.
    **options

    Returns
    -------
    CellCheck
        ``passed``, ``missing``, ``extra``; ``table()`` lists the cells with the rule that each breaks, as the result
        of `find_cell_errors` does.

    Raises
    ------
    RunError
        If the run has no rules, or they cannot be read.
    DataError
        If the new rows cannot be read.

    Examples
    --------
    >>> import dechaff
    >>> town, land = ["Rome", "Milan", "Oslo", "Bergen"] * 25, ["Italy", "Italy", "Norway", "Norway"] * 25
    >>> audit = dechaff.audit({"town": town, "land": land, "y": ["a", "b", "b", "a"] * 25}, label="y")
    >>> found = audit.check({"town": ["Rome", "Oslo"], "land": ["Norway", "Norway"]})
    >>> found
    <CellCheck: 1 of 4 cells break one of 5 rules>
    >>> found.table().row(0, named=True)["suggested"]
    'Italy'
    """
    kept = kept_rules(rules)
    read = read_path(source, Reading.of(options)) if is_path(source) else read_memory(source)
    cells = compared_cells(read)
    there, known = {one.name for one in cells}, {*kept.columns, *kept.others, kept.id}
    return CellCheck(
        names=cell_names(_row_names(read, kept.id, None if is_path(source) else source), cells),
        cells=cells,
        found=check_cells(kept.applied, as_columns(cells)),
        source=read.source,
        missing=tuple(name for name in kept.columns if name not in there),
        extra=tuple(one.name for one in cells if one.name not in known),
    )


def kept_rules(place: Any) -> KeptRules:
    """The rules of a run folder, of an `Audit`, or of a file.

    Raises
    ------
    RunError
        If there are none, or they cannot be read.
    """
    path = Path(os.fspath(getattr(place, "folder", place)))
    file = path / CELL_RULES if path.is_dir() else path
    if not file.is_file():
        raise RunError(
            f"Cannot find rules of cells in {path}.",
            fix="Name a run folder of dechaff audit, or a file that dechaff rules wrote. C001 learns the rules.",
        )
    return rules_from_json(file.read_bytes(), str(file))


def _row_names(read: Read, id_name: str, frame: Any) -> RowNames:
    """By the column of ids that the audit used, if it names each row once, else as the source does."""
    ids = read.column(id_name)
    if ids is None or ids.missing.any() or len(set(ids.raw.tolist())) < read.n_rows:
        return RowNames.of(read.n_rows, frame)
    return RowNames.of(read.n_rows, frame, ids=ids.raw.tolist(), name="row")
