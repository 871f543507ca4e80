"""``next_of_run``: what to label next of a pool, by what the audited rows of a run folder teach."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from msgspec import structs

from dechaff.api.labels.names import RowNames
from dechaff.api.next_label import Chosen, NextToLabel, next_of
from dechaff.api.reading import audited_file, source_changed
from dechaff.api.results import Audit
from dechaff.checks import check_count, check_seed_and_threads
from dechaff.core.outputs import Kind, check_output
from dechaff.core.threads import training_threads
from dechaff.core.words import counted
from dechaff.data.dataset import Dataset
from dechaff.data.open import open_with
from dechaff.data.write import write_csv_table
from dechaff.errors import DataError, RunError
from dechaff.recipe.active.control import HISTORY, Round, last_drawn, measured
from dechaff.recipe.active.learnt import MOST_ROWS
from dechaff.recipe.active.pool import read_pool
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.recipe.outcome.apply import decided_data
from dechaff.records.keywords import takes
from dechaff.records.labelling import LabellingFacts
from dechaff.records.next_options import NextRunOptions
from dechaff.records.options import AuditOptions, FileOptions, part_of, restored
from dechaff.records.run import LABELLING, Run, one_writer, parquet_bytes, read_parquet, read_run, rewrite_metrics
from dechaff.typing import Columns

_BATCH: Kind = "the rows to label"


@dataclass(frozen=True)
class NextOfRun:
    """The batch, the file that it was written to, and how a review of the pool is started."""

    batch: NextToLabel
    labelling: LabellingFacts
    """Accuracy, learning curve, labels saved and the gain that is expected, on the rows drawn at random."""
    output: Path
    review: tuple[str, ...]
    """The flags of ``dechaff review`` behind the pool: label, classes, ids and proposals."""


@takes(NextRunOptions)
def next_of_run(folder: str | os.PathLike[str], pool: str | os.PathLike[str], options: NextRunOptions) -> NextOfRun:
    """The rows of a pool to label next, after all decisions of a run, as a CSV that ``dechaff review`` reads.

    Labels that the pool has already are learnt from. Those of random rows of earlier batches tell how accurate the
    model is, and whether more labels pay; the run folder and its report keep the figures.

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
    train, test = audited_rows(run)
    seed = int(run.options.get("seed", 0))
    check, files = partial(refuse_test_rows, test=test, source=source), part_of(FileOptions, options)
    of_pool = read_pool(source, train, files, seed=seed, check=check, most=MOST_ROWS)
    rows = of_pool.rows
    labelled = labelled_rows(decided_data(train, run.decided()), rows)
    kept = place / LABELLING
    history = read_parquet(kept) if kept.is_file() else pl.DataFrame(schema=HISTORY)
    chosen = next_of(rows, labelled, options, control_seed=seed, control_last=last_drawn(history, seed=seed))
    if len(rows) < of_pool.size:
        drawn = f"chosen from {len(chosen.looked):,} rows that were drawn from the pool of {of_pool.size:,}"
        chosen = replace(chosen, notes=(*(one for one in chosen.notes if "drawn from the pool" not in one), drawn))
    batch = chosen.named(RowNames.of(len(rows), ids=rows.ids.astype(str), name="row"))
    facts, history = measured(_round(rows, chosen, seed), history)
    facts = structs.replace(facts, pool=of_pool.size)
    with one_writer(place):
        write_csv_table(output, _columns(batch), _BATCH, inputs=inputs)
        run.write({LABELLING: parquet_bytes(history)})
        rewrite_metrics(place, structs.replace(run.metrics, labelling=facts))
        Audit(read_run(place)).report()
    named = ("--id", rows.id_name) if rows.id_name else ()
    review = ("--label", train.label_name, *named, "--classes", str(place), "--proposals", str(output))
    return NextOfRun(batch, facts, output, review)


def labelled_rows(train: Dataset, pool: Dataset) -> Dataset:
    """The training rows, and behind them the rows of the pool that have a label."""
    train = replace(train, class_names=pool.class_names, schema=pool.schema, probs=None)
    known = pool.take(pool.codes >= 0)
    if not len(known):
        return train
    groups = np.where(known.groups >= 0, known.groups + train.groups.max(initial=-1) + 1, -1)
    both = Dataset.joined([train, replace(known, groups=groups)])
    if train.features is None or known.features is None:
        return both
    return replace(both, features=np.concatenate([train.features, known.features]))


def _round(pool: Dataset, chosen: Chosen, control_seed: int) -> Round:
    assert chosen.labelled is not None
    options = chosen.options
    return Round(
        pool=pool, labelled=chosen.labelled, looked=chosen.looked, probs=chosen.model.probs,
        out_of_fold=chosen.model.out_of_fold, chosen=chosen.rows, random=chosen.random, name=chosen.model.name,
        control_seed=control_seed, seed=options.seed, threads=training_threads(options.threads),
    )  # fmt: skip


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").rsplit(".", 1)[0]


def audited_rows(run: Run) -> tuple[Dataset, Dataset | None]:
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


def refuse_test_rows(rows: Dataset, test: Dataset | None, source: Path) -> None:
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
