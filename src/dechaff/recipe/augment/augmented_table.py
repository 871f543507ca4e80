"""The training rows of a data set as a frame whose numbers or text are changed, and the new rows as a table of text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.core.progress import silent
from dechaff.core.table import Column, Table
from dechaff.core.threads import use_threads
from dechaff.data.columns.roles import AUG_OF
from dechaff.data.dataset import Dataset
from dechaff.errors import DataError, LabelsError
from dechaff.estimators.augmentation.augmentation_selector import operations_for
from dechaff.estimators.augmentation.changeable_rows import ChangeableRows, FrameRows
from dechaff.estimators.augmentation.search import Search
from dechaff.estimators.augmentation.study import AugmentationStudy
from dechaff.methods.augmentation.operation import Kind
from dechaff.models.model import Model
from dechaff.models.out_of_fold import stratified_group_folds
from dechaff.recipe.augment.example_rows import cells_as_text, changed_cells, example_rows
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.recipe.explore.labels import given_labels
from dechaff.recipe.outcome.added_rows import child_names
from dechaff.records.augment_options import AugmentOptions
from dechaff.records.augmented import MadeRow
from dechaff.typing import Columns, Groups, Labels, Probs, Rows

FEWEST = 20


@dataclass(frozen=True)
class TextRows:
    """Rows of a data frame of which one column of text is changed."""

    column: str
    kind: Kind = "text"

    def part(self, X: pl.DataFrame) -> npt.NDArray[Any]:
        """The texts."""
        return X[self.column].to_numpy().astype(object)

    def filled(self, X: pl.DataFrame, part: npt.NDArray[Any]) -> pl.DataFrame:
        """The frame with other texts."""
        return X.with_columns(pl.Series(self.column, part.tolist(), dtype=pl.String))

    def joined(self, parts: Any) -> pl.DataFrame:
        """One frame."""
        frame: pl.DataFrame = pl.concat(parts)
        return frame


@dataclass(frozen=True)
class AugmentedData:
    """What was found, and the new rows as cells of text."""

    study: AugmentationStudy
    made: pl.DataFrame | None
    """Features of the new rows; None if no operation was accepted."""
    parents: Rows
    """(m,) positions of their parents among the labelled training rows."""
    rows: Dataset
    """The labelled training rows."""
    examples: Mapping[str, tuple[MadeRow, ...]] = field(default_factory=dict)
    """Words of a candidate -> rows that it changed."""
    max_flip_rate: float = 0.15

    def columns(self) -> Columns:
        """The labelled training rows and the new ones, each with its name, label and `AUG_OF`."""
        rows = self.rows
        of, names = rows.ids.astype(object), given_labels(rows)
        parents, made = self.parents, self.made
        found: Columns = {}
        if rows.id_name:
            found[rows.id_name] = [*of.tolist(), *child_names(of[parents].tolist())]
        for column in rows.table.columns:
            old = column.raw.tolist()
            new = [] if made is None else cells_as_text(column, made[column.name].to_numpy(), parents)
            found[column.name] = [*old, *new]
        found[rows.label_name or "label"] = [*names.tolist(), *names[parents].tolist()]
        found[AUG_OF] = [*of.tolist(), *of[parents].tolist()]
        return found

    def changed_cells(self) -> dict[str, tuple[bool, list[str | None]]]:
        """Column -> whether it has numbers, and the cells of the new rows; None for those that are as in the parent."""
        return {} if self.made is None else changed_cells(self.rows, self.made, self.parents)


def augmented_data(train: Dataset, model: Model, options: AugmentOptions) -> AugmentedData:
    """The operations that suit the columns, searched and tested on the labelled training rows.

    Raises
    ------
    DataError, LabelsError
        If there are images, or too few rows or classes.
    """
    rows = train.take(np.flatnonzero(train.codes >= 0))
    _check(rows)
    form = _form(rows.table)
    if isinstance(form, str):
        return AugmentedData(AugmentationStudy((), None, 0, form), None, np.zeros(0, dtype=np.int64), rows)
    k, hashes = len(rows.class_names), data_hashes(rows)
    frame = pl.DataFrame({one.name: _values(one) for one in rows.table.columns})
    search = Search(
        partial(_fit, model, rows.table, k, options.seed),
        form,
        frame,
        rows.codes,
        k,
        partial(_deal, rows.codes, rows.groups, hashes, options.seed),
        max_flip_rate=options.max_flip_rate,
        repeats=options.repeats,
        copies=options.copies,
        seed=options.seed,
        progress=options.progress or silent,
    )
    with use_threads(options.threads):
        study = search.study(operations_for(form.kind, rows.codes))
    made, parents = None, np.zeros(0, dtype=np.int64)
    if study.accepted is not None:
        made, parents = search.augmented(study.accepted, np.arange(len(rows)), 2**31 - 1)
    return AugmentedData(study, made, parents, rows, example_rows(search, study, rows), options.max_flip_rate)


def _check(rows: Dataset) -> None:
    if rows.features is not None:
        fix = "Leave --features out, or use dechaff.augmentation.AugmentationSelector on the raw rows."
        raise DataError("the data", "be augmented before they are turned into features", "given features", fix)
    if rows.table.of_kind("image"):
        fix = "Load the pixels and use dechaff.augmentation.AugmentationSelector in Python."
        raise DataError("the data", "be a table or texts", "image files", fix)
    found = len(np.unique(rows.codes))
    if found < 2:
        raise LabelsError("the labels", "name at least two classes", f"{found}", "Add rows of another class.")
    if len(rows) < FEWEST:
        found_rows = f"{len(rows)} rows with labels"
        raise LabelsError("the data", f"have at least {FEWEST} labelled training rows", found_rows, "Label more rows.")


def _form(table: Table) -> ChangeableRows | str:
    """Texts are changed if there are any, else numbers."""
    texts = table.of_kind("text")
    if texts:
        return TextRows(max(texts, key=lambda one: sum(map(len, one.values))).name)
    numeric = tuple(one.name for one in table.of_kind("numeric") if not one.missing.all())
    return FrameRows(numeric) if numeric else "there is no column of numbers or text"


def _values(column: Column) -> pl.Series:
    if column.values.dtype.kind == "f":
        return pl.Series(column.name, column.values.astype(np.float64))
    return pl.Series(column.name, column.values.tolist(), dtype=pl.String)


def _table(frame: pl.DataFrame, like: Table) -> Table:
    """The columns of a frame in the kinds of a table."""
    columns = []
    for one in like.columns:
        values = frame[one.name].to_numpy()
        numeric = one.values.dtype.kind == "f"
        values = values.astype(np.float64) if numeric else values.astype(object)
        missing = np.isnan(values) if numeric else values == ""
        raw = np.full(len(values), "", dtype=object) if numeric else values
        columns.append(one.rewritten(values, np.asarray(missing, dtype=np.bool_), raw))
    return Table(tuple(columns), len(frame))


def _fit(model: Model, like: Table, k: int, seed: int, frame: pl.DataFrame, codes: Labels) -> Callable[[Any], Probs]:
    fitted = model.fit(_table(frame, like), None, codes, k, seed=seed)
    return lambda rows: fitted.probs(_table(rows, like))


def _deal(codes: Labels, groups: Groups, hashes: Any, seed: int, number: int) -> Groups:
    return stratified_group_folds(codes, groups, hashes, seed=seed + number)
