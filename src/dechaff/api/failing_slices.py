"""``find_failing_slices``: in which parts of the data a model is wrong although the labels look right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.api.labels.names import RowNames
from dechaff.api.outliers import Given, read_features
from dechaff.checks import check_probs, check_same_length
from dechaff.core.folds import random_keys
from dechaff.core.words import listed
from dechaff.data.classes import column_names, column_values, encode_classes
from dechaff.errors import InputError
from dechaff.methods.failing_slices.find_failing_slices import FailingSlice
from dechaff.recipe.explore.content_hashes import comparable_cells, first_hashes
from dechaff.recipe.improve.failing import Failing, failing_parts
from dechaff.records.failing import FailingPart
from dechaff.typing import Groups, Labels, Numbers, Probs


@dataclass(frozen=True)
class FailingSlices:
    """The parts in which a model fails, those with most additional errors first.

    Examples
    --------
    See `find_failing_slices`, which returns one.
    """

    parts: tuple[FailingPart, ...]
    """Condition in words, rows, error rate inside with its interval, error rate outside, and names of some rows."""
    masks: npt.NDArray[np.bool_] = field(repr=False)
    """(parts, n) the rows of each part, in the caller's order."""

    def __len__(self) -> int:
        return len(self.parts)


def find_failing_slices(
    features: Any, labels: Any, probs: npt.ArrayLike, *, label_scores: Any = None, ids: Any = None, seed: int = 0
) -> FailingSlices:
    """The parts of the data, in words, in which a model is wrong more often than elsewhere.

    Parameters
    ----------
    features : table, (n, d) numbers, embedding, or texts
        Conditions are about its columns; the rows of an embedding are clustered.
    labels : (n,) classes
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities of the model, such as of cross-validation or for test rows.
    label_scores : (n,) float in [0, 1]
        Probability that each label is wrong, by another model; errors on such rows count less. Without, every label is
        taken to be right.
    ids : (n,) names of the rows, default the index of a pandas frame, else the position.
    seed : of the halves in which slices are searched and tested, and of the clusters

    Returns
    -------
    FailingSlices
        Empty if the model fails equally often everywhere.

    Raises
    ------
    InputError
        If lengths differ, a label has no column in `probs`, or `label_scores` are no probabilities.

    Source
    ------
    See ``methods.failing_slices.find_failing_slices``.

    Examples
    --------
    >>> import numpy as np
    >>> from dechaff.metrics import find_failing_slices
    >>> rng = np.random.default_rng(0)
    >>> city, label = rng.choice(["Bern", "Chur", "Thun"], 900), rng.integers(0, 2, 900)
    >>> said = np.where((city == "Chur") & (rng.random(900) < 0.5), 1 - label, label)
    >>> found = find_failing_slices({"city": city}, label, np.eye(2)[said] * 0.8 + 0.1)
    >>> [part.condition for part in found.parts]
    ["city is 'Chur'"]
    """
    chances, rows, given = check_probs(probs), read_features(features), column_values(labels)
    check_same_length(features=np.arange(len(rows.table)), labels=given, probs=chances)
    codes = encode_classes(given, chances.shape[1], column_names(probs))[1]
    names = RowNames.of(len(codes), features, ids=ids)
    found = failing_parts(
        rows.table, rows.features, codes, chances,
        doubt=_doubt(label_scores, len(codes)), halves=_halves(rows, codes, chances, seed), seed=seed,
    )  # fmt: skip
    masks = np.zeros((len(found.found), len(codes)), dtype=bool)
    for number, one in enumerate(found.found):
        masks[number, one.rows] = True
    return FailingSlices(tuple(_part(number, one, found, names) for number, one in enumerate(found.found, 1)), masks)


def _doubt(scores: Any, n_rows: int) -> Numbers:
    if scores is None:
        return np.zeros(n_rows)
    doubt = np.asarray(scores, dtype=np.float64)
    wrong = np.flatnonzero(~((doubt >= 0) & (doubt <= 1))) if doubt.shape == (n_rows,) else np.zeros(1, dtype=int)
    if len(wrong):
        value = f"{doubt[wrong[0]]} in row {wrong[0]}" if doubt.ndim == 1 and len(doubt) == n_rows else doubt.shape
        raise InputError(
            "label_scores", f"be {n_rows} probabilities from 0 to 1", str(value), "Pass the score of find_label_errors."
        )
    return doubt


def _halves(rows: Given, labels: Labels, probs: Probs, seed: int) -> Groups:
    """Every second row in an order by content, label and probabilities, so that the order of the rows does not matter.

    Rows that are equal in all of these are interchangeable, and are dealt to both halves.
    """
    cells = [comparable_cells(column) for column in rows.table.columns]
    cells += [] if rows.features is None else [np.ascontiguousarray(column) for column in rows.features.T]
    cells += [labels.astype(np.float64), *np.ascontiguousarray(probs.T)]
    keys = random_keys(first_hashes(cells, len(rows.table)), seed)
    halves = np.empty(len(keys), dtype=np.int64)
    halves[np.argsort(keys, kind="stable")] = np.arange(len(keys)) % 2
    return halves


def _part(number: int, one: FailingSlice, found: Failing, names: RowNames) -> FailingPart:
    condition = " and ".join(_words(found, at, names) for at in one.conditions)
    return found.part(number, one, condition, [str(name) for name in names.named(found.examples(one))])


def _words(found: Failing, at: int, names: RowNames) -> str:
    condition = found.conditions.items[at]
    if condition.columns:
        return condition.words
    nearest = names.named(np.array(condition.words.split(), dtype=np.int64))
    return f"the row is like {listed([str(name) for name in nearest])}"
