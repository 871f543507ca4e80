"""Learning from reviews where the rows need not fit into memory: the tables are read and written piece by piece.

Probabilities of all rows are not kept there. So of rows without a finding only the label and the score are known, and
no finding is new or gone: their scores and their order change.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import numpy as np
import polars as pl
from scipy.special import expit

from dechaff.api.labels.estimates import ReviewUpdate
from dechaff.api.review.desk import Desk, now
from dechaff.api.review.label_reviews import RunLabels, log_odds_of
from dechaff.api.review.versions import TABLES, put_version, unlearned_scores, versions
from dechaff.core.progress import Progress
from dechaff.methods.label_reviews.review_corrections import JudgedRows
from dechaff.recipe.outcome.findings_writer import write_pieces
from dechaff.records.review import Learned, Version
from dechaff.records.run import one_writer
from dechaff.typing import Score

_LINES = 200_000
"""Lines of a table that are in memory at a time."""


def written_out_of_core(desk: Desk, labels: RunLabels, update: ReviewUpdate, progress: Progress) -> Learned:
    """A new version of the scores of all rows, and of the findings with them; the old ones are kept beside it."""
    run, known = desk.run, versions(desk)
    places, found = desk.index.place, np.full(len(labels), np.nan)
    before = unlearned_scores(desk)

    def scores(lines: pl.DataFrame, start: int) -> pl.DataFrame:
        score = _rescored(lines, start, labels, update)
        mine = slice(*np.searchsorted(labels.places, [start, start + len(lines)]))
        found[mine] = score[labels.places[mine] - start]
        return lines.with_columns(pl.Series("L001", score))

    def findings(lines: pl.DataFrame, start: int) -> pl.DataFrame:
        place, score = places[start : start + len(lines)], lines["score"].to_numpy().copy()
        about = np.flatnonzero((lines["code"] == "L001").to_numpy() & (place >= 0))
        score[about] = found[np.searchsorted(labels.places, place[about])]
        return lines.with_columns(pl.Series("score", score))

    with one_writer(run.folder), TemporaryDirectory(dir=run.folder, prefix=".learn-") as work:
        made = {TABLES[1]: _in_pieces(before, scores, Path(work) / "scores", progress)}
        made[TABLES[0]] = _in_pieces(run.folder / TABLES[0], findings, Path(work) / "findings", progress)
        version = Version(len(known), now(), "scores", update.reviews, known[-1].findings, 0, 0)
        put_version(run, known, version, {name: _copy_of(path) for name, path in made.items()})
    run.forget()
    return Learned(version, (), ())


def _rescored(lines: pl.DataFrame, start: int, labels: RunLabels, update: ReviewUpdate) -> Score:
    """The scores of neighbouring rows after the reviews; those of noisy slices and missing labels stay."""
    old, code_of = lines["L001"].to_numpy(), {name: code for code, name in enumerate(labels.classes)}
    given = np.array([code_of.get(name, -1) for name in lines["given"].to_list()], dtype=np.int64)
    suggested = np.full(len(lines), len(labels.classes), dtype=np.int64)  # no class: what it would be is not known
    mine = slice(*np.searchsorted(labels.places, [start, start + len(lines)]))
    suggested[labels.places[mine] - start] = labels.base.suggested[mine]
    judged = JudgedRows(log_odds_of(old), np.maximum(given, 0), suggested, np.zeros((len(lines), 2)))
    stays = given < 0
    if "L002_flag" in lines.columns:
        stays = stays | lines["L002_flag"].to_numpy()
    return np.asarray(np.where(stays, old, expit(update.scores.log_odds(judged))))


def _in_pieces(
    table: Path, change: Callable[[pl.DataFrame, int], pl.DataFrame], work: Path, progress: Progress
) -> Path:
    """A table with the same columns, some lines of it in memory at a time."""
    work.mkdir()
    lines, pieces = pl.scan_parquet(table), list[Path]()
    schema, n = lines.collect_schema(), int(lines.select(pl.len()).collect().item())
    for start in range(0, n, _LINES):
        progress(f"new {work.name}", start, n)
        pieces.append(work / f"{len(pieces):05d}.parquet")
        change(lines.slice(start, _LINES).collect(), start).write_parquet(pieces[-1], compression="zstd")
    whole = work.with_suffix(".parquet")
    write_pieces(pieces, whole, schema)
    shutil.rmtree(work)
    return whole


def _copy_of(path: Path) -> Callable[[BinaryIO], None]:
    def content(stream: BinaryIO) -> None:
        with path.open("rb") as file:
            shutil.copyfileobj(file, stream)

    return content
