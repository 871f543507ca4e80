"""O001: rows unlike all others, and the cells that make them so, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from dechaff.core.false_discoveries import discovery_cut, discovery_cut_of
from dechaff.core.fold import RowMap
from dechaff.core.table import Column, Table
from dechaff.core.words import counted, numbers_in_words, percent
from dechaff.data.dataset import Dataset
from dechaff.methods.outliers.neighbour_distance import content_folds, reference_rows
from dechaff.methods.outliers.odd_cells import Compared, OddCell
from dechaff.methods.outliers.odd_rows import OddRows, odd_rows
from dechaff.methods.outliers.scaled_columns import ScaledColumns
from dechaff.models.word_topics import WordTopics
from dechaff.recipe.explore.near import EMBEDDED
from dechaff.recipe.explore.view import View, joined_text, label_of, row_name
from dechaff.records.findings import Detection, Finding
from dechaff.typing import Chunk, Features, Mask, Numbers, Score

FALSE_DISCOVERY_RATE = 0.05
"""Of the flagged rows at most this fraction is expected to be ordinary."""
_REPEATED = 0.1
"""If values of a column repeat so often that fewer of them differ, the columns are measurements or counts."""
_LOOKED_AT = 1_000
"""Rows in which that is counted."""
_FITTED = 5_000
"""Rows that say what is ordinary in an audit: some of all rows, chosen by their content."""
Encode = Callable[[Table, Features | None], Chunk]


@dataclass(frozen=True)
class OutlierRule:
    """What is ordinary in some rows, by which any row of the same columns is judged.

    ``encode`` makes the numbers that are compared; ``compared`` explains rows by their columns, if there are some.
    """

    odd: OddRows
    encode: Encode
    compared: Compared | None
    seed: int

    @classmethod
    def of(
        cls, table: Table, features: Features | None = None, *, seed: int, more: Sequence[RowMap] = (), **also: Any
    ) -> OutlierRule | None:
        """What is ordinary in these rows; None if there is nothing that can be compared.

        Parameters
        ----------
        table, features : the columns, or the embedding that stands for them.
        seed : decides which rows others are compared with.
        more, **also : further measures, and the columns (n, …) that they read.
        """
        found = _encoder(table, features, seed)
        if found is None and not more:
            return None
        encode, scaled = found or (_nothing, None)
        chunk = {**encode(table, features), **also}
        compared = None
        if scaled is not None:
            shown = Table.of_numbers(features) if features is not None else table
            compared = Compared(scaled, shown.take(reference_rows(chunk, seed=seed)))
        return cls(odd_rows(chunk, seed=seed, more=more), encode, compared, seed)

    def p_values(self, table: Table, features: Features | None = None, **also: Any) -> Numbers:
        """(n,) the chance of each row to be as odd as it is, if it is ordinary."""
        return self.odd.rows(self._chunk(table, features, also))

    def scores(self, data: Dataset) -> Score:
        """(n,) float in [0, 1], see `outlier_score`."""
        return outlier_score(self.p_values(data.table, data.features))

    def surprise(self, table: Table, features: Features | None = None) -> Numbers:
        """(n,) how odd each row is; higher = more."""
        return self.odd.surprise(self._chunk(table, features, {}))

    def _chunk(self, table: Table, features: Features | None, also: Chunk) -> Chunk:
        chunk = {**self.encode(table, features), **also}
        return {**chunk, "fold": content_folds(chunk, seed=self.seed)}

    def reasons(self, table: Table, features: Features | None = None) -> list[str]:
        """Why each of these rows is odd, in a sentence."""
        return [why for why, _ in self.named(table, features)]

    def named(self, table: Table, features: Features | None = None) -> list[tuple[str, str]]:
        """The same with the column that matters most; empty if none does."""
        if self.compared is None:
            return [(_AS_A_WHOLE, "")] * len(table)
        shown = Table.of_numbers(features) if features is not None else table
        return [
            (_sentence(shown, row, cells), cells[0].column if cells else "")
            for row, cells in enumerate(self.compared.odd_cells(shown))
        ]


def outliers(view: View) -> Detection:
    """O001: rows that are unlike all others, with the columns and values that make them so."""
    train, names = view.train, [column.name for column in view.compared]
    rule = rule_of(train, names, seed=view.seed)
    if rule is None and (reason := why_not_compared(train)):
        return Detection("O001", not_run=reason)
    score = np.zeros(len(train)) if rule is None else rule.scores(train)
    flag = score >= flagged_from(len(score), lambda least: int((score >= least).sum()))
    rows = np.flatnonzero(flag)
    findings = () if rule is None else outlier_findings(rule, train.take(rows), score[rows], rows.tolist())
    return Detection("O001", findings, score, flag)


def why_not_compared(data: Dataset) -> str:
    """Why rows without anything to compare may have outliers that are not found; empty if they have none."""
    return "images are compared by features, and none were passed" if data.table.of_kind("image") else ""


def rule_of(data: Dataset, names: Sequence[str], *, seed: int) -> OutlierRule | None:
    """What is ordinary in a data set whose rows stand in the order of their content, by some of its columns."""
    step = -(-len(data) // _FITTED)
    some = data.take(np.arange(0, len(data), max(step, 1)))
    return OutlierRule.of(some.table.only(names), some.features, seed=seed)


def flagged_from(n_rows: int, n_above: Callable[[float], int]) -> float:
    """The score from which on rows are too rare for chance; `n_above` counts the rows of at least some score."""

    def n_at_most(p_value: float) -> int:
        return n_above(_score_of(p_value))

    return _score_of(discovery_cut(n_rows, n_at_most, rate=FALSE_DISCOVERY_RATE))


def _score_of(p_value: float) -> float:
    return float(outlier_score(np.array([p_value]))[0]) if p_value else np.inf


def outlier_findings(rule: OutlierRule, data: Dataset, scores: Score, rows: Sequence[int]) -> tuple[Finding, ...]:
    """Findings about odd rows.

    Parameters
    ----------
    rule : what is ordinary.
    data, scores : the odd rows alone, and how odd each is.
    rows : their numbers, by which findings name them.
    """
    found = []
    for at, (row, (why, field)) in enumerate(zip(rows, rule.named(data.table, data.features), strict=True)):
        fix = f"Does {row_name(data, at)} belong to the data? If not, correct its values or drop it."
        found.append(Finding("O001", float(scores[at]), why, fix, row, field=field, given=label_of(data, at)))
    return tuple(found)


def outlier_score(p_values: Numbers) -> Score:
    """(n,) float in [0, 1]: half for the oddest tenth of ordinary rows, two thirds for the oddest hundredth, and so on.

    Examples
    --------
    >>> outlier_score(np.array([1.0, 0.1, 0.01, 1e-9])).round(2)
    array([0.  , 0.5 , 0.67, 0.9 ])
    """
    surprise = np.abs(np.log10(p_values))
    return np.asarray(surprise / (1 + surprise))


def flagged(p_values: Numbers, *, rate: float = FALSE_DISCOVERY_RATE) -> Mask:
    """(n,) the rows that are too rare for chance, at this false discovery rate."""
    return np.asarray(p_values <= discovery_cut_of(p_values, rate=rate))


def is_embedding(features: Features) -> bool:
    """Whether rows of numbers are coordinates of a learnt space: many columns, whose values hardly repeat."""
    some = features[:_LOOKED_AT]
    if features.shape[1] < EMBEDDED or len(some) < 2:
        return False
    different = [len(np.unique(column)) for column in some.T]
    return bool(np.median(different) >= _REPEATED * len(some))


def _encoder(table: Table, features: Features | None, seed: int) -> tuple[Encode, ScaledColumns | None] | None:
    if features is not None:
        if is_embedding(features) and np.isfinite(features).all():
            return _vectors, None
        scaled = ScaledColumns.of(Table.of_numbers(features))
        return partial(_scaled_features, scaled), scaled
    if table.columns and len(table.of_kind("numeric")) == len(table.columns) >= EMBEDDED:
        matrix = _stacked(table, None)["vectors"]
        if is_embedding(matrix) and np.isfinite(matrix).all():
            return _stacked, None
    scaled = ScaledColumns.of(table)
    if scaled.names:
        return partial(_scaled_columns, scaled), scaled
    texts = joined_text(table, table.columns)
    return None if texts is None else (partial(_topics, WordTopics.of(texts, seed=seed)), None)


def _vectors(table: Table, features: Features | None) -> Chunk:
    return {"vectors": np.asarray(features, dtype=np.float64)}


def _stacked(table: Table, features: Features | None) -> Chunk:
    return {"vectors": np.column_stack([column.values for column in table.columns])}


def _nothing(table: Table, features: Features | None) -> Chunk:
    return {}


def _scaled_columns(scaled: ScaledColumns, table: Table, features: Features | None) -> Chunk:
    return scaled.chunk(table)


def _scaled_features(scaled: ScaledColumns, table: Table, features: Features | None) -> Chunk:
    return scaled.chunk(Table.of_numbers(np.asarray(features)))


def _topics(topics: WordTopics, table: Table, features: Features | None) -> Chunk:
    texts = joined_text(table, table.columns)
    assert texts is not None
    return {"vectors": topics.rows(texts)}


_AS_A_WHOLE = "No single column makes this row odd; it was compared as a whole."


def _sentence(table: Table, row: int, cells: Sequence[OddCell]) -> str:
    """Names the columns and values; each clause says what the value is compared with."""
    clauses = [_clause(table, table[cell.column], row, cell) for cell in cells]
    return f"{'; '.join(clauses)}." if clauses else _AS_A_WHOLE


def _clause(table: Table, column: Column, row: int, cell: OddCell) -> str:
    alike = f"the {counted(cell.rows, 'row')} most like it otherwise"
    if column.missing[row]:
        return f"{column.name} is missing, as in {percent(cell.share)} of the rows"
    if column.kind == "categorical":
        of = alike if cell.among else "the rows"
        return f"{column.name} is '{_short(column.values[row])}', as in {percent(cell.share)} of {of}"
    value, low, high = numbers_in_words(
        (float(column.values[row]), cell.low, cell.high), dates=column.kind == "datetime"
    )
    usual = f"{column.name} is {value} where 90 % lie in {low}–{high}"
    if cell.among == "alike":
        return f"{usual} among {alike}"
    return f"{usual} with {cell.among} = {_short(table[cell.among].values[row])}" if cell.among else usual


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
