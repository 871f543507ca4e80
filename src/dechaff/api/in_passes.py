"""Audits of files that need not fit into memory: chosen by their size, or asked for."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dechaff._version import __version__
from dechaff.api.reading import times_since
from dechaff.api.wishes import wishes_of
from dechaff.core.progress import Progress
from dechaff.data.blocks.files import BlockFiles, files_of, has_files_in_blocks, open_blocks
from dechaff.data.open import check_one_way_to_seal
from dechaff.errors import DechaffError, InputError
from dechaff.recipe.content import command_line, environment
from dechaff.recipe.large.asked import Asked
from dechaff.recipe.large.audit_in_passes import audit_in_passes
from dechaff.recipe.large.memory import content_bytes, memory_bytes, needed_in_memory, sample_rows, too_much
from dechaff.recipe.large.passes import any_finished
from dechaff.recipe.large.paths import Places
from dechaff.recipe.large.purpose import Purpose
from dechaff.recipe.large.room import told_of_full_disk
from dechaff.recipe.large.sealing import share_of
from dechaff.recipe.policy import Policy
from dechaff.recipe.run_writer import write_audit
from dechaff.records.run import Run, begin_run

_NOT_IN_PASSES = ("probs", "features")
_HOW = ("threads", "out", "decisions", "backend", "address", "memory")
"""Options that decide nothing of what is found."""


def reads_in_passes(source: Any, memory: str | int | None) -> bool:
    """Whether a source is read in passes: several files always, one where an audit in memory would not fit."""
    if not has_files_in_blocks(source):
        return False
    files = files_of(source)
    return len(files) > 1 or not Path(source).is_file() or needed_in_memory(files) > memory_bytes(memory)


@dataclass(frozen=True)
class Ask:
    """Where the data are, where the run goes, and how it is to be made; as of `audit`."""

    source: Any
    folder: Path
    policy: Policy
    model: Any
    memory: str | int | None
    threads: int
    progress: Progress
    started: datetime


def run_in_passes(ask: Ask, options: Mapping[str, Any], purpose: Purpose, verb: str) -> Run:
    """The whole audit, kept in the run folder; passes that were finished before it was stopped are not done again.

    ``options`` are those of `audit` or `pu`, the command `verb`, as plain values.
    """
    made = not ask.folder.exists()
    try:
        with told_of_full_disk(ask.folder, "the same command goes on after the passes that are finished"):
            return _run(ask, options, purpose, verb)
    except (KeyboardInterrupt, DechaffError) as error:
        begun = any_finished(Places(ask.folder).root)
        if not begun:
            _forget(ask.folder, made=made)
        elif isinstance(error, KeyboardInterrupt):
            ask.progress(f"stopped; the same command goes on after the passes that are finished in {ask.folder}", 0, 0)
        raise


def _forget(folder: Path, *, made: bool) -> None:
    """A run that ended before its first pass was finished leaves nothing behind; an older one in the folder stays."""
    Places(folder).remove()
    if made:
        with suppress(OSError):
            folder.rmdir()


def _run(ask: Ask, options: Mapping[str, Any], purpose: Purpose, verb: str) -> Run:
    _refuse_arrays(options)
    begin_run(ask.folder)
    asked = _asked(ask, options)
    ask.progress(_told(asked, ask.memory), 0, 0)
    deciding = {name: value for name, value in options.items() if name not in _HOW}
    # The size of the sample follows what is free now, where nobody says how much: a stopped run goes on with its own.
    sample = None if ask.memory is None else asked.sample_rows
    found = audit_in_passes(asked, purpose, {**deciding, "sample": sample})
    options = {**options, **purpose.said(found.ground.known)}
    given = {name: value for name, value in options.items() if value not in (None, (), [])}
    known = {**given, "source_is_path": True, "in_passes": True, **times_since(ask.started)}
    run = write_audit(
        found.outcome(),
        ask.folder,
        found.ground.places.folder("writing", empty=True),
        options={**known, "environment": environment(__version__)},
        command=_command(verb, given),
        version=__version__,
        progress=ask.progress,
    )
    found.ground.places.remove()
    return run


def _command(verb: str, given: Mapping[str, Any]) -> str:
    """The command that does the same again; how much memory may be used decides how large the sample is."""
    said = f" --memory {shlex.quote(str(given['memory']))}" if "memory" in given else ""
    return command_line(verb, given) + said


def _asked(ask: Ask, options: Mapping[str, Any]) -> Asked:
    check_one_way_to_seal(*(options.get(name) for name in ("test", "test_size", "split")))
    reading = {name: options.get(name) for name in ("label", "delimiter", "encoding")}
    files = open_blocks(ask.source, **reading, progress=ask.progress)
    test = options.get("test")
    memory, of_row = memory_bytes(ask.memory), bytes_of_row(files)
    rows = sample_rows(memory, of_row)
    if needed := too_much(memory, rows, of_row):
        ask.progress(f"{rows:,} rows are the fewest of a sample: these take about {needed / 10**9:.1f} GB", 0, 0)
    return Asked(
        source=files,
        sha256=files.sha256,
        wishes=wishes_of(options),
        share=share_of(options.get("test_size")),
        sample_rows=rows,
        policy=ask.policy,
        model=ask.model,
        seed=options.get("seed", 0),
        threads=ask.threads,
        folder=ask.folder,
        version=__version__,
        progress=ask.progress,
        tested=None if test is None else open_blocks(test, **reading, progress=ask.progress),
    )


def bytes_of_row(files: BlockFiles) -> float:
    """About how many bytes of text a row has, by the first block."""
    for _, read in files.scan():
        if read.n_rows:
            return sum(len(cell) for cells in read.cells for cell in cells.raw.tolist()) / read.n_rows
    return 1.0


def _told(asked: Asked, memory: str | int | None) -> str:
    size = content_bytes(asked.source.files) / 10**6
    room = memory_bytes(memory) / 10**9
    return (
        f"{size:,.0f} MB are read in passes within {room:.1f} GB; "
        f"a sample of {asked.sample_rows:,} rows, 50 of each label at least, settles kinds, features, models"
    )


def _refuse_arrays(options: Mapping[str, Any]) -> None:
    for name in _NOT_IN_PASSES:
        if options.get(name) is not None:
            raise InputError(
                name,
                "be left out where data are read in passes",
                "an array",
                "Audit in memory (--memory with a larger amount), or use label_errors on the probabilities.",
            )
