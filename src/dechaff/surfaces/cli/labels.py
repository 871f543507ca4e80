"""``dechaff labels``."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter
from rich.console import Console

from dechaff.api.labels.inputs import read_labels_file
from dechaff.checks import check_count, check_seed_and_threads
from dechaff.core.outputs import check_output, write_outputs
from dechaff.core.threads import use_threads
from dechaff.data.label_columns import read_table
from dechaff.data.write import write_csv_table
from dechaff.errors import InputError
from dechaff.recipe.outcome.content import flag_words
from dechaff.records.decisions_csv import sheet_bytes
from dechaff.records.run import parquet_bytes
from dechaff.report.words import between, certainty, count, of_things, one_line, percent
from dechaff.surfaces.cli.console import print_json, print_next, say, say_whole, shown_progress, stdout, table, title
from dechaff.surfaces.cli.main import FINE
from dechaff.surfaces.cli.options import BackendFlags, FileFlags, Output
from dechaff.typing import Json, Rows

if TYPE_CHECKING:
    from dechaff.api.labels.single import LabelErrors

_TABLES = (".csv", ".tsv", ".parquet", ".pq")
_SHOWN = ("given", "suggested", "score", "why")


@Parameter(name="*", group=Group("Labels", sort_key=1))
@dataclass(frozen=True, kw_only=True)
class Source:
    """The labels and the class names."""

    labels: Path | None = None
    """File of the labels, if they are not in the first one; for streaming, an npy beside an npy."""
    label: str | None = None
    """Column of the labels."""
    id: str | None = None
    """Row ID column; without it rows are numbered from 0."""
    class_names: tuple[str, ...] = ()
    """Class name of a column, in the order of the columns; repeatable. Not needed if the columns are named."""
    seed: int = 0
    """Decides which rows are drawn for the sheet."""


@Parameter(name="*", group=Group("Review", sort_key=2))
@dataclass(frozen=True, kw_only=True)
class Review:
    """Finished reviews, and the rows to review next."""

    reviews: Path | None = None
    """CSV with the columns row and label: the true label of reviewed rows; empty = not reviewed, none = no class."""
    worst: int = 10
    """Number of the most doubtful rows to print."""
    sheet: Path | None = None
    """CSV to write, of the rows to review next, with an empty column for the true label."""
    sheet_rows: int = 50
    """Number of rows of the sheet."""
    blind: bool = False
    """Leave the given and the suggested label out of the sheet, so that they do not sway the reviewer."""


def labels(
    *probs: Path,
    source: Source = Source(),
    review: Review = Review(),
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    reading: FileFlags = FileFlags(),
    place: BackendFlags = BackendFlags(),
    output: Output = Output(),
) -> int:
    """Find wrong labels from the probabilities of your own model.

    Prints how many labels are wrong, which rows are the most doubtful, and how many errors reviewing them would find.
    Reviews improve the result: write a sheet, fill in its last column, pass it with --reviews.

    If --out names a folder, the files need not fit into memory: they are streamed, the scores are written to the folder
    as Parquet, and a run that was stopped resumes when the command is repeated.

    Parameters
    ----------
    probs
        Out-of-sample probabilities: npz with pred_probs, npy, or a table (CSV, JSONL, Parquet, Arrow; a folder or
        pattern of them is one data set) with one column per class. Several arguments are an ensemble; for streaming
        they are one data set.
    out
        CSV or Parquet to write, with score, flag, suggestion and reason of every row; or a folder, for streaming.
    """
    for name, number in (("--worst", review.worst), ("--sheet-rows", review.sheet_rows)):
        check_count(name, number)
    repeated = review.reviews is not None  # the call that made the sheet may be repeated with its reviews
    if review.sheet is None and not repeated and (review.blind or review.sheet_rows != Review.sheet_rows):
        option = "--blind" if review.blind else "--sheet-rows"
        raise InputError(option, "be used with a sheet", "no --sheet", "Add --sheet FILE, the CSV to write.")
    check_seed_and_threads(source.seed, place.threads)
    folder = out if out is not None and is_folder(out) else None
    if not probs:
        example = "probs.npz" if folder is None else "folder/ --out scores/"
        fix = f"For example: dechaff labels {example}"
        raise InputError("dechaff labels", "be given a file of probabilities, or several", "none", fix)
    command = _Command(list(probs), source, review, reading, output)
    if folder is None:
        _find(command, out, place)
    else:
        _stream(command, folder, place)
    return FINE


@dataclass(frozen=True)
class _Command:
    """The arguments of the command, but for where the work is done and where the results go."""

    probs: list[Path]
    source: Source
    review: Review
    reading: FileFlags
    output: Output

    @property
    def inputs(self) -> Sequence[Path | None]:
        """The files that are read."""
        return (*self.probs, self.source.labels, self.review.reviews)

    def check_outputs(self, out: Path | None) -> None:
        """Raised before the work, not after it."""
        if out is not None:
            check_output(out, "the scores", inputs=self.inputs)
        if self.review.sheet is not None:
            check_output(self.review.sheet, "the sheet", inputs=self.inputs)

    @property
    def matrices(self) -> Any:
        """The file of probabilities, or the files of an ensemble."""
        return self.probs if len(self.probs) > 1 else self.probs[0]

    def __str__(self) -> str:
        """The command so far, quoted for the shell. With another seed the rows of a sheet are no sample."""
        names = {"class_names": [*self.source.class_names], "seed": self.source.seed or None}
        given = {**asdict(self.source), **names, **asdict(self.reading)}
        words = [word for name, value in given.items() for word in flag_words(name, value)]
        return shlex.join(["dechaff", "labels", *map(str, self.probs), *words])


def is_folder(out: Path) -> bool:
    """Whether the results go into a folder: one that is there, or a name without the suffix of a table.

    Examples
    --------
    >>> is_folder(Path("scores")), is_folder(Path("scores.csv"))
    (True, False)
    """
    return out.is_dir() or out.suffix.lower() not in _TABLES


def _find(command: _Command, out: Path | None, place: BackendFlags) -> None:
    """The scores of rows in memory, and the files that are made of them."""
    from dechaff.api.labels.single import find_label_errors  # loads what the work needs, which --help does not

    if replace(place, threads=None) != BackendFlags():
        raise InputError(
            "--backend and --address",
            "come with a folder as --out, for rows that are streamed",
            "no such folder",
            "Add --out scores/, or leave them out.",
        )
    source, review = command.source, command.review
    command.check_outputs(out)
    given: Any = source.label if source.label is not None else command.probs[0]
    names, reading = source.class_names or None, asdict(command.reading)
    with use_threads(place.threads):
        if source.labels is not None:
            given = read_labels_file(source.labels, source.label, command.reading)
        found = find_label_errors(
            given, command.matrices, class_names=names, ids=source.id, seed=source.seed, **reading
        )
    if review.reviews is not None:
        found = found.update(review.reviews)
    if out is not None:
        _write(out, found, command.inputs)
    if review.sheet is not None:
        _write_sheet(command, found)
    if command.output.json:
        print_json(_labels_json(found, review.worst))
    else:
        _print_found(stdout(), found, review.worst)
    if not command.output.quiet:
        _print_next(str(command), review.sheet, review.reviews)


def _write(path: Path, found: LabelErrors, inputs: Sequence[Path | None]) -> None:
    rows = found.table()
    if path.suffix.lower() in (".parquet", ".pq"):
        write_outputs({path: parquet_bytes(rows)}, "the scores", inputs=inputs)
    else:
        write_csv_table(path, rows.to_dict(as_series=False), "the scores", inputs=inputs)


def _write_sheet(command: _Command, found: LabelErrors) -> None:
    """The rows to review next, with what the file of the labels holds beside them."""
    review = command.review
    assert review.sheet is not None
    chosen = found.next_to_review(review.sheet_rows)
    lines = found.table(chosen).to_dict(as_series=False)
    row = next(iter(lines.values()))
    labels = {} if review.blind else {"given": lines["given"], "suggested": lines["suggested"]}
    columns = {"row": row, **labels, "label": [None] * len(row), **_beside(command, found.names.positions(chosen))}
    sheet = {name: ["" if cell is None else str(cell) for cell in cells] for name, cells in columns.items()}
    write_outputs({review.sheet: sheet_bytes(sheet)}, "the sheet", inputs=command.inputs)


def _beside(command: _Command, rows: Rows) -> dict[str, list[Any]]:
    """The other columns of the file of labels, of some rows; none if it is no table."""
    source = command.source
    if source.labels is None or source.labels.suffix.lower() in (".npy", ".npz"):
        return {}
    table = read_table(source.labels, files=command.reading)
    names = [name for name in table.columns if name not in (source.label, source.id)]
    taken = ("row", "given", "suggested", "label")
    return {f"{name} (data)" if name in taken else name: table[name][rows].to_list() for name in names}


def _labels_json(found: LabelErrors, worst: int) -> Json:
    """The output of ``--json``."""
    budget = found.review_budget()
    return {
        **_shared_json(found),
        "reviewed": len(found.reviews),
        "expected_precision": _interval_json(found.expected_precision()) if len(found.reviews) else None,
        "estimated_recall": _interval_json(found.estimated_recall()),
        "review_budget": [
            {"rows": int(number), "errors": float(errors), "low": float(low), "high": float(high)}
            for number, errors, low, high in zip(budget.rows, budget.errors, budget.low, budget.high, strict=True)
        ],
        "worst": _rows_json(found.worst(worst)),
    }


def _shared_json(found: Any) -> Json:
    """What is printed of labels in memory and of streamed ones."""
    return {
        "rows": len(found),
        "flagged": found.n_flagged,
        "noise_rate": _interval_json(found.noise_rate),
        "kind": found.kind,
        "kind_sure": found.kind_sure,
        "why": list(found.why),
    }


def _interval_json(estimate: Any) -> dict[str, float]:
    return {"value": float(estimate.value), "low": float(estimate.low), "high": float(estimate.high)}


def _rows_json(rows: Any) -> list[Json]:
    """One record a row; classes and ids may be dates, which JSON does not support."""
    return [dict(zip(rows.columns, map(_plain, line), strict=True)) for line in rows.iter_rows()]


def _plain(cell: Any) -> Any:
    return cell if cell is None or isinstance(cell, str | int | float) else str(cell)


def _print_found(console: Console, found: LabelErrors, worst: int) -> None:
    say(console, _found_words(found), "bold")
    for words in found.why:
        say(console, one_line(words, 300))
    if len(found.reviews):
        precision = found.expected_precision()
        interval = between(precision.low, precision.high)
        say(console, f"Reviews: {percent(precision.value)} of the flagged rows are wrong ({interval}).")
    recall = found.estimated_recall()
    interval = between(recall.low, recall.high)
    say(console, f"Flagged: at most about {percent(recall.value)} of the wrong labels ({interval}), by injected ones.")
    _print_worst(console, found.worst(worst), _SHOWN)
    title(console, "What reviewing the most doubtful rows would find")
    say(console, repr(found.review_budget()), indent=2)
    say(console, repr(found.should_stop()), indent=2)


def _print_next(command: str, sheet: Path | None, reviews: Path | None) -> None:
    if sheet is not None:
        print_next(f"{command} --reviews {shlex.quote(str(sheet))}, once its column label is filled in")
    elif reviews is None:
        print_next(f"{command} --sheet review.csv", f"{command} --out scores.csv")


def _found_words(found: Any) -> str:
    """How many labels are wrong, and the kind of noise."""
    rate = found.noise_rate
    sure = "sure" if found.kind_sure > 0.9 else "likely" if found.kind_sure > 0.5 else "uncertain"
    return (
        f"About {percent(rate.value)} of {count(len(found))} labels are wrong ({between(rate.low, rate.high)}); "
        f"{of_things(found.n_flagged, 'row')} flagged. Kind of noise: {found.kind} ({sure})."
    )


def _print_worst(console: Console, rows: Any, shown: Sequence[str]) -> None:
    """The most doubtful rows, under their names."""
    if not len(rows):
        return
    title(console, "The most doubtful rows")
    doubtful = table(rows.columns[0], *shown)
    for line in rows.select(rows.columns[0], *shown).iter_rows():
        doubtful.add_row(*(one_line(certainty(cell, 3) if isinstance(cell, float) else cell, 120) for cell in line))
    console.print(doubtful)


def _stream(command: _Command, out: Path, place: BackendFlags) -> None:
    """The scores of all rows, written to the folder, and a summary of them."""
    from dechaff.api.labels.streams import stream_label_errors  # loads what the work needs, which --help does not

    source, output = command.source, command.output
    if command.review.reviews is not None or command.review.sheet is not None:
        raise InputError(
            "--reviews and --sheet",
            "be left out if the rows are streamed",
            "one of them, and a folder as --out",
            "Use LabelScores.open(folder).update(reviews) in Python, or a part of the files in memory.",
        )
    with shown_progress(quiet=output.quiet) as progress:
        found = stream_label_errors(
            source.labels if source.labels is not None else source.label,
            command.matrices,
            out=out,
            class_names=source.class_names or None,
            ids=source.id,
            progress=progress,
            **asdict(place),
            **asdict(command.reading),
        )
    rows = found.worst(command.review.worst)
    if output.json:
        print_json({**_shared_json(found), "files": [str(path) for path in found.paths], "worst": _rows_json(rows)})
        return
    console = stdout()
    say_whole(console, _found_words(found), "bold")
    for words in found.why:
        say(console, words)
    _print_worst(console, rows, rows.columns[1:-2])
    if not output.quiet:
        folder = json.dumps(str(found.folder), ensure_ascii=False)  # in double quotes, since the shell's are single
        code = f"import dechaff; print(dechaff.labels.LabelScores.open({folder}).worst(50))"
        print_next(f"python -c {shlex.quote(code)}")
