"""S001: parts of the data, in words, in which the model is wrong although the labels look right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dechaff.core.table import Table
from dechaff.core.words import counted, listed, percent
from dechaff.data.dataset import Dataset
from dechaff.methods.failing_slices.feature_clusters import feature_clusters
from dechaff.methods.failing_slices.find_failing_slices import FailingSlice, find_failing_slices
from dechaff.methods.noisy_slices.condition import Condition, Conditions, join
from dechaff.methods.noisy_slices.find_noisy_slices import smallest_slice
from dechaff.methods.noisy_slices.table_conditions import table_conditions
from dechaff.models.model import EncodedBound
from dechaff.recipe.baseline.baseline import Baseline
from dechaff.recipe.explore.explore import STOPPED
from dechaff.recipe.explore.near import EMBEDDED
from dechaff.recipe.improve.mislabelled import Mislabelled
from dechaff.records.failing import FailingPart
from dechaff.records.findings import Detection, Finding
from dechaff.typing import Features, Groups, Labels, Numbers, Probs, Rows

CODE = "S001"
_LARGEST = 0.5
_SHOWN = 5
"""Rows of each part that are shown."""


@dataclass(frozen=True)
class Failing:
    """The parts in which a model fails, and the conditions that name them.

    ``trusted_errors`` (n,) is how sure each row is to be an error of the model, rather than of the label.
    """

    found: tuple[FailingSlice, ...]
    conditions: Conditions
    trusted_errors: Numbers

    def words(self, one: FailingSlice) -> str:
        """The condition of a part."""
        return " and ".join(self.conditions.items[at].words for at in one.conditions)

    def columns(self, one: FailingSlice) -> tuple[str, ...]:
        """The columns that the condition of a part is about."""
        return tuple(dict.fromkeys(name for at in one.conditions for name in self.conditions.items[at].columns))

    def examples(self, one: FailingSlice) -> Rows:
        """Some rows of a part on which the model is wrong, those with the surest labels first."""
        order = np.argsort(-self.trusted_errors[one.rows], kind="stable")[:_SHOWN]
        return one.rows[order][self.trusted_errors[one.rows][order] > 0]

    def part(self, number: int, one: FailingSlice, condition: str, examples: Sequence[str]) -> FailingPart:
        """The figures of a part, with its condition and the names of some rows."""
        figures = ("error_rate", "low", "high", "error_outside", "expected", "p_value")
        return FailingPart(
            id=f"failing-{number}",
            condition=condition,
            rows=len(one.rows),
            examples=tuple(examples),
            **{name: getattr(one, name) for name in figures},
        )


def failing_parts(
    table: Table, features: Features | None, labels: Labels, probs: Probs, *, doubt: Numbers, halves: Groups, seed: int
) -> Failing:
    """Where a model fails, by conditions on columns and clusters of features.

    Parameters
    ----------
    table : n rows
    features : (n, d), or None; many features are clustered, few are columns
    labels, probs, doubt, halves : as for :func:`find_failing_slices`
    seed : of the clusters
    """
    n_rows = int((halves >= 0).sum())
    limits = {"smallest": smallest_slice(n_rows), "largest": max(int(_LARGEST * n_rows), 1)}
    parts = [table_conditions(table, **limits)]
    if features is not None and features.shape[1] < EMBEDDED:
        parts.append(table_conditions(Table.of_numbers(features), **limits))
    elif features is not None:
        clusters = feature_clusters(features, **limits, seed=seed)
        parts.append(Conditions(tuple(_likeness(rows) for rows in clusters.nearest), clusters.holds))
    conditions = join(parts, len(labels))
    found = find_failing_slices(
        labels, probs, conditions.holds, doubt=doubt, halves=halves,
        incidental=np.array([one.incidental for one in conditions.items], dtype=bool), smallest=limits["smallest"],
    )  # fmt: skip
    wrong = (probs.argmax(axis=1) != labels) & (halves >= 0)
    return Failing(found, conditions, np.where(wrong, (1 - doubt) * probs.max(axis=1), 0.0))


def _likeness(rows: Rows) -> Condition:
    """A cluster, named by positions until the names of the rows are known."""
    return Condition(" ".join(map(str, rows.tolist())), (), incidental=False)


def _named(condition: Condition, train: Dataset) -> Condition:
    if condition.columns:
        return condition
    rows = [str(train.ids[int(at)]) for at in condition.words.split()]
    return Condition(f"the row is like {train.id_name or 'rows'} {listed(rows)}", (), incidental=False)


def find_failing(
    train: Dataset, base: Baseline, judged: Mislabelled, *, seed: int
) -> tuple[Detection, tuple[FailingPart, ...]]:
    """S001 of an audit: one finding per part, and one for some rows of each; the figures for the report.

    A part whose labels are doubted is one of L001 or L002. The rows of noisy slices are left out, and errors on rows
    count by how probable it is that their label is right. A search that fails, or that Ctrl-C stops, finds nothing.
    """
    try:
        return _found(train, base, judged, seed)
    except KeyboardInterrupt:
        return Detection(CODE, not_run=STOPPED), ()
    except Exception as error:  # the rest of the audit stands, and the reason goes into the report
        return Detection(CODE, not_run=f"{type(error).__name__}: {error}"), ()


def _found(train: Dataset, base: Baseline, judged: Mislabelled, seed: int) -> tuple[Detection, tuple[FailingPart, ...]]:
    counted_rows = np.zeros(len(train), dtype=bool)
    counted_rows[judged.rows] = True
    halves = np.where(counted_rows, base.folds % 2, -1).astype(np.int64)
    features = _features(train, base)
    if features is None and not train.table.columns:
        return Detection(CODE, not_run="only probabilities were given, no columns that conditions could be about"), ()
    found = failing_parts(
        train.table, features, train.codes, base.probs, doubt=_doubt(train, base, judged), halves=halves, seed=seed
    )
    named = Conditions(tuple(_named(one, train) for one in found.conditions.items), found.conditions.holds)
    found = Failing(found.found, named, found.trusted_errors)
    findings, parts = list[Finding](), list[FailingPart]()
    for number, one in enumerate(found.found, start=1):
        names = [str(train.ids[row]) for row in found.examples(one).tolist()]
        part = found.part(number, one, found.words(one), names)
        parts.append(part)
        findings += _findings(part, one, found, train, base.probs)
    return Detection(CODE, tuple(findings)), tuple(parts)


def _features(train: Dataset, base: Baseline) -> Any:
    """Given features, or what the model sees of images."""
    if train.features is not None:
        return train.features
    bound = base.fit_predict
    return bound.matrix if train.table.of_kind("image") and isinstance(bound, EncodedBound) else None


def _doubt(train: Dataset, base: Baseline, judged: Mislabelled) -> Numbers:
    """(n,) probability that each label is wrong; where probabilities were given, a model that was trained here says so.

    Given probabilities that are wrong about a part of the data would make its labels look wrong.
    """
    doubt = np.zeros(len(train))
    doubt[judged.rows] = judged.errors.score
    if base.own is None:
        return doubt
    own = 1 - base.own[np.arange(len(train)), np.maximum(train.codes, 0)]
    return np.minimum(doubt, own)


def _findings(part: FailingPart, one: FailingSlice, found: Failing, train: Dataset, probs: Probs) -> list[Finding]:
    """The finding of a part, and of some of its rows."""
    names, words = train.class_names, part.condition
    above = one.error_rate - max(one.expected, one.error_outside)
    why = (
        f"If {words} ({counted(part.rows, 'row')}, {percent(part.rows / len(train))} of the data), the model is wrong "
        f"about {percent(one.error_rate)} of the rows (95 % interval {percent(one.low)} to {percent(one.high)}), and "
        f"about {percent(one.error_outside)} of the others. Its confidence announces {percent(one.expected)} there. "
        "The labels do not look wrong."
    )
    fix = f"Collect and label more rows of this part: {words}. Until then, do not rely on the model there."
    whole = Finding(CODE, min(1.0, above), why, fix, group=part.id, field=", ".join(found.columns(one)))
    return [whole] + [
        Finding(
            CODE,
            min(1.0, above) * float(found.trusted_errors[row]),
            f"{words}: the model predicts '{names[int(probs[row].argmax())]}' with "
            f"{percent(float(probs[row].max()))}, and the label '{names[train.codes[row]]}' looks right.",
            "Collect and label more rows like this one.",
            row=row,
            group=part.id,
            field=train.label_name,
            given=names[train.codes[row]],
        )
        for row in found.examples(one).tolist()
    ]
