"""The parts of served rows in which a deployed model fails, and how their inputs differ from the training rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from dechaff.core.intervals import wilson_interval
from dechaff.core.row_hash import mixed
from dechaff.core.table import Column, Table
from dechaff.core.words import listed
from dechaff.data.dataset import Dataset
from dechaff.methods.failing_slices.find_failing_slices import LEVEL
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.recipe.explore.two_samples import Compared, find_differences
from dechaff.recipe.improve.failing import Failing, failing_parts
from dechaff.records.drift import Drift
from dechaff.records.turns import MinedSlice
from dechaff.typing import Labels, Mask, Numbers, Probs

FEWEST_OUTCOMES = 40
"""Served rows with outcomes, of which half are searched; with fewer, slices are those that the model doubts."""
DOUBTED = 0.05
"""Fraction of the training rows that counts as doubted, out of fold."""
FEWEST_OF_CLASS = 3
_CERTAIN = 0.98


@dataclass(frozen=True)
class Served:
    """Served rows, and what the deployed model said of them."""

    rows: Dataset
    """``codes`` are the outcomes, -1 if unknown."""
    probs: Probs
    predicted: Labels
    learnt: npt.NDArray[np.int64]
    """(k,) rows of each class that the model has learnt from."""


@dataclass(frozen=True)
class Mined:
    """Failing slices, and which served rows they hold."""

    slices: tuple[MinedSlice, ...]
    inside: npt.NDArray[np.bool_]
    """(slices, n) the rows of each."""
    failing: Mask
    """(n,) rows on which the model is wrong, or in doubt."""
    judges: Mask
    """(n,) rows with outcomes that are kept for proofs."""
    by_errors: bool


def mined_slices(served: Served, doubt_limit: Callable[[], float], *, turn: int, seed: int) -> Mined:
    """The slices of errors if enough outcomes are known, or else of doubt.

    Rows with outcomes are dealt by their content: one half is searched, the other one judges the models of later
    turns. So a slice that was found by chance does not look like a success when it is gone.

    Parameters
    ----------
    served : n rows.
    doubt_limit : gives the doubt, 1 - largest probability, above which 5 % of the training rows lie out of fold.
    turn : for the ids of the slices.
    seed : of the halves and clusters.
    """
    rows, n = served.rows, len(served.rows)
    keys = mixed(data_hashes(rows) ^ np.uint64(seed))
    known = rows.codes >= 0
    by_errors = int(known.sum()) >= FEWEST_OUTCOMES
    judges = known & (keys % np.uint64(2) == 0) if by_errors else np.zeros(n, dtype=bool)
    searched = known & ~judges if by_errors else ~judges
    halves = np.where(searched, (keys >> np.uint64(8)) % np.uint64(2), -1).astype(np.int64)
    masks, words = list[Mask](), list[str]()
    if by_errors:
        failing = known & (served.predicted != rows.codes)
        for code in _failing_classes(served, failing, searched):
            masks.append(rows.codes == code)
            words.append(f"{rows.label_name or 'outcome'} is {rows.class_names[code]!r}")
            halves[masks[-1]] = -1
        table, labels, probs = _with_outcomes(rows), rows.codes, _as_predicted(served)
    else:
        failing = 1 - served.probs.max(axis=1) > doubt_limit()
        table, labels, probs = rows.table, failing.astype(np.int64), np.tile([1 - DOUBTED, DOUBTED], (n, 1))
    found = failing_parts(table, rows.features, labels, probs, doubt=np.zeros(n), halves=halves, seed=seed)
    masks += [_holds(found, number, n) for number in range(len(found.found))]
    words += [_words(found, number, rows) for number in range(len(found.found))]
    slices = tuple(
        _described(f"{turn}.{number}", condition, mask, failing, judges, by_errors)
        for number, (condition, mask) in enumerate(zip(words, masks, strict=True), start=1)
    )
    return Mined(slices, np.array(masks, dtype=bool).reshape(-1, n), failing, judges, by_errors)


def _failing_classes(served: Served, failing: Mask, searched: Mask) -> list[int]:
    """Classes that the model cannot know or has not learnt enough of, and those on most of whose rows it fails.

    A class is not learnt enough of as long as it is rarer among the training rows than among the served ones and the
    model fails on it more often than on others. So it stays a slice until it is healed, and not only while most of its
    rows fail. The tests are binomial tails, with Bonferroni's correction. A class of a dozen rows is too small for the
    search of slices, but a model that lacks it fails on each of them. The class of most errors comes first.
    """
    k = len(served.learnt)
    codes = served.rows.codes[searched]
    rows, errors = (np.bincount(codes[mask], minlength=k) for mask in (codes >= 0, failing[searched]))
    level, share = LEVEL / k, served.learnt / served.learnt.sum()
    others = (errors.sum() - errors) / np.maximum(rows.sum() - rows, 1)
    rarer = binom.sf(rows - 1, rows.sum(), share) < level
    lacking = (served.learnt == 0) | (rarer & (binom.sf(errors - 1, rows, others) < level))
    fails = (rows >= FEWEST_OF_CLASS) & (lacking | (binom.sf(errors - 1, rows, 0.5) < level))
    return [int(code) for code in np.argsort(-errors, kind="stable") if fails[code]]


def _with_outcomes(rows: Dataset) -> Table:
    """The columns, and the outcome as one of them: a class that the model does not know is a slice, too."""
    names = np.array([*rows.class_names, ""], dtype=object)[rows.codes]
    name = rows.label_name or "outcome"
    column = Column(name, "categorical", names, rows.codes < 0, names)
    return Table((*rows.table.columns, column), len(rows))


def _as_predicted(served: Served) -> Probs:
    """The probabilities of the engine's model, unless another class was predicted when the rows were served."""
    probs = served.probs.copy()
    other = np.flatnonzero(probs.argmax(axis=1) != served.predicted)
    probs[other] = (1 - _CERTAIN) / max(probs.shape[1] - 1, 1)
    probs[other, served.predicted[other]] = _CERTAIN
    return np.asarray(probs / probs.sum(axis=1, keepdims=True))


def _holds(found: Failing, number: int, n: int) -> Mask:
    """(n,) whether all conditions of a slice hold, also in rows that were not searched."""
    inside = np.ones(n, dtype=bool)
    for at in found.found[number].conditions:
        inside &= np.isin(np.arange(n), found.conditions.rows(at))
    return inside


def _words(found: Failing, number: int, rows: Dataset) -> str:
    words = []
    for at in found.found[number].conditions:
        condition = found.conditions.items[at]
        near = "" if condition.columns else listed([str(rows.ids[int(one)]) for one in condition.words.split()])
        words.append(
            condition.words if condition.columns else f"the row is like {rows.id_name or 'served rows'} {near}"
        )
    return " and ".join(words)


def _described(name: str, words: str, inside: Mask, failing: Mask, judges: Mask, by_errors: bool) -> MinedSlice:
    """The figures of a slice: those of the rows that were kept for proofs, where there are any."""
    counted = judges if by_errors else np.ones(len(inside), dtype=bool)
    among = inside & counted
    rate, outside = _rate(failing[among]), _rate(failing[counted & ~inside])
    low, high = (0.0, 1.0) if not among.any() else map(float, wilson_interval(rate, int(among.sum())))
    return MinedSlice(
        id=name, condition=words, rows=int(inside.sum()), rate=rate, low=low, high=high, outside=outside,
        judged=int((inside & judges).sum()), of_errors=by_errors,
    )  # fmt: skip


def _rate(events: Numbers | Mask) -> float:
    return float(events.mean()) if len(events) else 0.0


def input_drift(train: Dataset, served: Dataset, *, seed: int) -> Drift:
    """How the served rows differ from the training rows."""
    features = None
    if train.features is not None and served.features is not None:
        features = np.concatenate([train.features, served.features])
    n = len(train) + len(served)
    compared = Compared(
        "deployment", ("the training rows", "the served rows"),
        Table.joined([train.table, served.table.only(train.table.names)]), features,
        np.concatenate([train.codes, served.codes]), served.class_names,
        np.repeat([0, 1], [len(train), len(served)]), np.full(n, -1, dtype=np.int64),
    )  # fmt: skip
    return find_differences(compared, seed=seed)
