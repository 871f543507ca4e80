"""Features made of the columns of a data set that stay: searched, tested, and as columns of text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from dechaff.core.groups import merged_groups
from dechaff.core.progress import Progress, silent
from dechaff.core.table import Table
from dechaff.data.dataset import Dataset
from dechaff.estimators.features.creation.candidates import usual_candidates
from dechaff.estimators.features.creation.learnt import TargetEncoding
from dechaff.estimators.features.creation.search import CreationSearch, LabelledTable
from dechaff.estimators.features.creation.study import CreationStudy, TriedFeature
from dechaff.methods.proof.paired_interval import Interval
from dechaff.models.model import Model
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.recipe.explore.view import View
from dechaff.typing import Columns


def created_features(
    train: Dataset, names: Sequence[str], model: Model, *, of: Sequence[str], seed: int, progress: Progress = silent
) -> CreationStudy:
    """The created features that help a model, found on the labelled training rows.

    Parameters
    ----------
    train : the training rows
    names : the columns that the model reads
    model : has to get better by a feature
    of : the columns of which features are made, those that the model reads among them
    """
    rows = train.take(np.flatnonzero(train.codes >= 0))
    table = rows.table.only(of)
    if table.of_kind("image"):
        return CreationStudy(0, reason="the rows are images")
    # Copies of a row must not stand in both halves; rows that are equal by chance may.
    view = View(rows, None, seed)
    groups = rows.groups if view.natural else merged_groups(rows.groups, view.groups)
    labelled = LabelledTable(table, rows.codes, len(rows.class_names), groups, data_hashes(rows))
    return CreationSearch(model, labelled, tuple(names), seed, progress).study(usual_candidates(table, rows.codes))


def created_cells(study: CreationStudy, table: Table) -> Columns:
    """Name -> cells of the accepted features that do not read labels, for the rows of a table.

    A target encoding in a file would hold the labels of its own rows; it is made by the Pipeline alone.
    """
    found: Columns = {}
    for one in study.accepted:
        if not isinstance(one, TargetEncoding):
            for column in one.fit(table, np.zeros(len(table), dtype=np.int64), 2, seed=0)[1]:
                found[column.name] = column.raw.tolist()
    return found


def tried_table(study: CreationStudy | None) -> pl.DataFrame:
    """Each feature that was tried: what it is made of, whether it is accepted, and the gains of held-out rows."""
    lines: Columns = {name: [] for name in (*_TEXT, "accepted", *_NUMBERS)}
    for one in () if study is None else study.tried:
        for name, cell in zip(lines, _line(one), strict=True):
            lines[name] = [*lines[name], cell]
    kinds = {**dict.fromkeys(_TEXT, pl.String), "accepted": pl.Boolean, **dict.fromkeys(_NUMBERS, pl.Float64)}
    return pl.DataFrame(lines, kinds)


_TEXT = ("feature", "made_of", "why")
_NUMBERS = ("brier", "brier_low", "brier_high", "accuracy", "accuracy_low", "accuracy_high")


def _line(one: TriedFeature) -> tuple[str | bool | float | None, ...]:
    gain = one.gain
    made_of = ", ".join(one.creation.columns)
    numbers = (None,) * len(_NUMBERS) if gain is None else (*_ends(gain.brier), *_ends(gain.accuracy))
    return (one.creation.name, made_of, one.refused, one.accepted, *numbers)


def _ends(interval: Interval) -> tuple[float, float, float]:
    return interval.mean, interval.low, interval.high
