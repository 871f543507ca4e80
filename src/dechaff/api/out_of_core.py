"""Audits of files that need not fit into memory: chosen by their size or by a memory limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from dechaff._version import __version__
from dechaff.api.reading import Job, audited_file, source_changed
from dechaff.backends.local import training_on_processes
from dechaff.core.backend import Backend
from dechaff.core.progress import Progress, silent
from dechaff.core.threads import usual_threads
from dechaff.data.columns.roles import ColumnRoles
from dechaff.data.dataset import Opened
from dechaff.data.formats.files import Reading, TableFiles, files_of, has_table_files, open_files
from dechaff.data.formats.source import FilesSource
from dechaff.data.open import check_one_way_to_seal
from dechaff.errors import DechaffError, InputError
from dechaff.recipe.audit import Audited, audit_data
from dechaff.recipe.audit_out_of_core import audit_out_of_core, plan
from dechaff.recipe.outcome.content import Command
from dechaff.recipe.outcome.row_store import RowStore, explain_full_disk
from dechaff.recipe.outcome.run_writer import AuditOutcome, write_audit
from dechaff.recipe.passes.memory import (
    FOR_PROCESS,
    START,
    content_bytes,
    memory_bytes,
    needed_in_memory,
    sample_rows,
    too_much,
)
from dechaff.recipe.passes.pass_folder import audit_passes
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.recipe.passes.request import AuditRequest, AuditSettings, ReadRequest
from dechaff.recipe.passes.scan import scan
from dechaff.recipe.tasks.task import Task
from dechaff.records.options import (
    AuditOptions,
    PUOptions,
    ReadOptions,
    deciding,
    options_of,
    part_of,
    plain,
    plain_value,
    restored,
)
from dechaff.records.policies import Policy
from dechaff.records.run import Run, begin_run
from dechaff.typing import Rows

FEW = 10
"""Rows are counted in text files of up to this many times the estimated size of a sample: the first rows may be shorter
than the others, and a packed file may hold less than is assumed."""

Refine: TypeAlias = Callable[[Audited, AuditSettings], tuple[Audited, Policy]]
"""From the audit of the rows that models learn from, to the one that stands, and the policy for all other rows."""


def reads_out_of_core(source: Any, memory: str | int | None) -> bool:
    """Whether a source is read out of core: files whose audit would not fit into memory."""
    return has_table_files(source) and needed_in_memory(files_of(source)) > memory_bytes(memory)


def runs_out_of_core(job: Job) -> bool:
    """Whether an audit runs out of core: it would not fit into memory, and the sample does not hold all rows.

    A sample of all rows is audited as data in memory are, because nothing is left that passes could find.
    """
    if not reads_out_of_core(job.source, job.options.memory):
        return False
    files = _opened(job)
    of_row = bytes_of_row(files)
    sampled = sample_rows(memory_bytes(job.options.memory), of_row)
    # Rows of long text files are not counted. Parquet and Arrow store their number; their size says little about it.
    counted = files.format in ("parquet", "arrow") or content_bytes(files.files) <= FEW * sampled * of_row
    return not counted or files.n_rows > sampled


def _opened(job: Job) -> TableFiles:
    options = part_of(ReadOptions, job.options)
    check_one_way_to_seal(options)
    return open_files(job.source, Reading.of(options), progress=job.settings.progress)


def run_out_of_core(
    job: Job, task: Task, verb: str, backend: Backend, refine: Refine | None = None
) -> tuple[Run, ReadPlan]:
    """The whole audit, kept in the run folder, and how its rows are read.

    Passes that were finished before it was stopped are not done again. `refine` is called with the audit of the sample
    before all rows are audited.
    """
    try:
        _refuse_arrays(job.options)
        with explain_full_disk(job.folder, "the same command resumes after the finished passes"):
            begin_run(job.folder)
            request = _request(job, backend)
            # A model of the user's may be one that cannot be sent to another process.
            own = job.options.backend == "local" and request.model is None
            with training_on_processes(min(usual_threads(), request.processes) if own else 1):
                return _run(job, task, verb, request, refine)
    except (KeyboardInterrupt, DechaffError) as error:
        begun = audit_passes(job.folder).any_finished
        if not begun:
            audit_passes(job.folder).remove()
        elif isinstance(error, KeyboardInterrupt):
            words = f"stopped; the same command resumes after the finished passes in {job.folder}"
            job.settings.progress(words, 0, 0)
        raise


def _run(job: Job, task: Task, verb: str, request: AuditRequest, refine: Refine | None) -> tuple[Run, ReadPlan]:
    memory, progress = job.options.memory, request.progress
    progress(_size_in_words(request, memory), 0, 0)
    given = plain(job.options)
    decisive = {name: given[name] for name in deciding(type(job.options)) if name in given}
    decisive["policy"] = plain_value(request.policy)
    # The size of the sample follows the free memory unless there is a limit: a stopped run continues with its own.
    sample = None if memory is None else request.sample_rows
    planned = plan(request, task, {"source": plain_value(job.source), **decisive, "sample": sample})
    read_plan, fitted = planned.read_plan, None
    if refine is not None:
        fitted = audit_data(Opened(read_plan.sample, None), task, job.settings)
        planned = replace(planned, request=replace(request, policy=refine(fitted, job.settings)[1]))
    outcome = audit_out_of_core(planned, fitted)
    options = replace(job.options, **task.settled(read_plan.sample))
    command = Command(verb, job.source, options, {**job.about(), "out_of_core": True})
    run = written_run(job, outcome, command, command.line("memory"))  # the limit decides how large the sample is
    planned.places.remove()
    return run, read_plan


def written_run(job: Job, outcome: AuditOutcome, command: Command, line: str) -> Run:
    """The run folder of an audit, written; `line` is the command that makes it again."""
    return write_audit(
        outcome,
        job.folder,
        audit_passes(job.folder).subfolder("writing", empty=True),
        options=command.written(),
        command=line,
        version=__version__,
        progress=job.settings.progress,
    )


def audited_files(run: Run, source: Any = None, *, progress: Progress = silent) -> tuple[FilesSource, Rows]:
    """The files of an audit out of core, opened again, and the numbers of the rows that were audited.

    They are at `source`; None for where they were. A RunError if they are not found, a SourceChangedError if they
    differ from the audited ones. `progress` is called with the megabytes that are read.
    """
    where = audited_file(run) if source is None else source
    read = restored(ReadOptions, run.options)
    files = open_files(where, Reading.of(read), progress=progress)
    if files.sha256 != run.metrics.dataset.sha256:
        raise source_changed(where)
    request = ReadRequest(
        source=files,
        roles=ColumnRoles.of(read),
        test_size=read.test_size,
        seed=int(run.options.get("seed", 0)),
        progress=progress,
    )
    marks = run.metrics.positives is not None
    scanned = scan(request, RowStore(None, files.n_rows), unlabelled_is_a_class=marks)
    bound = FilesSource(files, files.sha256, scanned.n_rows).bound(scanned.tally.name, scanned.tally.usual_rows())
    return bound, np.flatnonzero(~scanned.held_out.mask(0, scanned.n_rows))


def _request(job: Job, backend: Backend) -> AuditRequest:
    options = part_of(ReadOptions, job.options)
    roles = ColumnRoles.of(options)
    reading = Reading.of(options)
    files = _opened(job)
    memory, of_row = memory_bytes(job.options.memory), bytes_of_row(files)
    rows = sample_rows(memory, of_row)
    if needed := too_much(memory, rows, of_row):
        job.settings.progress(
            f"{rows:,} rows are the fewest of a sample: these take about {needed / 10**9:.1f} GB", 0, 0
        )
    return AuditRequest(
        **vars(job.settings),
        source=files,
        sha256=files.sha256,
        roles=roles,
        test_size=options.test_size,
        sample_rows=rows,
        backend=backend,
        processes=1 + max(0, memory - START) // FOR_PROCESS,
        folder=job.folder,
        tested=None if options.test is None else open_files(options.test, reading, progress=job.settings.progress),
    )


def bytes_of_row(files: TableFiles) -> float:
    """About how many bytes of text a row has, by the first block."""
    for _, read in files.scan():
        if read.n_rows:
            return sum(len(cell) for cells in read.cells for cell in cells.raw.tolist()) / read.n_rows
    return 1.0


def _size_in_words(request: AuditRequest, memory: str | int | None) -> str:
    size = content_bytes(request.source.files) / 10**6
    room = memory_bytes(memory) / 10**9
    return (
        f"{size:,.0f} MB are read out of core within {room:.1f} GB; "
        f"a sample of {request.sample_rows:,} rows, 50 of each label at least, settles kinds, features, models"
    )


def _refuse_arrays(options: AuditOptions | PUOptions) -> None:
    for name, option in options_of(type(options)).items():
        if not option.has_flag and option.decides and getattr(options, name) is not None:
            raise InputError(
                name,
                "be left out if the data are processed out of core",
                "an array",
                "Audit in memory (--memory with a larger amount), or use find_label_errors on the probabilities.",
            )
