"""Labelled rows that wait for more labels, because nothing was proved of them yet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.api.engine.folder import TRAIN, EngineFolder, rows_of
from dechaff.api.engine.rows import FileRows
from dechaff.core.row_hash import Hashes
from dechaff.data.dataset import Schema
from dechaff.recipe.engine.proved import is_undecided
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.typing import Columns


@dataclass(frozen=True)
class Waiting:
    """Labelled rows of a turn that was not kept, although accuracy certainly fell nowhere."""

    turn: int
    cells: Columns
    hashes: Hashes

    @classmethod
    def of(cls, kept: EngineFolder, schema: Schema) -> Waiting | None:
        """Those of the last turn, if there are any; each such turn has those of the one before it."""
        entry = kept.facts().turns[-1]
        if entry.kept or not is_undecided(entry.changes):
            return None
        read = FileRows.of(kept.turn(entry.turn) / TRAIN)
        rows = np.arange(entry.rows - entry.added, entry.rows)
        return cls(entry.turn, rows_of(read.cells, rows.tolist()), data_hashes(read.like(schema).take(rows)))
