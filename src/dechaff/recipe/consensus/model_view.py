"""What a model that has learnt the consensus of the other items says of each item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.core.threads import use_threads
from dechaff.data.answer_tables import USUAL_NAMES, AnswerTable
from dechaff.data.classes import Values, is_path
from dechaff.data.columns.names import unknown_column
from dechaff.data.dataset import Dataset
from dechaff.data.label_columns import read_table
from dechaff.data.memory.plain import WIDE
from dechaff.data.memory.source import as_polars
from dechaff.data.open import open_data
from dechaff.errors import DataError
from dechaff.methods.consensus.answer_rows import AnswerRows
from dechaff.methods.consensus.crowd_consensus import crowd_consensus
from dechaff.methods.consensus.held_out_powers import held_out_powers
from dechaff.models.choose import bind_together, candidate_models
from dechaff.models.out_of_fold import each_out_of_fold, stratified_group_folds
from dechaff.recipe.baseline.race import ROWS_FOR_ALL_FOLDS, race
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.recipe.passes.request import AuditSettings
from dechaff.records.options import FileOptions
from dechaff.typing import FitPredict, Json, Probs, Rows

_COPIES = 4
"""Copies of a row that a model learns from, labelled by its probabilities."""


@dataclass(frozen=True)
class ModelView:
    """Out-of-sample probabilities of the items, and the name of the model."""

    probs: Probs
    name: str


@dataclass(frozen=True)
class SoftFit:
    """A model that learns from copies of each row, whose labels are spread as its probabilities are."""

    model: FitPredict
    labels: npt.NDArray[np.int64]
    """(n, c) label of each copy."""

    def __call__(self, fit_rows: Rows, fit_codes: Rows, predict_rows: Rows) -> Probs:
        """As the model, but for the labels, which are its own."""
        copies = self.labels.shape[1]
        return self.model(np.repeat(fit_rows, copies), self.labels[fit_rows].ravel(), predict_rows)


def spread_labels(posterior: Probs, copies: int) -> npt.NDArray[np.int64]:
    """(n, copies) labels at evenly spaced quantiles of each row's probabilities.

    Examples
    --------
    >>> spread_labels(np.array([[0.5, 0.5], [0.9, 0.1]]), 4)
    array([[0, 0, 1, 1],
           [0, 0, 0, 0]])
    """
    quantiles = (np.arange(copies) + 0.5) / copies
    edges = np.cumsum(posterior, axis=1)[:, :-1]
    return np.asarray((quantiles[None, :, None] > edges[:, None, :]).sum(axis=2), dtype=np.int64)


def item_places(frame: pl.DataFrame, item: str, names: Values, *, name: str) -> tuple[pl.DataFrame, Rows]:
    """The frame without the column that names the items, and the row of each item.

    Raises
    ------
    DataError
        If there is no such column, it names an item twice, or an item of the answers is missing.
    """
    known = {one.lower(): one for one in reversed(frame.columns)}
    wanted = [item, *(f"{word}{end}" for word in USUAL_NAMES["item"] for end in ("", "_id"))]
    column = next((known[one.lower()] for one in wanted if one.lower() in known), None)
    if column is None:
        if frame.height == len(names) and name == "probs":
            return frame, np.arange(frame.height)
        raise unknown_column(f"the item column of {name}", item, frame.columns, "--item")
    place = {str(one): row for row, one in enumerate(frame[column].to_list())}
    if len(place) < frame.height:
        found = f"{frame.height - len(place)} repeated names in {column!r}"
        raise DataError(name, "name each item once", found, "Keep one row per item.")
    places = np.array([place.get(str(one), -1) for one in names.tolist()], dtype=np.int64)
    absent = np.flatnonzero(places < 0)
    if len(absent):
        found = f"no row of {names[absent[0]]!s} ({len(absent)} of {len(places)} items)"
        raise DataError(
            name, "have a row for each item of the answers", found, "Add the rows, or leave the answers out."
        )
    return frame.drop(column), places


def model_view(
    source: Any, table: AnswerTable, rows: AnswerRows, *, seed: int, threads: int, files: FileOptions
) -> ModelView:
    """Probabilities of the items by the best of a few models, which learns from the other items' consensus.

    Parameters
    ----------
    source : path or frame with one row per item and a column that names it, or (n, d) array in the order of items.
    table, rows : the answers.

    Source
    ------
    Raykar, Yu, Zhao, Valadez, Florin, Bogoni, Moy (2010), Learning from crowds, JMLR 11: a classifier and the
    consensus of annotators, one after the other. Differs: out of fold, and the model that predicts held-out answers
    best.
    """
    posterior = crowd_consensus(rows).posterior
    best = [str(code) for code in posterior.argmax(axis=1).tolist()]
    classes = [str(code) for code in range(posterior.shape[1])]
    options: Json = {"classes": classes, "exact_labels": True, "seed": seed}
    train = open_data((_rows_of(source, table, files), best), **options).train
    with use_threads(threads):
        return _learnt(train, rows, posterior, AuditSettings(seed=seed, threads=threads))


def _rows_of(source: Any, table: AnswerTable, files: FileOptions) -> Any:
    """The rows of the items in their order; as an array if they are an embedding."""
    if isinstance(source, np.ndarray):
        if len(source) != len(table.item_names):
            found = f"{len(source)} rows for {len(table.item_names)} items"
            raise DataError("data", "have one row per item, in the order of the items", found, "Pass a table with ids.")
        return source
    frame = read_table(source, files) if is_path(source) else as_polars(source)
    columns, places = item_places(frame, table.item_column, table.item_names, name="data")
    rows = columns[places]
    embedding = rows.width > WIDE and all(kind.is_numeric() for kind in rows.dtypes)
    return rows.to_numpy() if embedding else rows


def _learnt(train: Dataset, rows: AnswerRows, posterior: Probs, settings: AuditSettings) -> ModelView:
    """The model, or the mean of all, that predicts held-out answers best."""
    k, threads = posterior.shape[1], settings.threads
    folds = stratified_group_folds(
        train.codes, np.full(len(train), -1, dtype=np.int64), data_hashes(train), seed=settings.seed
    )
    models = candidate_models(train.table, train.features, n_classes=k)
    if len(train) > ROWS_FOR_ALL_FOLDS:
        raced = race(train, models, folds, settings)
        return ModelView(raced.probs, models[raced.winner].name)
    spread = spread_labels(posterior, _COPIES)
    bounds = bind_together(models, train.table, train.features, k, seed=settings.seed)
    runs = each_out_of_fold([SoftFit(one, spread) for one in bounds], train.codes, folds, k, threads=threads)
    views = [ModelView(run, model.name) for run, model in zip(runs, models, strict=True)]
    if len(views) > 1:
        views.append(ModelView(np.mean(runs, axis=0), "mean of all candidates"))
    return min(views, key=lambda view: held_out_powers(rows, view.probs).loss)
