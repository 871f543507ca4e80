"""Results of the public functions: an audit, and a whole recipe."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from dechaff._version import __version__
from dechaff.api.checking import CellCheck, check
from dechaff.api.exported_decisions import LONGEST_CELL, decision_lines
from dechaff.api.out_of_core import audited_files
from dechaff.api.reading import source_of
from dechaff.api.review.reviewing import Reviewing
from dechaff.api.review.rows import rows_of_run
from dechaff.core.files import write_whole
from dechaff.core.outputs import check_output, same_file, write_outputs
from dechaff.core.progress import Progress, silent
from dechaff.data.dataset import Dataset
from dechaff.data.memory.source import in_callers_type
from dechaff.data.source import Source
from dechaff.errors import DechaffError, InputError
from dechaff.recipe.outcome.added_rows import Added, with_added
from dechaff.recipe.outcome.apply import Change, Changes, changes_of, check_outputs, improved_rows, write_improved
from dechaff.recipe.prove.prove import Proof
from dechaff.recipe.select import Selection
from dechaff.records.decided_rows import EventsByKey, row_names
from dechaff.records.decisions import Event, current_state
from dechaff.records.decisions_csv import Sheet, read_decisions_csv, rows_decided_in
from dechaff.records.metrics import Metrics
from dechaff.records.run import Run
from dechaff.report.html import render_fragment, render_html
from dechaff.report.record import open_record
from dechaff.typing import Rows

_outcome = attrgetter("action", "new")
_CHANGES_SCHEMA = dict.fromkeys(Change.__dataclass_fields__, pl.String)


@dataclass(frozen=True, repr=False)
class Audit(Reviewing):
    """An audit: a run folder, and the data that it is about; its findings are reviewed by the methods of `Reviewing`.

    ``findings`` and ``scores`` come in the caller's type of data frame; ``scores`` of a pandas frame carries its
    index, and ``row`` holds the values of that index: ``frame.loc[findings["row"]]`` are the rows. Everything is read
    from the folder, so it shows decisions that were made since.

    Examples
    --------
    See `audit`, which returns one.
    """

    run: Run
    data: Dataset | None = None
    source: Any = None
    """Where the data of a run out of core are now; None for where they were."""

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self.run.folder

    @property
    def metrics(self) -> Metrics:
        """All figures of the report; ``to_dict()`` makes plain values of them, as in ``metrics.json``."""
        return self.run.metrics

    @property
    def findings(self) -> Any:
        """One line per finding: finding_id, code, row, group, field, score, given, suggested, why, fix."""
        return self.run.findings if self.data is None else in_callers_type(self.run.findings, self.data)

    @property
    def scores(self) -> Any:
        """One line per row: row, key, given, then score and flag of every detector that looks at rows."""
        scores = self.run.scores
        return scores if self.data is None else in_callers_type(scores, self.data, of_rows=True)

    @property
    def changes(self) -> Any:
        """The changes that `apply` makes: row, change, old, new, code, why, key, column (of an edited cell)."""
        pieces = [pl.DataFrame(some.columns(), schema=_CHANGES_SCHEMA) for some in self._changes()]
        table = pl.concat([pl.DataFrame(schema=_CHANGES_SCHEMA), *pieces])
        return table if self.data is None else in_callers_type(table, self.data)

    def report(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Write the report as one HTML file; its path.

        Parameters
        ----------
        path : file to write; by default ``report.html`` in the run folder.
        """
        own = self.folder / "report.html"
        target = own if path is None or same_file(path, own) else check_output(path, "the report")
        content = render_html(open_record(self.run)).encode()
        if target is own:
            write_whole(own, content)
        else:
            write_outputs({target: content}, "the report")
        return target

    def apply(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        decisions: str | os.PathLike[str] | None = None,
        progress: Progress = silent,
    ) -> Any:
        """The improved data: in the caller's own type, or written to ``path`` with the list of changes beside it.

        Parameters
        ----------
        path : file or folder to write, in the format of the original; needed if files were audited.
        decisions : edited CSV of decisions, to be imported first.
        progress : called with the progress of files that are read out of core.

        Returns
        -------
        Path, or data of the caller's type
            ``path`` if one is given, else the improved rows, in their order.

        Raises
        ------
        InputError
            If files were audited and no path is given, or the path is that of the audited files.
        SourceChangedError
            If the data have changed since the audit.
        """
        source, rows = self._audited(progress)
        if path is None:
            _check_in_memory(source, "apply")
        else:
            check_outputs(source, Path(path))
        if decisions is not None:  # an output that is refused must not leave them decided
            self.import_decisions(decisions)
            self.report()
        added = Added.of(self.run)
        if added is not None:
            source = source.with_added_rows(added.rows(rows, self.metrics.dataset.id or ""))
        if path is None:
            new = improved_rows(self.run, self._changes(), rows, source.n_rows)
            return source.with_cells(new.cells).improved(new.keep, new.labels.between(0, source.n_rows))
        write_improved(source, Path(path), self.run, self._changes(), rows)
        return Path(path)

    def held_out(self, path: str | os.PathLike[str] | None = None) -> Any:
        """The rows that ``test_size`` or ``split`` sealed: in the caller's own type, or written to ``path``.

        Parameters
        ----------
        path : file or folder to write, in the format of the original; needed if files were audited.

        Returns
        -------
        Path, or data of the caller's type
            ``path`` if one is given, else the sealed rows, in their order.

        Raises
        ------
        InputError
            If files were audited and no path is given.
        SourceChangedError
            If the data have changed since the audit.
        """
        source, rows = self._audited(silent)
        sealed = np.ones(source.n_rows, dtype=np.bool_)
        sealed[rows] = False
        if path is None:
            _check_in_memory(source, "held_out")
            return source.improved(sealed, {})
        source.write(path, keep=sealed, labels={})
        return Path(path)

    def check(self, source: Any, *, delimiter: str | None = None, encoding: str | None = None) -> CellCheck:
        """Apply the rules of cells that this audit learned to new rows; ``dechaff check`` is the same.

        Parameters
        ----------
        source : path of a file, folder or pattern in any format that `audit` reads, data frame, or dict of columns
            New rows with the columns of the audited ones; the label may be absent.
        delimiter, encoding : of a text file, if they are not to be inferred.

        Returns
        -------
        CellCheck
            ``passed``, ``missing`` and ``extra`` columns; ``table()`` lists the cells with the rule that each breaks.

        Raises
        ------
        RunError
            If C001 was not run, so that there are no rules.
        """
        return check(source, self.folder, delimiter=delimiter, encoding=encoding)

    def export_decisions(self, path: str | os.PathLike[str]) -> Path:
        """Write the decisions as a CSV that a spreadsheet can edit; its path.

        Parameters
        ----------
        path : file to write.
        """

        def content(stream: BinaryIO) -> None:
            stream.writelines(decision_lines(self.run, self.data, self.source))

        write_outputs({Path(path): content}, "the decisions")
        return Path(path)

    def sheet(self, lines: Mapping[str, Sequence[str]]) -> Sheet:
        """Columns of text, with those of the data behind them if these can be read.

        Parameters
        ----------
        lines : the columns, one of which is ``row``.
        """
        return sheet_with_cells(lines, self.run, self.data, self.source)

    def import_decisions(self, path: str | os.PathLike[str], *, actor: str = "") -> int:
        """Import an edited CSV of decisions; the number of new ones.

        Parameters
        ----------
        path : file that `export_decisions` wrote, edited.
        actor : who decided; for the log. By default the name of the user on this machine.

        Raises
        ------
        InputError
            If a row, an action or a label of the file is unknown.
        """
        # The first ones are shown if a line names none.
        scores = row_names(self.run.scores_path, *rows_decided_in(Path(path)), first=100)
        keys = dict(zip(scores["row"].to_list(), scores["key"].to_list(), strict=True))
        given = dict(zip(scores["key"].to_list(), scores["given"].to_list(), strict=True))
        names = self.run.metrics.dataset.classes
        decided = read_decisions_csv(Path(path), keys=keys, class_names=names)
        log = EventsByKey.of(self.run.decisions_path)
        state = current_state(log.about(pl.Series([event.key for event in decided], dtype=pl.String)))
        actor = actor or _user()
        stamp = datetime.now(UTC).isoformat(timespec="seconds")
        new = [
            _of_finding(replace(event, old=given[event.key], time=stamp, actor=actor, version=__version__), state)
            for event in decided
            if event.key not in state or _outcome(state[event.key]) != _outcome(event)
        ]
        self.run.add(new, batch=Path(path).name)
        return len(new)

    def __repr__(self) -> str:
        metrics = self.run.metrics
        # As the report counts: a check that was not run has a line among the findings, and found nothing.
        found = sum(check.findings for check in metrics.checks)
        data = metrics.dataset
        return f"<Audit of {data.name}: {data.rows:,} rows, {found:,} findings, in {self.folder}>"

    def _repr_html_(self) -> str:
        return render_fragment(self.run.metrics, self.run.examples, folder=str(self.folder))

    def _changes(self) -> Iterator[Changes]:
        return with_added(changes_of(self.run, lambda name: self.desk.rows.column(name)), Added.of(self.run))

    def _audited(self, progress: Progress) -> tuple[Source, Rows]:
        """The data, and the numbers of the audited rows in them, ascending."""
        if self.run.options.get("out_of_core"):
            return audited_files(self.run, self.source, progress=progress)
        data = self.data if self.data is not None else source_of(self.run)
        return data.source, np.sort(data.positions)


def _user() -> str:
    with suppress(KeyError, OSError, ImportError):
        return getpass.getuser()
    return ""


def _of_finding(event: Event, state: Mapping[str, Event]) -> Event:
    """The same decision, with the finding that the earlier one about its row was made for."""
    before = state.get(event.key)
    if before is None or event.code not in ("", before.code):
        return event
    return replace(event, finding_id=before.finding_id, code=before.code, score=before.score)


def _check_in_memory(source: Source, method: str) -> None:
    if source.path is not None:
        must, fix = "have a path, because a file was audited", f"Call {method}('name.csv')."
        raise InputError(f"{method}()", must, "no path", fix)


@dataclass(frozen=True, repr=False)
class Recipe:
    """The outcome of the whole recipe: the audit with its decisions, the model that was kept, the proof or None.

    Examples
    --------
    See `run_recipe`, which returns one.
    """

    audit: Audit
    selection: Selection | None
    proof: Proof | None

    @property
    def improved(self) -> Any:
        """The improved data in the caller's own type, for data in memory."""
        return self.audit.apply()

    def __repr__(self) -> str:
        proof = "no proof" if self.proof is None else f"proof: {self.proof.verdict}"
        return f"<Recipe with {self.audit!r}; {proof}>"

    def _repr_html_(self) -> str:
        return self.audit._repr_html_()


def sheet_with_cells(sheet: Mapping[str, Sequence[str]], run: Run, data: Dataset | None, source: Any) -> Sheet:
    """A sheet with a column ``row``, and behind its columns those of the data; without them if they cannot be read.

    Parameters
    ----------
    sheet : columns of text, of one length; lines that are about no row have an empty ``row``.
    run, data, source : as an `Audit` has them.
    """
    made = {name: list(cells) for name, cells in sheet.items()}
    content = _cells_of(sorted({row for row in made["row"] if row}), run, data, source)
    for name in dict.fromkeys(name for cells in content.values() for name in cells):
        shown = name if name not in sheet else f"{name} (data)"
        made[shown] = [content.get(row, {}).get(name, "")[:LONGEST_CELL] for row in made["row"]]
    return made


def _cells_of(names: Sequence[str], run: Run, data: Dataset | None, source: Any) -> dict[str, dict[str, str]]:
    """Row -> column -> cell, for the rows of some names."""
    rows, id_name = rows_of_run(run, data, source), run.metrics.dataset.id
    lines = row_names(run.scores_path, names)
    found = {}
    try:
        for place, row, key in lines.select("place", "row", "key").iter_rows():
            found[row] = {name: text for name, text in rows.cells(place, row, key) if name != id_name}
    except DechaffError:
        return {}
    return found
