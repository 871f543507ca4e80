"""``dechaff labels`` on files that need not fit into memory."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

from dechaff import api
from dechaff.errors import InputError
from dechaff.surfaces.cli.console import print_json, print_next, say_whole, stdout
from dechaff.surfaces.cli.label_words import found_words, interval_json, print_worst, rows_json
from dechaff.surfaces.cli.options import BackendFlags
from dechaff.surfaces.cli.progress import shown_progress
from dechaff.typing import Json

_TABLES = (".csv", ".tsv", ".parquet", ".pq")


def is_folder(out: Path) -> bool:
    """Whether the results go into a folder: one that is there, or a name without the suffix of a table.

    Examples
    --------
    >>> is_folder(Path("scores")), is_folder(Path("scores.csv"))
    (True, False)
    """
    return out.is_dir() or out.suffix.lower() not in _TABLES


def streamed(
    probs: tuple[Path, ...],
    labels: Path | str | None,
    id: str | None,
    class_names: tuple[str, ...],
    out: Path,
    place: BackendFlags,
    quiet: bool,
) -> api.LabelScores:
    """The scores of all rows, written to the folder."""
    if not probs:
        raise InputError(
            "dechaff labels",
            "have files of probabilities",
            "none",
            "For example: dechaff labels folder/ --out scores/",
        )
    with shown_progress(quiet=quiet) as progress:
        return api.stream_label_errors(
            labels,
            list(probs) if len(probs) > 1 else probs[0],
            out=out,
            class_names=class_names or None,
            ids=id,
            threads=place.threads,
            backend=place.backend,
            address=place.address,
            progress=progress,
        )


def print_streamed(found: api.LabelScores, worst: int, *, as_json: bool, quiet: bool) -> None:
    """The summary; the scores themselves are in the folder."""
    rows = found.worst(worst)
    if as_json:
        print_json(streamed_json(found, rows))
        return
    console = stdout()
    say_whole(console, found_words(found, found.n_flagged), "bold")
    print_worst(console, rows, rows.columns[1:-2])
    if not quiet:
        print_next(_see_more(found))


def _see_more(found: api.LabelScores) -> str:
    folder = json.dumps(str(found.folder), ensure_ascii=False)  # in double quotes, since the shell's are single
    code = f"import dechaff; print(dechaff.labels.LabelScores.open({folder}).worst(50))"
    return f"python -c {shlex.quote(code)}"


def streamed_json(found: api.LabelScores, worst: Any) -> Json:
    """The output of ``--json``."""
    return {
        "rows": len(found),
        "flagged": found.n_flagged,
        "noise_rate": interval_json(found.noise_rate),
        "kind": found.kind,
        "kind_sure": found.kind_sure,
        "files": [str(path) for path in found.paths],
        "worst": rows_json(worst),
    }


def refuse_reviews(reviews: Path | None, sheet: Path | None) -> None:
    """The files of a streamed run stay as they are."""
    if reviews is not None or sheet is not None:
        raise InputError(
            "--reviews and --sheet",
            "be left out if the rows are streamed",
            "one of them, and a folder as --out",
            "Use LabelScores.open(folder).update(reviews) in Python, or a part of the files in memory.",
        )


def refuse_place(place: BackendFlags) -> None:
    """Only a streamed run works on a cluster."""
    if replace(place, threads=None) != BackendFlags():
        raise InputError(
            "--backend and --address",
            "come with a folder as --out, for rows that are streamed",
            "no such folder",
            "Add --out scores/, or leave them out.",
        )
