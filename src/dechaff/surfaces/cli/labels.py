"""``dechaff labels``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console

from dechaff import api
from dechaff.api.labels.inputs import read_labels_file
from dechaff.checks import check_count, check_seed_and_threads
from dechaff.core.files import write_whole
from dechaff.core.threads import use_threads
from dechaff.data.write import csv_table_bytes
from dechaff.errors import InputError
from dechaff.report.numbers import between, percent
from dechaff.surfaces.cli.console import one_line, print_json, print_next, say, stdout, title
from dechaff.surfaces.cli.exits import FINE
from dechaff.surfaces.cli.label_words import found_words, interval_json, print_worst, rows_json
from dechaff.surfaces.cli.options import BackendFlags
from dechaff.surfaces.cli.streamed_labels import (
    is_folder,
    print_streamed,
    refuse_place,
    refuse_reviews,
    streamed,
)
from dechaff.typing import Json

_SHOWN = ("given", "suggested", "score", "why")


def labels(
    *probs: Path,
    labels: Path | None = None,
    label: str | None = None,
    id: str | None = None,
    class_names: tuple[str, ...] = (),
    reviews: Path | None = None,
    worst: int = 10,
    sheet: Path | None = None,
    sheet_rows: int = 50,
    seed: int = 0,
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    place: BackendFlags = BackendFlags(),
    json: bool = False,
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"])] = False,
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
    labels
        File of the labels, if they are not in the first one; for streaming, an npy beside an npy.
    label
        Column of the labels.
    id
        Row ID column; without it rows are numbered from 0.
    class_names
        Class name of a column, in the order of the columns; repeatable. Not needed if the columns are named.
    reviews
        CSV with the columns row and label: the true label of reviewed rows; empty = not reviewed, none = no class.
    worst
        Number of the most doubtful rows to print.
    sheet
        CSV to write, of the rows to review next, with an empty column for the true label.
    sheet_rows
        Number of rows of the sheet.
    seed
        Decides which rows are drawn for the sheet.
    out
        CSV or Parquet to write, with score, flag, suggestion and reason of every row; or a folder, for streaming.
    json
        Print the result as JSON.
    quiet
        Print no progress and no hints.
    """
    for name, number in (("--worst", worst), ("--sheet-rows", sheet_rows)):
        check_count(name, number)
    check_seed_and_threads(seed, place.threads)
    if out is not None and is_folder(out):
        refuse_reviews(reviews, sheet)
        found_in_files = streamed(probs, labels if labels is not None else label, id, class_names, out, place, quiet)
        print_streamed(found_in_files, worst, as_json=json, quiet=quiet)
        return FINE
    refuse_place(place)
    with use_threads(place.threads):
        found = _found(probs, labels, label, id, class_names, seed)
    if reviews is not None:
        found = found.update(reviews)
    if out is not None:
        _write(out, found)
    if sheet is not None:
        _write_sheet(sheet, found, sheet_rows)
    if json:
        print_json(labels_json(found, worst))
    else:
        _print_found(stdout(), found, worst)
    if not quiet:
        _print_next(_said(probs, labels, label, id, class_names, seed), sheet, reviews)
    return FINE


def _found(
    probs: tuple[Path, ...], labels: Path | None, label: str | None, id: str | None, names: tuple[str, ...], seed: int
) -> api.LabelErrors:
    if not probs:
        raise InputError(
            "dechaff labels", "get the file of the probabilities", "none", "Type: dechaff labels probs.npz"
        )
    source: Any = probs[0] if len(probs) == 1 else list(probs)
    given: Any = label if label is not None else probs[0]
    if labels is not None:
        given = read_labels_file(labels, label)
    return api.find_label_errors(given, source, class_names=names or None, ids=id, seed=seed)


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
    """What ``--json`` prints."""
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


def _said(
    probs: tuple[Path, ...], labels: Path | None, label: str | None, id: str | None, names: tuple[str, ...], seed: int
) -> str:
    """The command so far, as the shell would take it again. With another seed the rows of a sheet are no sample."""
    options: list[tuple[str, Path | str | None]]
    options = [("--labels", labels), ("--label", label), ("--id", id), *(("--class-names", name) for name in names)]
    options.append(("--seed", str(seed) if seed else None))
    words = ["dechaff", "labels", *map(str, probs)]
    return shlex.join(words + [word for option, value in options if value is not None for word in (option, str(value))])


def _print_next(said: str, sheet: Path | None, reviews: Path | None) -> None:
    if sheet is not None:
        print_next(f"{said} --reviews {shlex.quote(str(sheet))}, once its column label is filled in")
    elif reviews is None:
        print_next(f"{said} --sheet review.csv", f"{said} --out scores.csv")
