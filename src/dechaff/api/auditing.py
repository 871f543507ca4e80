"""``audit``: find what is wrong in a data set, and keep it in a run folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy.typing as npt

from dechaff._version import __version__
from dechaff.api.in_passes import Ask, reads_in_passes, run_in_passes
from dechaff.api.reading import (
    check_counts,
    check_decisions,
    check_decisions_alone,
    chosen_model,
    is_path,
    plain_options,
    run_folder,
    source_of,
    times_since,
)
from dechaff.api.results import Audit
from dechaff.backends.chosen import check_backend, chosen_backend
from dechaff.core.progress import Progress, silent
from dechaff.core.threads import training_threads
from dechaff.data.dataset import Dataset
from dechaff.data.open import open_data
from dechaff.recipe.audit import audit_data
from dechaff.recipe.content import command_line, environment, outcome_of
from dechaff.recipe.cost import cost_in_words
from dechaff.recipe.large.for_labels import ForLabels
from dechaff.recipe.large.paths import Places
from dechaff.recipe.policy import policy_named
from dechaff.recipe.row_order import in_content_order
from dechaff.recipe.run_writer import AuditOutcome, write_audit
from dechaff.records.run import begin_run, read_run, refuse_foreign_folder


def audit(  # noqa: PLR0913 - one keyword for each flag of the command
    source: Any,
    *,
    label: Any = None,
    test: Any = None,
    test_size: float | None = None,
    split: str | None = None,
    id: str | None = None,
    group: str | None = None,
    text: Sequence[str] = (),
    categorical: Sequence[str] = (),
    numeric: Sequence[str] = (),
    date: Sequence[str] = (),
    drop: Sequence[str] = (),
    delimiter: str | None = None,
    encoding: str | None = None,
    model: Any = None,
    probs: npt.ArrayLike | None = None,
    features: npt.ArrayLike | None = None,
    policy: str = "conservative",
    seed: int = 0,
    threads: int | None = None,
    backend: str = "local",
    address: Any = None,
    memory: str | int | None = None,
    out: str | os.PathLike[str] | None = None,
    decisions: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Find what is wrong in a labelled data set, say why, propose fixes, and keep it all in a run folder.

    Parameters
    ----------
    source : path, data frame, Arrow table, array, list or dict of columns
        CSV, TSV, Parquet, JSONL (each also gzipped), ``.npz`` of labels and probabilities, folder of image folders.
        Labels in memory may come as the pair (data, labels). A folder or a pattern of CSV, Parquet or JSONL files is
        one data set. It is only read.
    label : column name, or array-like of (n,) labels
    test, test_size, split : another source, a share in (0, 1) or number of rows, or a column of train and test
        Which rows are sealed before anything looks at the data.
    id, group : column names
        Unique names of the rows; rows that belong together.
    text, categorical, numeric, date, drop : column names
        Kinds that must not be sniffed, and columns that are no features.
    delimiter, encoding : of a text file.
    model : scikit-learn classifier, or ``"module:object"``
        Judges the labels in place of the models that suit the columns.
    probs : (n, k) float
        Out-of-sample probabilities, classes in sorted order; no model is trained then to judge labels.
    features : (n, d) float
        An embedding of every row.
    policy : "conservative", "balanced", "bold" or "review"
        How sure one must be before a row is changed without a person.
    seed : of everything random.
    threads : number of threads, one a core as a rule; the answer is the same for any number.
    backend : "local", "dask" or "ray"
        Where models are trained: on threads, or on the workers of a cluster; the answer is the same.
    address : of the cluster, which is left alone afterwards; without one, workers are started on this machine (as many
        as ``threads`` says) and ended. A Dask client, or a connection to Ray, that is open already is used.
    memory : "2GB", "800MB" or bytes
        How much may be used, three quarters of what is free as a rule. Files that need more, and several files, are
        read in passes.
    out : folder to write; ``NAME.dechaff`` beside a file, a temporary one for data in memory.
    decisions : CSV of decisions to start from.
    progress : called as ``progress(step, done, total)``.

    Returns
    -------
    Audit

    Raises
    ------
    InputError
        Where the source or an option cannot be used.
    RunError
        Where the run folder cannot be written.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=200)
    >>> label = np.where(x > 0, "high", "low")
    >>> label[:5] = np.where(label[:5] == "low", "high", "low")
    >>> found = dechaff.audit({"x": x, "z": rng.normal(size=200), "label": label}, label="label")
    >>> found.metrics["dataset"]["rows"], found.report().name
    (200, 'report.html')
    """
    options = plain_options({name: value for name, value in locals().items() if name != "progress"})
    started = datetime.now(UTC)
    check_counts(seed=seed, threads=threads)
    check_backend(backend, address)
    folder = run_folder(source, out)
    refuse_foreign_folder(folder)
    chosen, workers, watch = policy_named(policy), training_threads(threads), progress or silent
    if reads_in_passes(source, memory):
        check_decisions_alone(decisions)
        with chosen_backend(backend, address=address, threads=threads):
            run = run_in_passes(
                Ask(source, folder, chosen, chosen_model(model), memory, workers, watch, started),
                options,
                ForLabels(),
                "audit",
            )
        return reported(Audit(run), decisions)
    opened = open_data(
        source, label=label, id=id, group=group, test=test, test_size=test_size, split=split, text=text,
        categorical=categorical, numeric=numeric, date=date, drop=drop, delimiter=delimiter, encoding=encoding,
        probs=probs, features=features, seed=seed,
    )  # fmt: skip
    check_decisions(decisions, opened.train)
    watch(cost_in_words(opened.train, threads=workers, own_model=model is not None), 0, 0)
    rows = in_content_order(opened)
    with chosen_backend(backend, address=address, threads=threads):
        audited = audit_data(rows, policy=chosen, model=chosen_model(model), seed=seed, threads=workers, progress=watch)
    options |= {"source_is_path": is_path(source)}
    result = keep_run(folder, outcome_of(audited), opened.train, options, started=started, verb="audit")
    return reported(result, decisions)


def keep_run(
    folder: Path, outcome: AuditOutcome, train: Dataset, options: dict[str, Any], *, started: datetime, verb: str
) -> Audit:
    """Write the run folder of an audit; the report comes last, when everything else stands."""
    given = {name: value for name, value in options.items() if value not in (None, (), [])}
    known = {**given, **times_since(started), "environment": environment(__version__)}
    begin_run(folder)
    places = Places(folder)
    try:
        work = places.folder("writing", empty=True)
        command = command_line(verb, given)
        run = write_audit(outcome, folder, work, options=known, command=command, version=__version__)
    finally:
        places.remove()
    return Audit(run, train)


def reported(result: Audit, decisions: str | os.PathLike[str] | None) -> Audit:
    """The same audit with the decisions of people in it, and with its report."""
    try:
        if decisions is not None:
            result.import_decisions(decisions)
    finally:  # a line that names no row spoils no work that is done
        result.report()
    return result


def open_run(folder: str | os.PathLike[str], *, source: Any = None) -> Audit:
    """The audit in a run folder.

    Parameters
    ----------
    folder : that ``audit`` wrote.
    source : where the data are, if they have moved or were in memory; they must be the same.

    Raises
    ------
    RunError
        Where the folder is no run.
    """
    run = read_run(Path(folder))
    if run.options.get("in_passes"):
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
    folder : that ``audit`` wrote.
    output : file to write; never the original.
    decisions : CSV of decisions that people edited; they are kept in the run from now on.
    source : where the data are, if they have moved.
    progress : is told of files that are read in passes.

    Returns
    -------
    Path
        ``output``; the list of changes has its name with ``.changes.csv``.

    Raises
    ------
    SourceChangedError
        Where the data have changed since the audit.
    """
    result = open_run(folder, source=source)
    if result.data is None and not result.run.options.get("in_passes"):
        result = Audit(result.run, source_of(result.run))
    if decisions is not None:
        result.import_decisions(decisions)
        result.report()
    return Path(result.apply(output, progress=progress))
