"""``next_of_run``: what to label next of a pool, by what the audited rows of a run folder teach."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from dechaff.api.labels.names import RowNames
from dechaff.api.next_label import NextToLabel, next_of
from dechaff.api.reading import audited_file, source_changed
from dechaff.checks import check_count, check_seed_and_threads
from dechaff.core.outputs import Kind, check_output
from dechaff.core.words import counted
from dechaff.data.dataset import Dataset
from dechaff.data.open import open_like, open_with
from dechaff.data.write import write_csv_table
from dechaff.errors import DataError, RunError
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.recipe.outcome.apply import decided_data
from dechaff.records.keywords import takes
from dechaff.records.next_options import NextRunOptions
from dechaff.records.options import AuditOptions, FileOptions, part_of, restored
from dechaff.records.run import Run, read_run
from dechaff.typing import Columns

_BATCH: Kind = "the rows to label"


@dataclass(frozen=True)
class NextOfRun:
    """The batch, the file that it was written to, and how a review of the pool is started."""

    batch: NextToLabel
    output: Path
    review: tuple[str, ...]
    """The flags of ``dechaff review`` behind the pool: label, classes, ids and proposals."""


@takes(NextRunOptions)
def next_of_run(folder: str | os.PathLike[str], pool: str | os.PathLike[str], options: NextRunOptions) -> NextOfRun:
    """The rows of a pool to label next, after all decisions of a run, as a CSV that ``dechaff review`` reads.

    Parameters
    ----------
    folder : run folder of ``audit`` or ``run_recipe``, of a file.
    pool : file with the columns of the audited data; labels are not needed.
    **options

    Raises
    ------
    RunError
        If the folder is not a run folder of classes in memory.
    DataError
        If the pool lacks a column, or holds test rows.
    """
    check_seed_and_threads(options.seed, options.threads)
    check_count("n", options.n, least=1)
    place, source = Path(folder), Path(pool)
    output = source.with_name(f"{_stem(source)}_next.csv") if options.output is None else Path(options.output)
    run = read_run(place)
    read = (run.options.get("source"), run.options.get("test"))
    inputs = [source, *(Path(one) for one in read if isinstance(one, str))]
    check_output(output, _BATCH, inputs=inputs)
    train, test = _audited(run)
    rows = open_like(source, train, need_label=False, files=part_of(FileOptions, options))
    _refuse_test_rows(rows, test, source)
    ids = rows.ids.astype(str)
    batch = next_of(rows, decided_data(train, run.decided()), options)(RowNames.of(len(rows), ids=ids, name="row"))
    write_csv_table(output, _columns(batch), _BATCH, inputs=inputs)
    named = ("--id", rows.id_name) if rows.id_name else ()
    review = ("--label", train.label_name, *named, "--classes", str(place), "--proposals", str(output))
    return NextOfRun(batch, output, review)


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").rsplit(".", 1)[0]


def _audited(run: Run) -> tuple[Dataset, Dataset | None]:
    """The rows of the audit as they were read, and its sealed rows."""
    for found, words in (("positive", "of labelled positives"), ("out_of_core", "out of core")):
        if run.options.get(found):
            fix = "Audit labelled rows of all classes in memory, such as a sample of the file."
            raise RunError(f"dechaff next cannot go on from {run.folder}, an audit {words}.", fix=fix)
    if not run.options.get("source_is_path", False):
        fix = "Use dechaff.next_to_label in Python."
        raise RunError(f"The data of {run.folder} were in memory, so they cannot be read again.", fix=fix)
    used, where = restored(AuditOptions, run.options), audited_file(run)
    opened = open_with(where, used, seed=used.seed)
    if opened.train.source.sha256 != run.metrics.dataset.sha256:
        raise source_changed(where)
    return opened.train, opened.test


def _refuse_test_rows(rows: Dataset, test: Dataset | None, source: Path) -> None:
    """A proof on test rows is worth nothing once a model has been trained on them."""
    if test is None:
        return
    shared = np.flatnonzero(np.isin(data_hashes(rows), data_hashes(replace(test, probs=None))))
    if len(shared):
        found = f"{counted(len(shared), 'row')} of the test data, the first of them {rows.ids[shared[0]]}"
        raise DataError(str(source), "hold no test rows, which stay sealed", found, "Take them out of the pool.")


def _columns(batch: NextToLabel) -> Columns:
    table: Any = batch.table()
    columns: Columns = {name: table[name].to_list() for name in table.columns}
    n = len(columns["row"])
    return {
        "row": columns["row"],
        "label": columns.get("label", [""] * n),
        "probability": [f"{one:.4f}" for one in columns.get("probability", [])] or [""] * n,
        "rank": columns["rank"],
        "random": columns["random"],
        "why": columns["why"],
    }
