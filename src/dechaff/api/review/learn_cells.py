"""Wrong cells found anew from the decisions about some of them; every version is kept, and no decision is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from msgspec import structs

from dechaff.api.reading import source_of
from dechaff.api.review.desk import Desk, now
from dechaff.api.review.learn import last_number, learned_of
from dechaff.api.review.versions import TABLES, recounted, versions, write_version
from dechaff.api.reviewed_cells import text_of
from dechaff.core.progress import Progress
from dechaff.core.words import counted
from dechaff.data.dataset import Dataset, Opened
from dechaff.errors import InputError
from dechaff.methods.cells.cell_columns import CellColumns
from dechaff.methods.cells.reviewed_sources import Truths
from dechaff.recipe.explore.cell_errors import cell_columns
from dechaff.recipe.explore.cell_rules import rules_as_json
from dechaff.recipe.explore.cells import cell_detection, cell_findings
from dechaff.recipe.explore.content_hashes import in_content_order
from dechaff.recipe.explore.learned_cells import learn_cells
from dechaff.recipe.explore.wrong_cells import wrong_cells
from dechaff.records.decision_log import read_events
from dechaff.records.decisions import standing_events
from dechaff.records.findings import FINDINGS_SCHEMA, Detection, Finding
from dechaff.records.metrics import Metrics
from dechaff.records.review import Learned, Version
from dechaff.records.run import CELL_RULES, parquet_bytes
from dechaff.records.wrong_cells import WrongCells

_CODE = "C001"

CellReviews = dict[tuple[str, str], str | None]
"""Row key and column -> the right text of the cell; None if the given one is right."""


def cell_reviews(desk: Desk) -> CellReviews:
    """What reviewers decided about single cells: which are right, and what others should be."""
    found: CellReviews = {}
    for key, events in standing_events(read_events(desk.run.decisions_path, by_reviewers=True)).items():
        for event in events:
            if event.source == "rule" or event.unseen or not event.field:
                continue
            if event.action == "edit":
                found[key, event.field] = event.new
            elif event.action == "keep" and event.code == _CODE:
                found[key, event.field] = None
    return found


def learn_cells_of_run(desk: Desk, reviews: CellReviews, progress: Progress) -> Learned:
    """A new version of the findings about cells, of their scores, and of the rules that ``dechaff check`` applies."""
    _refuse_sample(desk)
    progress("cells from the reviews", 0, 1)
    data = desk.data if desk.data is not None else source_of(desk.run, desk.source)
    train = in_content_order(Opened(data, None)).train
    columns = cell_columns(train.table.columns)
    found = learn_cells(columns, truths := _truths(train, columns, reviews))
    findings = cell_findings(train, found)
    learned = _written(
        desk,
        _merged(desk, train, findings, reviews),
        _Facts(
            _scores(desk, train, cell_detection(findings, len(train))),
            wrong_cells(train.table.columns, found),
            rules_as_json(found.rules, train),
            len(truths),
        ),
    )
    progress("cells from the reviews", 1, 1)
    return learned


def _refuse_sample(desk: Desk) -> None:
    sample = desk.run.metrics.sample
    if sample is not None:
        found, fix = f"{sample.of:,} rows out of core", "Apply the decisions and audit the improved file."
        raise InputError("the run", "be one in memory to learn from reviews of cells", found, fix)
    if _CODE not in pl.scan_parquet(desk.run.scores_path).collect_schema():
        found, fix = "a run without C001", "Audit again without --skip C001."
        raise InputError("the run", "have looked for bad cells to learn from reviews of cells", found, fix)


def _truths(train: Dataset, columns: CellColumns, reviews: CellReviews) -> Truths:
    at = {key: row for row, key in enumerate(train.keys.tolist())}
    found = {}
    for (key, name), value in reviews.items():
        if key in at and name in columns:
            given = columns[name].cell(at[key])
            found[at[key], name] = given if value is None else text_of(value, given)
    return found


@dataclass(frozen=True)
class _Merged:
    """All findings; those about cells among them, those of these that are new, and those that are gone."""

    whole: pl.DataFrame
    cells: pl.DataFrame
    new: pl.DataFrame
    gone: pl.DataFrame


@dataclass(frozen=True)
class _Facts:
    """The table of scores, what the report shows, the rules, and the number of reviews."""

    scores: pl.DataFrame
    cells: tuple[WrongCells, ...]
    rules: str
    reviews: int


def _merged(desk: Desk, train: Dataset, findings: Sequence[Finding], reviews: CellReviews) -> _Merged:
    """Findings with a decision stay as they are; of the others those that hold, with their ids, and new ones."""
    table = pl.read_parquet(desk.run.folder / TABLES[0])
    mine = table.filter((pl.col("code") == _CODE) & (pl.col("row").fill_null("") != ""))
    key_of = dict(zip(train.ids.astype(str).tolist(), train.keys.tolist(), strict=True))
    decided = [(key_of.get(row, ""), name) in reviews for row, name in mine.select("row", "field").rows()]
    kept, open_ = mine.filter(pl.Series(decided, dtype=pl.Boolean)), mine.filter(~pl.Series(decided, dtype=pl.Boolean))
    ids = dict(zip(open_.select("row", "field").rows(), open_["finding_id"].to_list(), strict=True))
    number, lines = last_number(desk.run.folder, mine, _CODE), []
    for one in findings:
        assert one.row is not None
        cell = str(train.ids[one.row]), one.field
        if (str(train.keys[one.row]), one.field) in reviews:
            continue
        if cell not in ids:
            number += 1
        name = ids.get(cell, f"{_CODE}-{number:06d}")
        said = (one.group, one.field, float(one.score), one.given, one.suggested, one.why, one.fix)
        lines.append((name, _CODE, cell[0], *said))
    found = pl.DataFrame(lines, schema=FINDINGS_SCHEMA, orient="row")
    cells = pl.concat([kept, found]).sort("score", descending=True, maintain_order=True)
    there = set(found["finding_id"].to_list())
    others = table.filter(~pl.col("finding_id").is_in(mine["finding_id"].to_list()))
    return _Merged(
        _in_their_place(others, cells, list(dict.fromkeys(table["code"].to_list()))),
        cells,
        found.filter(~pl.col("finding_id").is_in(list(ids.values()))),
        open_.filter(~pl.col("finding_id").is_in(list(there))),
    )


def _in_their_place(others: pl.DataFrame, cells: pl.DataFrame, codes: Sequence[str]) -> pl.DataFrame:
    """All findings, code by code in the order in which the codes came before."""
    order = codes if _CODE in codes else [*codes, _CODE]
    return pl.concat(
        [
            part
            for code in order
            for part in (others.filter(pl.col("code") == code), *([cells] if code == _CODE else []))
        ]
    )


def _scores(desk: Desk, train: Dataset, found: Detection) -> pl.DataFrame:
    scores = pl.read_parquet(desk.run.scores_path)
    assert found.score is not None
    assert found.flag is not None
    at = {key: row for row, key in enumerate(train.keys.tolist())}
    rows = np.array([at[key] for key in scores["key"].to_list()], dtype=np.int64)
    return scores.with_columns(pl.Series(_CODE, found.score[rows]), pl.Series(f"{_CODE}_flag", found.flag[rows]))


def _written(desk: Desk, merged: _Merged, facts: _Facts) -> Learned:
    """The new version; the old one is kept beside it."""
    run, known = desk.run, versions(desk)
    counts = (known[-1].findings, len(merged.new), len(merged.gone))
    version = Version(len(known), now(), "cells", facts.reviews, *counts)
    tables = {TABLES[0]: parquet_bytes(merged.whole), TABLES[1]: parquet_bytes(facts.scores)}

    def figures(before: Metrics) -> Metrics:
        return structs.replace(recounted(before, _CODE, len(merged.cells)), cells=facts.cells)

    write_version(run, known, version, {**tables, CELL_RULES: facts.rules.encode()}, figures)
    words = f"Wrong cells were found anew from reviews of {counted(facts.reviews, 'cell')}."
    return learned_of(desk, version, merged.new, merged.gone, (words,))
