"""A proof on files that do not fit into memory: a sample to train on, and test rows that are predicted part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dechaff.core.row_hash import Hashes, mixed, row_hash
from dechaff.data.columns.labels import sniff_label
from dechaff.data.columns.roles import AUG_OF
from dechaff.data.dataset import Dataset
from dechaff.data.formats.files import TableFiles
from dechaff.data.formats.source import FilesSource
from dechaff.data.open import open_like
from dechaff.data.read import Read, joined_reads
from dechaff.records.metrics import SampleFacts
from dechaff.typing import Rows


@dataclass(frozen=True)
class ContentSample:
    """The rows whose content hashes below a bound: the same rows of every version of the data, in any order.

    ``columns`` are what a row is recognised by: its id, or all columns but the label.
    """

    columns: tuple[str, ...]
    fraction: float
    by_id: bool = False

    @classmethod
    def of(cls, files: TableFiles, *, label: str | None, id: str | None, most: int) -> ContentSample:
        """About `most` of the rows of the files."""
        n_rows = files.n_rows
        first = files.parts[0].read()
        label = label or sniff_label(first.cells)
        columns = (id,) if id is not None else tuple(name for name in first.names if name != label)
        return cls(columns, min(1.0, most / max(n_rows, 1)), id is not None)

    def rows(self, read: Read) -> Rows:
        """Places of the sampled rows of a part; rows that were made from a row with an id go with it."""
        total = np.zeros(read.n_rows, dtype=np.uint64)
        for name in self.columns:
            cells = (read.column(AUG_OF) if self.by_id else None) or read.column(name)
            if cells is not None:
                key = row_hash(np.array([name], dtype=object))
                total += mixed(row_hash(cells.raw) ^ key)
        return np.flatnonzero(_uniform(total) < self.fraction)

    def draw(self, files: TableFiles) -> tuple[Read, SampleFacts]:
        """The sampled rows of the files, and how many they are of how many."""
        reads, n_rows = [], 0
        for part, read in files.scan():
            rows = self.rows(read)
            n_rows += part.n_rows
            reads.append(replace(read, cells=read.of_rows(rows), n_rows=len(rows)))
        joined = joined_reads(reads, FilesSource(files, files.sha256, n_rows))
        return joined, SampleFacts(joined.n_rows, n_rows)


def _uniform(hashes: Hashes) -> Any:
    """Numbers in [0, 1) that look drawn, one for each hash."""
    return mixed(hashes + np.uint64(1)).astype(np.float64) / 2.0**64


def parts_like(files: TableFiles, known: Dataset) -> Callable[[], Iterator[Dataset]]:
    """The rows of files in parts, read by the schema of the training data; each call reads them anew."""

    def parts() -> Iterator[Dataset]:
        for part, read in files.scan():
            if read.n_rows:
                numbers = np.array([str(row) for row in part.rows], dtype=object)
                yield open_like(replace(read, source=FilesSource(files, files.sha256, part.n_rows), ids=numbers), known)

    return parts


def sample_notes(before: SampleFacts, after: SampleFacts) -> tuple[str, ...]:
    """What a proof on a sample rests on, in a sentence."""
    if before.rows == before.of and after.rows == after.of:
        return ()
    return (
        f"The training data do not fit into the memory limit: the models learnt from {before.rows:,} of {before.of:,} "
        f"rows before cleaning and {after.rows:,} of {after.of:,} after it, the same rows of both, drawn by content. "
        "Changes and leaks are counted in this sample. All test rows were scored.",
    )
