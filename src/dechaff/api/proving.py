"""``prove``: whether the data got better, on sealed rows."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from msgspec import structs

from dechaff.api.out_of_core import bytes_of_row, reads_out_of_core
from dechaff.api.proven_runs import Sealing, keep_proof, runs_of, sealed_by
from dechaff.api.reading import chosen_model, source_changed
from dechaff.backends.chosen import check_backend, chosen_backend
from dechaff.checks import check_seed_and_threads
from dechaff.core.progress import silent
from dechaff.core.threads import training_threads
from dechaff.data.columns.roles import ColumnRoles
from dechaff.data.formats.files import Reading, TableFiles, has_table_files, open_files
from dechaff.data.open import open_like, open_with
from dechaff.errors import InputError
from dechaff.models.estimator import as_model
from dechaff.recipe.passes.memory import memory_bytes, sample_rows
from dechaff.recipe.prove.inputs import without
from dechaff.recipe.prove.parts import ContentSample, parts_like, sample_notes
from dechaff.recipe.prove.prove import Proof, prove_parts
from dechaff.recipe.prove.training import Trainings
from dechaff.records.keywords import takes
from dechaff.records.options import ProveOptions, ReadOptions, part_of
from dechaff.records.run import Run


@takes(ProveOptions)
def prove(before: Any, after: Any, test: Any = None, options: ProveOptions = ProveOptions()) -> Proof:
    """Whether a model trained on ``after`` is better on sealed test rows than the same one trained on ``before``.

    The proof is shown in the report of the run that audited ``before``, if there is one.

    Parameters
    ----------
    before, after, test : sources, as for ``audit``
        The training data as they were, the improved ones, and rows that nothing was fitted, cleaned or chosen on. None
        for the test rows that the run has sealed; if they stand in both files, no model is trained on them.
    **options

    Returns
    -------
    Proof
        ``verdict`` is "better", "no evidence" or "worse"; ``words`` is a sentence.

    Raises
    ------
    InputError
        If a source or an option cannot be used, or no test rows are named and no run knows of any.

    Source
    ------
    Intervals of the paired difference: Rubin (1981), Ann. Statist. 9, and Owen (2007), Ann. Appl. Statist. 1; test:
    McNemar (1947), Psychometrika 12.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> x = np.random.default_rng(0).normal(size=900)
    >>> label = np.where(x > 0, "high", "low")
    >>> noisy = np.where(x[:300] > 1, "low", label[:300])
    >>> before, after, test = ((x[:300], noisy), (x[:300], label[:300]), (x[300:], label[300:]))
    >>> dechaff.prove(before, after, test, model=LogisticRegression()).verdict
    'better'
    """
    check_seed_and_threads(options.seed, options.threads)
    check_backend(options.backend, options.address)
    by = Trainings(
        model=None if options.model is None else as_model(chosen_model(options.model)),
        metric=options.metric,
        n_seeds=options.seeds,
        seed=options.seed,
        progress=options.progress or silent,
        threads=training_threads(options.threads),
    )
    runs = runs_of(before, options)
    read = sealed_by(runs, options) if test is None else Sealing(part_of(ReadOptions, options, test=test), options.seed)
    with chosen_backend(options.backend, address=options.address, threads=options.threads):
        if any(reads_out_of_core(one, options.memory) for one in (before, after, read.options.test)):
            proof, sha256 = _prove_out_of_core(before, after, read.options, options, by)
        else:
            must_be_of = runs if test is None or options.run is not None else []
            proof, sha256 = _prove_in_memory(before, after, read, must_be_of, by)
    for folder in keep_proof([run for run in runs if run.metrics.dataset.sha256 == sha256], proof):
        by.progress(f"the proof is in the report of {folder}", 0, 0)
    return proof


def _prove_in_memory(
    before: Any, after: Any, read: Sealing, runs: list[Run], by: Trainings
) -> tuple[Proof, str | None]:
    """The proof, and the hash of the data before cleaning, which must be those of one of the runs, if there are any."""
    opened = open_with(before, read.options, seed=read.seed)
    tested, sha256 = opened.test, opened.train.source.sha256
    assert tested is not None
    if runs and all(run.metrics.dataset.sha256 != sha256 for run in runs):
        raise source_changed(before)
    improved = open_like(after, opened.train)
    if read.options.test is None:
        improved = without(improved, tested)
    return prove_parts(opened.train, improved, lambda: (tested,), by), sha256


def _prove_out_of_core(
    before: Any, after: Any, read: ReadOptions, options: ProveOptions, by: Trainings
) -> tuple[Proof, str | None]:
    """The models learn from a sample, the same rows of both versions; the test rows are read in parts."""
    test, read = read.test, replace(read, test=None)
    if test is None:
        raise InputError(
            "the test rows",
            "be a file of their own, because the data do not fit into the memory limit",
            "rows that were sealed inside the data",
            "Write them to a file and name it with --test, raise --memory, or run dechaff recipe, which can use them.",
        )
    label = ColumnRoles.of(read).label
    old, new, held = (_files(one, read, options) for one in (before, after, test))
    most = sample_rows(memory_bytes(options.memory), bytes_of_row(old))
    sample = ContentSample.of(old, label=label, id=read.id, most=most)
    by.progress(f"a sample of {sample.fraction:.0%} of the training rows is drawn", 0, 0)
    (old_rows, old_facts), (new_rows, new_facts) = sample.draw(old), sample.draw(new)
    train = open_with(old_rows, read, seed=options.seed).train
    proof = prove_parts(train, open_like(new_rows, train), parts_like(held, train), by)
    notes = sample_notes(old_facts, new_facts)
    proof = structs.replace(proof, notes=(*proof.notes, *notes), sample=old_facts) if notes else proof
    return proof, old.sha256


def _files(source: Any, read: ReadOptions, options: ProveOptions) -> TableFiles:
    if not has_table_files(source):
        raise InputError(
            "before, after and test",
            "all be CSV, JSONL or Parquet files, because one of them does not fit into the memory limit",
            f"{type(source).__name__ if not isinstance(source, str | os.PathLike) else source}",
            "Write it to such a file, or raise --memory.",
        )
    return open_files(source, Reading.of(read), progress=options.progress or silent)
