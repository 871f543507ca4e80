"""``dechaff labels``."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Group, Parameter
from rich.console import Console

from dechaff import api
from dechaff.api.labels.inputs import read_labels_file
from dechaff.checks import check_count, check_seed_and_threads
from dechaff.core.files import write_whole
from dechaff.core.threads import use_threads
from dechaff.data.write import csv_table_bytes
from dechaff.errors import InputError
from dechaff.records.options import flag_words
from dechaff.report.numbers import between, percent
from dechaff.surfaces.cli.console import one_line, print_json, print_next, say, stdout, title
from dechaff.surfaces.cli.exits import FINE
from dechaff.surfaces.cli.label_words import found_words, interval_json, print_worst, rows_json
from dechaff.surfaces.cli.options import BackendFlags, Output
from dechaff.surfaces.cli.streamed_labels import (
    is_folder,
    print_streamed,
    refuse_place,
    refuse_reviews,
    streamed,
)
from dechaff.typing import Json

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

    def command(self, probs: tuple[Path, ...]) -> str:
        """The command so far, quoted for the shell. With another seed the rows of a sheet are no sample."""
        given = (("labels", self.labels), ("label", self.label), ("id", self.id), ("class_names", [*self.class_names]))
        words = [word for name, value in (*given, ("seed", self.seed or None)) for word in flag_words(name, value)]
        return shlex.join(["dechaff", "labels", *map(str, probs), *words])


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


def labels(
    *probs: Path,
    source: Source = Source(),
    review: Review = Review(),
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
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
        File of out-of-sample probabilities: npz with pred_probs, npy, or CSV or Parquet with one column per class.
        Several files are an ensemble. For streaming: Parquet, CSV or JSONL files, a folder or pattern of them (together
        one data set), or an npy.
    out
        CSV or Parquet to write, with score, flag, suggestion and reason of every row; or a folder, for streaming.
    """
    for name, number in (("--worst", review.worst), ("--sheet-rows", review.sheet_rows)):
        check_count(name, number)
    check_seed_and_threads(source.seed, place.threads)
    if out is not None and is_folder(out):
        refuse_reviews(review.reviews, review.sheet)
        given = source.labels if source.labels is not None else source.label
        found_in_files = streamed(probs, given, source.id, source.class_names, out, place, output.quiet)
        print_streamed(found_in_files, review.worst, as_json=output.json, quiet=output.quiet)
        return FINE
    refuse_place(place)
    with use_threads(place.threads):
        found = _found(probs, source)
    if review.reviews is not None:
        found = found.update(review.reviews)
    if out is not None:
        _write(out, found)
    if review.sheet is not None:
        _write_sheet(review.sheet, found, review.sheet_rows)
    if output.json:
        print_json(labels_json(found, review.worst))
    else:
        _print_found(stdout(), found, review.worst)
    if not output.quiet:
        _print_next(source.command(probs), review.sheet, review.reviews)
    return FINE


def _found(probs: tuple[Path, ...], source: Source) -> api.LabelErrors:
    if not probs:
        raise InputError(
            "dechaff labels", "have a file of probabilities", "none", "For example: dechaff labels probs.npz"
        )
    files: Any = probs[0] if len(probs) == 1 else list(probs)
    given: Any = source.label if source.label is not None else probs[0]
    if source.labels is not None:
        given = read_labels_file(source.labels, source.label)
    return api.find_label_errors(given, files, class_names=source.class_names or None, ids=source.id, seed=source.seed)


def _write(path: Path, found: api.LabelErrors) -> None:
    table = found.table()
    if path.suffix == ".parquet":
        table.write_parquet(path)
    else:
        write_whole(path, csv_table_bytes({name: table[name].to_list() for name in table.columns}))


def _write_sheet(path: Path, found: api.LabelErrors, rows: int) -> None:
    table = found.table(found.next_to_review(rows))
    name = table.columns[0]
    columns = {"row": table[name].to_list(), "given": table["given"].to_list()}
    columns |= {"suggested": table["suggested"].to_list(), "label": [None] * len(table)}
    write_whole(path, csv_table_bytes(columns))


def labels_json(found: api.LabelErrors, worst: int) -> Json:
    """The output of ``--json``."""
    budget, rows = found.review_budget(), found.worst(worst)
    return {
        "rows": len(found),
        "flagged": found.n_flagged,
        "reviewed": len(found.reviews),
        "noise_rate": interval_json(found.noise_rate),
        "kind": found.kind,
        "kind_sure": found.kind_sure,
        "why": list(found.why),
        "expected_precision": interval_json(found.expected_precision()) if len(found.reviews) else None,
        "estimated_recall": interval_json(found.estimated_recall()),
        "review_budget": [
            {"rows": int(number), "errors": float(errors), "low": float(low), "high": float(high)}
            for number, errors, low, high in zip(budget.rows, budget.errors, budget.low, budget.high, strict=True)
        ],
        "worst": rows_json(rows),
    }


def _print_found(console: Console, found: api.LabelErrors, worst: int) -> None:
    say(console, found_words(found, found.n_flagged), "bold")
    for words in found.why:
        say(console, one_line(words, 300))
    if len(found.reviews):
        precision = found.expected_precision()
        interval = between(precision.low, precision.high)
        say(console, f"Reviews: {percent(precision.value)} of the flagged rows are wrong ({interval}).")
    recall = found.estimated_recall()
    interval = between(recall.low, recall.high)
    say(console, f"Injected noise: {percent(recall.value)} of the wrong labels are flagged ({interval}).")
    print_worst(console, found.worst(worst), _SHOWN)
    title(console, "What reviewing the most doubtful rows would find")
    say(console, repr(found.review_budget()), indent=2)
    say(console, repr(found.should_stop()), indent=2)


def _print_next(command: str, sheet: Path | None, reviews: Path | None) -> None:
    if sheet is not None:
        print_next(f"{command} --reviews {shlex.quote(str(sheet))}, once its column label is filled in")
    elif reviews is None:
        print_next(f"{command} --sheet review.csv", f"{command} --out scores.csv")
