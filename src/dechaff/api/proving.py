"""``prove``: whether the data got better, on sealed rows."""

from __future__ import annotations

import os
from typing import Any

from msgspec import structs

from dechaff.api.out_of_core import bytes_of_row, reads_out_of_core
from dechaff.api.reading import chosen_model
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
from dechaff.recipe.prove.parts import ContentSample, parts_like, sample_notes
from dechaff.recipe.prove.prove import Proof, prove_parts
from dechaff.recipe.prove.training import Trainings
from dechaff.records.keywords import takes
from dechaff.records.options import ProveOptions, ReadOptions, part_of


@takes(ProveOptions)
def prove(before: Any, after: Any, test: Any, options: ProveOptions) -> Proof:
    """Whether a model trained on ``after`` is better on sealed test rows than the same one trained on ``before``.

    Parameters
    ----------
    before, after, test : sources, as for ``audit``
        The training data as they were, the improved ones, and rows that nothing was fitted, cleaned or chosen on.
    **options

    Returns
    -------
    Proof
        ``verdict`` is "better", "no evidence" or "worse"; ``words`` is a sentence.

    Raises
    ------
    InputError
        If a source or an option cannot be used.

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
    with chosen_backend(options.backend, address=options.address, threads=options.threads):
        if any(reads_out_of_core(one, options.memory) for one in (before, after, test)):
            return _prove_out_of_core(before, after, test, options, by)
        opened = open_with(before, part_of(ReadOptions, options, test=test), seed=options.seed)
        assert opened.test is not None
        tested = (opened.test,)
        return prove_parts(opened.train, open_like(after, opened.train), lambda: tested, by)


def _prove_out_of_core(before: Any, after: Any, test: Any, options: ProveOptions, by: Trainings) -> Proof:
    """The models learn from a sample, the same rows of both versions; the test rows are read in parts."""
    read = part_of(ReadOptions, options)
    label = ColumnRoles.of(read).label
    old, new, held = (_files(one, read, options) for one in (before, after, test))
    most = sample_rows(memory_bytes(options.memory), bytes_of_row(old))
    sample = ContentSample.of(old, label=label, id=read.id, most=most)
    by.progress(f"a sample of {sample.fraction:.0%} of the training rows is drawn", 0, 0)
    (old_rows, old_facts), (new_rows, new_facts) = sample.draw(old), sample.draw(new)
    train = open_with(old_rows, read, seed=options.seed).train
    proof = prove_parts(train, open_like(new_rows, train), parts_like(held, train), by)
    notes = sample_notes(old_facts, new_facts)
    return structs.replace(proof, notes=(*proof.notes, *notes), sample=old_facts) if notes else proof


def _files(source: Any, read: ReadOptions, options: ProveOptions) -> TableFiles:
    if not has_table_files(source):
        raise InputError(
            "before, after and test",
            "all be CSV, JSONL or Parquet files, because one of them does not fit into the memory limit",
            f"{type(source).__name__ if not isinstance(source, str | os.PathLike) else source}",
            "Write it to such a file, or raise --memory.",
        )
    return open_files(source, Reading.of(read), progress=options.progress or silent)
