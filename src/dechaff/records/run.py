"""A run: one readable folder, written by the recipe and shown by every surface.

options.json       the options, versions, and the only times of the run
findings.parquet   one row per finding                scores.parquet   one line per row
probs.npz          out-of-sample probabilities       metrics.json     all figures of the report
examples.json      the worst rows of each code       decisions.sqlite append-only events
report.html        the report                        review.sqlite    index of the findings, made for a review
cell_rules.json    what holds in nearly all rows
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import json as json_encoding
from msgspec import structs

from dechaff._version import __version__
from dechaff.core.files import (
    Content,
    is_temporary,
    locked_folder,
    move_together,
    remove_temporary,
    write_together,
    write_whole,
)
from dechaff.core.outputs import FilePath, check_folder, same_file
from dechaff.errors import RunError
from dechaff.records.decided_rows import DecidedPiece, decided_pieces, has_made_rows
from dechaff.records.decision_log import append_events, read_events, write_first_events
from dechaff.records.decisions import Event, counted_decisions, current_state, rule_changes
from dechaff.records.metrics import DecisionCounts, Examples, Metrics
from dechaff.records.record import DatasetFacts, converted
from dechaff.typing import Json

T = TypeVar("T")
_OPTIONS = "options.json"
PASSES, PROBS = "passes", "probs"
"""Folders of passes that are not finished, and of the probabilities of a run out of core."""
CELL_RULES = "cell_rules.json"
_FILES = (
    CELL_RULES, "findings.parquet", "scores.parquet", "probs.npz", "metrics.json", "examples.json", "decisions.sqlite",
    _OPTIONS,
)  # fmt: skip
INDEX, LABELLING, NEW_ROWS = "review.sqlite", "labelling.parquet", "new_rows.parquet"
"""Made from the findings for the review; batches of rows to label, with predictions that judge them; augmented rows."""
_BESIDE_LOG = ("decisions.sqlite-wal", "decisions.sqlite-shm")
_DECIDED_SINCE = "Decisions were made since this proof, which are not in it: apply them, and prove again."
_IN_SHORT = ["finding_id", "code", "row", "group", "field"]


@dataclass(frozen=True)
class Run:
    """A run folder, read on demand."""

    folder: Path

    @cached_property
    def options(self) -> Json:
        """The options, versions and times."""
        return _read_json(self.folder / _OPTIONS)

    def forget(self) -> None:
        """Read the files anew when they are wanted again: they were replaced."""
        for name in ("findings", "scores", "examples", "_figures"):
            vars(self).pop(name, None)

    def write(self, files: Mapping[str, Content]) -> None:
        """Write files of the folder, by their paths in it: all of them whole, or none."""
        for name in files:
            (self.folder / name).parent.mkdir(exist_ok=True)
        write_together({self.folder / name: content for name, content in files.items()})

    @property
    def metrics(self) -> Metrics:
        """All figures of the report; rows are counted by the decisions that hold now, those of reviewers included."""
        figures, reviewed = self._figures, self.reviewer_events
        proof = figures.proof
        if proof is not None and proof.decisions not in (None, len(reviewed)):
            figures = structs.replace(figures, proof=structs.replace(proof, notes=(*proof.notes, _DECIDED_SINCE)))
        # Without reviewers, the decisions are those of the audit: there may be too many to be read for nothing.
        if figures.decisions is None or not (reviewed or has_made_rows(self.scores_path)):
            return figures
        return structs.replace(figures, decisions=self._counted())

    @property
    def dataset(self) -> DatasetFacts:
        """What the data are; unlike all of `metrics` it is there without a look at the decisions."""
        return self._figures.dataset

    @property
    def reviewer_events(self) -> list[Event]:
        """The events of reviewers, oldest first."""
        return read_events(self.decisions_path, by_reviewers=True)

    def _counted(self) -> DecisionCounts:
        """Decisions about rows that are still there; all other rows are kept."""
        n_rows = int(pl.scan_parquet(self.scores_path).select(pl.len()).collect().item())
        return counted_decisions((one for piece in self.pieces() for one in piece.decided().values()), n_rows)

    @cached_property
    def _figures(self) -> Metrics:
        return converted(_read_json(self.folder / "metrics.json"), Metrics, "metrics.json")

    @cached_property
    def examples(self) -> Examples:
        """The worst rows of each code, with the evidence."""
        return converted(_read_json(self.folder / "examples.json"), Examples, "examples.json")

    @cached_property
    def findings(self) -> pl.DataFrame:
        """One line per finding."""
        return read_parquet(self.folder / "findings.parquet")

    @property
    def findings_in_short(self) -> pl.DataFrame:
        """What findings are about, without their sentences: all that a report counts, of millions of them, too."""
        return read_parquet(self.folder / "findings.parquet", _IN_SHORT)

    @cached_property
    def scores(self) -> pl.DataFrame:
        """One line per row."""
        return read_parquet(self.folder / "scores.parquet")

    @property
    def scores_path(self) -> Path:
        """The file of the scores, for those who do not want all rows in memory."""
        return self.folder / "scores.parquet"

    def finding_column(self, events: Iterable[Event], column: str) -> dict[str, str]:
        """Finding id -> its reason (`why`) or another column, for the findings that some decisions name."""
        wanted = sorted({event.finding_id for event in events if event.finding_id})
        if not wanted:
            return {}
        table = pl.scan_parquet(self.folder / "findings.parquet").select("finding_id", pl.col(column).fill_null(""))
        return dict(table.filter(pl.col("finding_id").is_in(wanted)).collect().iter_rows())

    @property
    def decisions_path(self) -> Path:
        """The log of decisions."""
        return self.folder / "decisions.sqlite"

    def events(self) -> list[Event]:
        """All decision events, oldest first."""
        return read_events(self.decisions_path)

    def decided(self) -> dict[str, Event]:
        """Row key -> the decision that holds now."""
        return current_state(self.events())

    def pieces(self) -> Iterator[DecidedPiece]:
        """All rows in order, some at a time, with the events about them."""
        return decided_pieces(self.scores_path, self.decisions_path)

    def add(self, events: Sequence[Event], *, batch: str = "") -> list[Event]:
        """Append events to the log; what was appended."""
        return append_events(self.decisions_path, events, batch=batch)


@dataclass(frozen=True)
class RunContent:
    """The content of a run folder beside its tables and its report."""

    options: Mapping[str, Any]
    metrics: Metrics
    examples: Examples


@contextmanager
def one_writer(folder: Path) -> Iterator[None]:
    """Inside, no other process may write this run; what killed ones had begun to write in its folder is deleted.

    Raises
    ------
    RunError
        If the folder is not one for a run, or another process writes it.
    """
    refuse_foreign_folder(folder)
    with locked_folder(folder):
        for place in (folder, folder / PROBS):
            if place.is_dir() and not place.is_symlink():
                remove_temporary(place)
        yield


def begin_run(folder: Path) -> None:
    """Make the folder of a run, and the one for unfinished passes."""
    refuse_foreign_folder(folder)
    try:
        (folder / PASSES).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(
            f"Cannot make the folder {folder}: {error.strerror or error}.",
            fix="Choose another folder with --out.",
        ) from error


def write_run(folder: Path, work: Path, proposed: Iterable[Event], content: Callable[[], RunContent]) -> Run:
    """Write a run, all of its files or none; an older run in the same folder keeps its decisions.

    ``options.json`` is written last: a folder without it is not a run.

    Parameters
    ----------
    folder : the run folder.
    work : a folder on the same disk, in which ``findings.parquet`` and, if there are such, ``probs.npz`` and
        ``cell_rules.json`` stand;
        ``scores.parquet`` does once all of `proposed` are taken.
    proposed : the decisions of a rule; those that are new go to the log.
    content : called once all of `proposed` are taken.
    """
    run, changes = Run(folder), None
    if run.decisions_path.exists():
        changes = rule_changes(run.events(), proposed)
    else:
        write_first_events(work / run.decisions_path.name, proposed)
    parts = content()
    for name, record in (("metrics.json", parts.metrics), ("examples.json", parts.examples), (_OPTIONS, parts.options)):
        write_whole(work / name, json_bytes(record), to_disk=False)
    files = [work / name for name in _FILES if (work / name).exists()]
    move_together(files, folder)
    for name in ("probs.npz", CELL_RULES, NEW_ROWS):
        if work / name not in files:
            (folder / name).unlink(missing_ok=True)
    if changes is not None:
        run.add(changes)
    return Run(folder)


def rewrite_metrics(folder: Path, metrics: Metrics) -> None:
    """Replace ``metrics.json``, for example to add the rounds and the proof."""
    write_whole(folder / "metrics.json", json_bytes(metrics))


def is_run(folder: Path) -> bool:
    """Whether a folder is that of a run: its options are written last."""
    return (folder / _OPTIONS).is_file()


def read_run(folder: Path | str) -> Run:
    """The run in a folder, or a RunError with the reason why it is none."""
    path = Path(folder)
    if not is_run(path):
        raise RunError(
            f"{path} is not a run folder of dechaff: {_what_it_is(path)}.",
            fix="Run the command again: it resumes after the passes that are finished."
            if (path / PASSES).is_dir()
            else "Run: dechaff audit FILE --label COLUMN",
        )
    run = Run(path)
    written_by = str(run.options.get("environment", {}).get("dechaff", ""))
    if _release(written_by) > _release(__version__):
        raise RunError(
            f"{path} was written by dechaff {written_by}, a newer version than this one ({__version__}).",
            fix="Update: pip install -U dechaff",
        )
    return run


def _release(version: str) -> list[int]:
    """Major and minor number; patches write the same files."""
    return [int(number) for number in re.findall(r"\d+", version)[:2]]


def _what_it_is(path: Path) -> str:
    if not path.exists():
        return "there is no such folder"
    if (path / PASSES).is_dir():
        return "the audit was stopped before it was complete"
    return "it has no options.json" if path.is_dir() else "it is a file"


def refuse_foreign_folder(folder: Path, source: FilePath | None = None) -> None:
    """A RunError if the folder holds something else than a run, or the run of another file than `source`."""
    fix = "Choose a new or empty folder, or an earlier run, with --out."
    check_folder(folder, "the run", _is_a_run, fix=fix)
    other = _source_of(folder)
    if other and source is not None and not _one_source(folder, other, source):
        raise RunError(f"Cannot write the run to {folder}: it is that of {other}.", fix=fix)
    _refuse_unwritable(folder)


def _refuse_unwritable(folder: Path) -> None:
    """Raised before the work, not after it."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise RunError(
            f"Cannot write to {folder}: {there} is {'not a folder' if not there.is_dir() else 'read-only for you'}.",
            fix="Choose another folder with --out.",
        )


def json_bytes(content: object) -> bytes:
    """JSON as written in a run folder: readable, same bytes for the same content, NaN as null."""
    plain = json_encoding.decode(json_encoding.encode(content, enc_hook=lambda value: value.tolist()))
    return (json.dumps(plain, indent=1, ensure_ascii=False) + "\n").encode()


def _source_of(folder: Path) -> str:
    """The file of the run in a folder; '' if there is none."""
    options = _read_json(folder / _OPTIONS) if (folder / _OPTIONS).is_file() else {}
    return str(options.get("source") or "") if options.get("source_is_path") else ""


def is_run_of(run: Run, source: FilePath) -> bool:
    """Whether a run is that of a file or folder, wherever the working folder is now."""
    named = _source_of(run.folder)
    return bool(named) and _one_source(run.folder, named, source)


def _one_source(folder: Path, named: str, source: FilePath) -> bool:
    """Whether a source is the one that a run names, perhaps seen from another working folder, or moved since."""
    places = [place for place in (Path(named), folder.absolute().parent / Path(named).name) if place.exists()]
    if not places:
        return Path(named).name == Path(source).name
    return any(same_file(place, source) for place in places)


def _is_a_run(folder: Path) -> bool:
    """Whether a folder holds a run, or an unfinished one and nothing else."""
    passes = folder / PASSES
    if passes.is_symlink() or (folder / PROBS).is_symlink():
        return False
    with suppress(OSError, ValueError):
        figures = json.loads((folder / "metrics.json").read_bytes())
        if (folder / _OPTIONS).is_file() and isinstance(figures, dict) and isinstance(figures.get("dechaff"), str):
            return True
    own = {*_FILES, PASSES, PROBS, "report.html", MODEL, _SCHEMA, INDEX, LABELLING, NEW_ROWS, *_BESIDE_LOG}
    return passes.is_dir() and all(one.name in own or is_temporary(one) for one in folder.iterdir())


def parquet_bytes(frame: pl.DataFrame) -> bytes:
    """A frame as a Parquet file."""
    out = BytesIO()
    frame.write_parquet(out, compression="zstd", statistics=False)
    return out.getvalue()


def npz_bytes(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Arrays as an npz file."""
    out = BytesIO()
    np.savez_compressed(out, **dict(arrays), allow_pickle=False)
    return out.getvalue()


def _read_json(path: Path) -> Json:
    try:
        content: Json = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise _spoiled(path, "JSON", error) from error
    return content


def read_parquet(path: Path, columns: list[str] | None = None) -> pl.DataFrame:
    """A table of a run folder, or a RunError with the reason why it cannot be read."""
    try:
        return pl.read_parquet(path, columns=columns)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _spoiled(path, "Parquet file", error) from error


def _spoiled(path: Path, form: str, error: Exception) -> RunError:
    found = "there is no such file" if isinstance(error, FileNotFoundError) else str(error)
    return RunError(
        f"Cannot read {path} as the {form} that an audit wrote: {found}.",
        fix="Audit again, or restore the file from a copy.",
    )


MODEL = "model.npz"
_SCHEMA = "model.json"


def write_model_facts(folder: Path, facts: object) -> None:
    """Write ``model.json``: a record of how new rows are read and of the names of the classes."""
    write_whole(folder / _SCHEMA, json_bytes(facts))


def read_model_facts(folder: Path, form: type[T]) -> T:
    """The record in ``model.json``, or a RunError if the run kept no model."""
    path = folder / _SCHEMA
    if not path.is_file() or not (folder / MODEL).is_file():
        raise RunError(
            f"The run {folder} holds no model: there is no {MODEL} in it.",
            fix="Run: dechaff recipe FILE --label COLUMN (an audit alone keeps no model).",
        )
    return converted(_read_json(path), form, str(path))
