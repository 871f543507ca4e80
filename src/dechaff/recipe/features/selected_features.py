"""The columns of a data set that a model needs: why the others go, how much each matters, and the rows without them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from dechaff.core.progress import silent
from dechaff.core.table import Column
from dechaff.core.threads import use_threads
from dechaff.data.dataset import Dataset, Opened
from dechaff.errors import DataError, LabelsError
from dechaff.estimators.features.creation.creation import Creation
from dechaff.estimators.features.creation.study import CreationStudy
from dechaff.estimators.features.held_out_importance import ColumnImportance, held_out_importance
from dechaff.estimators.features.select_columns import ColumnSelection, select_columns
from dechaff.models.choose import candidate_models
from dechaff.models.model import Model
from dechaff.recipe.explore.labels import given_labels
from dechaff.recipe.features.beside_test_rows import BesideTestRows, beside_test_rows
from dechaff.recipe.features.created_features import created_cells, created_features
from dechaff.records.feature_options import FeatureOptions
from dechaff.typing import Columns

FEWEST = 20
_MOST_REASONS = 3
_KINDS = {"importance": pl.Float64, "low": pl.Float64, "high": pl.Float64, "stability": pl.Float64}


@dataclass(frozen=True)
class SelectedFeatures:
    """What is known of each column of the training rows."""

    rows: Dataset
    found: ColumnSelection
    importances: Mapping[str, ColumnImportance]
    tested: BesideTestRows
    created: CreationStudy | None = None

    @property
    def kept(self) -> tuple[Column, ...]:
        """The columns that stay, in their order."""
        return tuple(one for one in self.rows.table.columns if one.name not in self.found.left_out)

    @property
    def accepted(self) -> tuple[Creation, ...]:
        """The created features that help."""
        return () if self.created is None else self.created.accepted

    @property
    def words(self) -> str:
        """The result in a few sentences."""
        created = "" if self.created is None else self.created.words
        return " ".join(filter(None, (self._chosen, created, self.tested.words)))

    @property
    def _chosen(self) -> str:
        kept, n = len(self.kept), len(self.rows.table.columns)
        if self.found.spared:
            why = " ".join(one.why for one in list(self.found.spared.values())[:_MOST_REASONS])
            return f"No column is fit for a model, so {kept} of {n} columns stay all the same. {why}"
        if self.found.relevance.worse and not self.found.relevance.test.relevant.any():
            return f"{kept} of {n} columns stay. No tested column matters more than chance, so none is called useless."
        if self.found.relevance.worse:
            return f"{kept} of {n} columns stay. Held-out rows are predicted worse without those of no clear relevance."
        return f"{kept} of {n} columns stay."

    def table(self) -> pl.DataFrame:
        """Each column: whether it stays, the code and reason if not, its importance, its stability and its drift."""
        lines: Columns = {name: [] for name in ("column", "kind", "kept", "code", "why", *_KINDS, "with", "drift")}
        for column in self.rows.table.columns:
            left, of = self.found.left_out.get(column.name), self.importances.get(column.name)
            about = None if of is None else of.importance
            cells = (
                column.name,
                column.kind,
                left is None,
                "" if left is None else left.code,
                "" if left is None else left.why,
                None if about is None else about.mean,
                None if about is None else about.low,
                None if about is None else about.high,
                None if of is None else of.stability,
                "" if of is None else ", ".join(of.alike),
                self.tested.drifting.get(column.name, ""),
            )
            for name, cell in zip(lines, cells, strict=True):
                lines[name] = [*lines[name], cell]
        text = dict.fromkeys(("column", "kind", "code", "why", "with", "drift"), pl.String)
        return pl.DataFrame(lines, {name: {**text, **_KINDS, "kept": pl.Boolean}[name] for name in lines})

    def columns(self) -> Columns:
        """The training rows with the columns that stay, as they were written, and with created features."""
        rows = self.rows
        own: Columns = {rows.id_name: rows.ids.tolist()} if rows.id_name else {}
        kept = {one.name: one.raw.tolist() for one in self.kept}
        made = {} if self.created is None else created_cells(self.created, rows.table)
        return {**own, **kept, **made, rows.label_name or "label": given_labels(rows).tolist()}


def selected_features(opened: Opened, options: FeatureOptions, model: Model | None = None) -> SelectedFeatures:
    """The columns that a model needs, chosen on the training rows, and how they differ from those of the test rows.

    With ``create``, also the features made of them that help `model`, by default the simplest for such columns.

    Raises
    ------
    DataError, LabelsError
        If there are no columns, or too few rows or classes.
    """
    train = opened.train
    _check(train)
    k, rate, seed = len(train.class_names), options.false_discovery_rate, options.seed
    with use_threads(options.threads):
        found = select_columns(train.table, train.codes, k, rate=rate, seed=seed)
        fit = train.table.only(found.fit).columns
        importances = held_out_importance(fit, train.codes, rate=rate, seed=seed)
        selected = SelectedFeatures(train, found, importances, beside_test_rows(opened, seed=seed))
        return _with_created(selected, options, model) if options.create else selected


def _with_created(selected: SelectedFeatures, options: FeatureOptions, model: Model | None) -> SelectedFeatures:
    train, names = selected.rows, [one.name for one in selected.kept]
    if model is None:
        model = candidate_models(train.table.only(names), n_classes=len(train.class_names))[0]
    # Features are also made of columns that are useless as they are: the weekday of a date may matter.
    progress = options.progress or silent
    study = created_features(train, names, model, of=selected.found.fit, seed=options.seed, progress=progress)
    return replace(selected, created=study)


def _check(train: Dataset) -> None:
    if train.features is not None or not train.table.columns:
        fix = "Pass a table whose columns have names."
        raise DataError("the data", "have columns to choose from", "features without names", fix)
    known = train.codes[train.codes >= 0]
    if len(known) < FEWEST:
        found = f"{len(known)} rows with labels"
        raise LabelsError("the data", f"have at least {FEWEST} labelled training rows", found, "Label more rows.")
    if (classes := len(np.unique(known))) < 2:
        raise LabelsError("the labels", "name at least two classes", f"{classes}", "Add rows of another class.")
