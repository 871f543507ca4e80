"""``audit``: find errors in a data set, and write them to a run folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from dechaff._version import __version__
from dechaff.api.out_of_core import Refine, run_out_of_core, runs_out_of_core, written_run
from dechaff.api.reading import Job, check_decisions, check_decisions_alone, job_of, source_of
from dechaff.api.results import Audit
from dechaff.backends.chosen import chosen_backend
from dechaff.core.kept_results import results_kept_by
from dechaff.core.progress import Progress, silent
from dechaff.core.threads import use_threads
from dechaff.data.classes import is_path
from dechaff.data.dataset import Dataset, Opened
from dechaff.recipe.audit import audit_data
from dechaff.recipe.cost import cost_in_words
from dechaff.recipe.explore.content_hashes import data_hashes, in_content_order
from dechaff.recipe.outcome.apply import decided_data, named_like
from dechaff.recipe.outcome.content import Command
from dechaff.recipe.outcome.run_writer import AuditOutcome
from dechaff.recipe.passes.pass_folder import audit_passes
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.recipe.tasks.classification import ClassificationTask
from dechaff.recipe.tasks.task import Task
from dechaff.records.keywords import takes
from dechaff.records.metrics import SampleFacts
from dechaff.records.options import AuditOptions, PUOptions, deciding
from dechaff.records.run import begin_run, one_writer, read_run

HELD_OUT = "held_out"
"""Stem of the file in a run folder for the rows that were sealed inside the audited one."""


@takes(AuditOptions)
def audit(source: Any, options: AuditOptions) -> Audit:
    """Find errors in a labelled data set, explain them, propose fixes, and write everything to a run folder.

    Parameters
    ----------
    source : path, data frame, Arrow table, array, list or dict of columns
        CSV, TSV or JSONL (each also gzipped), Parquet, Arrow, ``.npz`` of labels and probabilities or features, or a
        folder with one folder of images per class. A folder or a pattern of tables is one data set. Labels in memory
        may come as the pair (data, labels). The source is only read.
    **options

    Returns
    -------
    Audit

    Raises
    ------
    InputError
        If the source or an option cannot be used.
    RunError
        If the run folder cannot be written.

    Source
    ------
    Each check has its own; `explain` names them by the code of a finding.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> x = np.random.default_rng(0).normal(size=200)
    >>> label = np.where(x > 0, "high", "low")
    >>> label[x.argmax()] = "low"
    >>> found = dechaff.audit({"x": x, "label": label}, label="label", model=LogisticRegression())
    >>> found.metrics.dataset.rows, found.report().name, found.findings["code"].to_list()
    (200, 'report.html', ['L001'])
    >>> str(found.apply()["label"][x.argmax()])
    'high'
    """
    return run_task(source, options, ClassificationTask(), "audit")


@dataclass(frozen=True)
class Finished:
    """An audit in its run folder, and the rows that models learned from: all of them, or a sample."""

    job: Job
    result: Audit
    rows: Opened
    read_plan: ReadPlan | None = None
    """How all rows are read, if `rows` are a sample of them."""

    @property
    def sample(self) -> SampleFacts | None:
        """How large the sample is; None if models learned from all rows."""
        plan = self.read_plan
        return None if plan is None else SampleFacts(len(plan.sample), plan.n_train)

    def improved(self) -> Dataset:
        """The rows that models learned from, after all decisions."""
        decided, train = self.result.run.decided(), self.rows.train
        if self.read_plan is None:
            return decided_data(train, decided)
        # Keys are numbered among all rows; in the sample, rows are found by their names.
        return decided_data(replace(train, keys=train.ids), {event.row: event for event in decided.values()})


def run_task(source: Any, options: AuditOptions | PUOptions, task: Task, verb: str) -> Audit:
    """An audit for one task, with imported decisions and its report; `verb` is the command that makes it."""
    with finished_audit(source, options, task, verb) as finished:
        return reported(finished.result, options.decisions)


@contextmanager
def finished_audit(
    source: Any, options: AuditOptions | PUOptions, task: Task, verb: str, refine: Refine | None = None
) -> Iterator[Finished]:
    """An audit, in memory or out of core, kept in its run folder; no other process may write that inside the block.

    `refine` is called with the audit of the rows that models learn from, before it is written.
    """
    job = job_of(source, options, task.checks)
    chosen = chosen_backend(options.backend, address=options.address, threads=options.threads)
    if runs_out_of_core(job):
        check_decisions_alone(options.decisions)
        with one_writer(job.folder), chosen as backend:
            run, plan = run_out_of_core(job, task, verb, backend, refine)
            yield Finished(job, sealed_rows_kept(Audit(run)), Opened(plan.sample, None), plan)
        return
    with use_threads(options.threads):
        opened = task.opened(source, options)
        check_decisions(options.decisions, opened.train)
        rows = in_content_order(opened)
    cost = cost_in_words(opened.train, threads=job.settings.threads, own_model=job.settings.model is not None)
    job.settings.progress(cost if refine is None else f"{cost}, for every round", 0, 0)
    with one_writer(job.folder), chosen:
        with resumable(job, rows.train):
            audited = audit_data(rows, task, job.settings)
            # Ctrl-C ends the rounds, and what was finished before is kept.
            with suppress(KeyboardInterrupt):
                audited = audited if refine is None else refine(audited, job.settings)[0]
        command = Command(verb, source, replace(options, **task.settled(rows.train)), job.about())
        yield Finished(job, _keep_run(job, command, audited.outcome(), opened.train), rows)


@contextmanager
def resumable(job: Job, train: Dataset) -> Iterator[None]:
    """Inside, trained results are kept in the run folder: the same call resumes after them if this process is killed.

    An error leaves nothing behind; in a temporary folder nothing is kept.
    """
    if job.options.out is None and not is_path(job.source):
        yield
        return
    decisive = {name: getattr(job.options, name) for name in deciding(type(job.options))}
    content = int(np.bitwise_xor.reduce(data_hashes(train) * (train.positions + 1).astype(np.uint64)))
    about = {"version": __version__, "sha256": train.source.sha256, "content": content, **decisive}
    begin_run(job.folder)
    places = audit_passes(job.folder, about)
    places.resume()
    try:
        with results_kept_by(places.once):
            yield
    except Exception:
        places.remove()
        raise


def _keep_run(job: Job, command: Command, outcome: AuditOutcome, train: Dataset) -> Audit:
    """Write the run folder of an audit; the report is written last."""
    begin_run(job.folder)
    try:
        return sealed_rows_kept(Audit(written_run(job, outcome, command, command.line()), train))
    finally:
        audit_passes(job.folder).remove()


def sealed_rows_kept(result: Audit) -> Audit:
    """The same audit, with the rows that were sealed inside its files written to its folder; but for images."""
    options = result.run.options
    for old in result.folder.glob(f"{HELD_OUT}*"):  # of an earlier audit
        shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    inside = options.get("test_size") is not None or options.get("split") is not None
    if inside and options.get("source_is_path") and result.run.metrics.dataset.format != "image folder":
        result.held_out(result.folder / named_like(Path(options["source"]), HELD_OUT))
    return result


def reported(result: Audit, decisions: str | os.PathLike[str] | None) -> Audit:
    """The same audit with imported decisions, and with its report."""
    try:
        if decisions is not None:
            result.import_decisions(decisions)
    finally:  # an invalid line of the decisions must not lose the finished work
        result.report()
    return result


def open_run(folder: str | os.PathLike[str], *, source: Any = None) -> Audit:
    """The audit in a run folder.

    Parameters
    ----------
    folder : run folder of ``audit``.
    source : where the data are, if they have moved or were in memory; they must be the same.

    Returns
    -------
    Audit

    Raises
    ------
    RunError
        If the folder is not a run folder.
    SourceChangedError
        If ``source`` is given and differs from the audited data.

    Examples
    --------
    >>> import dechaff
    >>> from sklearn.linear_model import LogisticRegression
    >>> table = {"x": [0.5, 1.5, 0.2, 1.1, 0.3, 1.2] * 5, "label": ["low", "high"] * 15}
    >>> folder = dechaff.audit(table, label="label", model=LogisticRegression()).folder
    >>> dechaff.open_run(folder).metrics.dataset.rows
    30
    """
    run = read_run(Path(folder))
    if run.options.get("out_of_core"):
        return Audit(run, source=source)
    return Audit(run, None if source is None else source_of(run, source))


def apply(
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    decisions: str | os.PathLike[str] | None = None,
    source: Any = None,
    progress: Progress = silent,
) -> Path:
    """Write the improved data set in the format of the original, and the list of changes beside it.

    Parameters
    ----------
    folder : run folder of ``audit``.
    output : file to write; never the original.
    decisions : edited CSV of decisions; they are stored in the run.
    source : where the data are, if they have moved.
    progress : called with the progress of files that are read out of core.

    Returns
    -------
    Path
        ``output``; the list of changes has its name with ``.changes.csv``.

    Raises
    ------
    SourceChangedError
        If the data have changed since the audit.
    RunError
        If the folder is not a run folder.

    Examples
    --------
    >>> import dechaff, numpy as np, polars as pl
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> from sklearn.linear_model import LogisticRegression
    >>> here, x = Path(mkdtemp()), np.random.default_rng(0).normal(size=200)
    >>> label = np.where((x > 0) & (x < 2), "high", "low")
    >>> pl.DataFrame({"x": x, "label": label}).write_csv(here / "a.csv")
    >>> run = dechaff.audit(here / "a.csv", label="label", model=LogisticRegression(), policy="balanced")
    >>> pl.read_csv(dechaff.apply(run.folder, here / "b.csv")).filter(pl.col("x") > 2)["label"].to_list()
    ['high']
    """
    result = open_run(folder, source=source)
    if result.data is None and not result.run.options.get("out_of_core"):
        result = Audit(result.run, source_of(result.run))
    return Path(result.apply(output, decisions=decisions, progress=progress))
