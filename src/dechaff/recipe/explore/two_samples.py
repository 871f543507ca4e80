"""How two samples of the rows of a data set differ: test rows, later rows, files, and the order of the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from msgspec import structs

from dechaff.core.table import Column, Table
from dechaff.core.words import numbers_in_words, percent
from dechaff.data.dataset import Dataset
from dechaff.data.formats.source import FilesSource
from dechaff.data.splits import DRAWN
from dechaff.methods.drift.category_shift import category_shift
from dechaff.methods.drift.label_mix import same_label_mix
from dechaff.methods.drift.number_shift import NO_SHIFT, Shift, number_shift
from dechaff.methods.drift.two_sample_classifier import PERMUTATIONS, TwoSamples, two_sample_classifier
from dechaff.models.choose import candidate_models
from dechaff.records.drift import Drift, DriftedColumn
from dechaff.typing import Features, Groups, Labels, Mask, Numbers, Rows

LEVEL = 0.005
"""Chance that samples of one distribution are said to differ: by the classes, by some column, or by the classifier."""
NOTEWORTHY = 0.03
"""Least difference of a proportion that is reported, however many rows make it significant."""
NOTEWORTHY_AUC = 0.53
FEWEST = 50
"""Fewer rows than this make no sample."""
_FITTED = 4_000
"""Rows of each sample that a classifier tells apart."""
_FITTED_TEXTS = 1_500
_FITTED_IMAGES = 500
_MOST_FILES = 10
_BINS = 20
_MOST_CATEGORIES = 12
_OTHERS = "all others"
ROW_ORDER, TEST_ROWS = "row order", "test"
Sample = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Compared:
    """Rows of two samples: ``sample`` (n,) is 0 for the reference, 1 for the other one; ``labels`` are -1 if missing.

    ``units`` (n,) tie rows that are no independent draws, -1 = alone: the first row of each counts.
    """

    between: str
    names: tuple[str, str]
    table: Table
    features: Features | None
    labels: Labels
    classes: tuple[str, ...]
    sample: Sample
    units: Groups
    level: float = LEVEL

    def take(self, rows: Rows) -> tuple[Table, Features | None, Sample]:
        """Some of the rows."""
        features = None if self.features is None else self.features[rows]
        return self.table.take(rows), features, self.sample[rows]

    def independent(self) -> Rows:
        """One row of each unit."""
        alone = np.flatnonzero(self.units < 0)
        first = np.unique(self.units, return_index=True)[1]
        return np.sort(np.concatenate([alone, first[self.units[first] >= 0]]))


def find_differences(compared: Compared, *, seed: int) -> Drift:
    """How two samples of rows differ: by their classes, and by columns in rows of the same classes.

    Columns are compared one by one, and all of them by a classifier. If the mix of classes differs, rows are drawn in
    which it does not: what still differs is not due to the classes.
    """
    random = np.random.default_rng(seed)
    rows = compared.independent()
    label_distance, label_words = _labels(compared, rows)
    if label_words:
        rows = rows[same_label_mix(compared.labels[rows], compared.sample[rows], random=random)]
    table, features, sample = compared.take(rows)
    drift = Drift(
        between=compared.between,
        reference=compared.names[0],
        current=compared.names[1],
        rows=(int((sample == 0).sum()), int((sample == 1).sum())),
        label_distance=label_distance,
        label_words=label_words,
        differs=bool(label_words),
    )
    if min(drift.rows) < FEWEST:
        return drift
    shown = Table.of_numbers(features) if features is not None else table
    kinds = [column.kind for column in shown.columns]
    told = _told_apart(table, features, sample, seed, n_tests=2 if kinds == ["text"] else 1)
    two = _TwoSamples(sample, compared.names, len(kinds), seed, told if kinds == ["text"] else None)
    found = [(column, *two.column(column)) for column in shown.columns]
    columns = tuple(
        DriftedColumn(column.name, shift.distance, min(1.0, len(found) * shift.p_value), words, *_bins(column, sample))
        for column, shift, words in found
        if shift.distance >= NOTEWORTHY and len(found) * shift.p_value <= compared.level
    )
    apart = told is not None and told.p_value <= compared.level and told.auc >= NOTEWORTHY_AUC
    return structs.replace(
        drift,
        columns=tuple(sorted(columns, key=lambda one: -one.distance)),
        differs=drift.differs or apart or bool(columns),
        **({} if told is None else vars(told)),
    )


def _labels(compared: Compared, rows: Rows) -> tuple[float, str]:
    """How the mix of classes differs, in words; '' if it does not."""
    labels, k = compared.labels[rows], len(compared.classes)
    sides = [labels[(compared.sample[rows] == one) & (labels >= 0)] for one in (0, 1)]
    counts = [np.bincount(one, minlength=k) for one in sides]
    found = category_shift(*counts)
    if found.p_value > compared.level or found.distance < NOTEWORTHY:
        return 0.0, ""
    shares = [percent(float(one[found.category] / one.sum())) for one in counts]
    names = compared.names
    return found.distance, (
        f"'{compared.classes[found.category]}' is the label of {shares[0]} of {names[0]} and of {shares[1]} of "
        f"{names[1]}"
    )


@dataclass(frozen=True)
class _TwoSamples:
    """Two samples whose columns are compared one by one, `n_tests` in all."""

    sample: Sample
    names: tuple[str, str]
    n_tests: int
    seed: int
    by_text: TwoSamples | None
    """How well a classifier distinguishes them, if one column of texts is all there is."""

    def column(self, column: Column) -> tuple[Shift, str]:
        """How a column differs, by its values or by which of them are missing; the smaller p-value counts twice."""
        missing = column.missing
        values = self._values(column)
        if not missing.any():
            return values
        sides = [missing[self.sample == one] for one in (0, 1)]
        lacking = category_shift(*(np.bincount(one, minlength=2) for one in sides))
        shares = self._shares([float(one.mean()) for one in sides])
        best = min(((lacking, f"{column.name} is missing in {shares}"), values), key=lambda one: one[0].p_value)
        return Shift(best[0].distance, min(1.0, 2 * best[0].p_value)), best[1]

    def _values(self, column: Column) -> tuple[Shift, str]:
        if column.kind == "image":
            return NO_SHIFT, ""
        if column.kind == "text":
            return self._words(column)
        sides = [column.values[(self.sample == one) & ~column.missing] for one in (0, 1)]
        if column.kind != "categorical":
            return number_shift(*sides), _ranges(column, sides, self.names)
        levels, codes = np.unique(np.concatenate(sides).astype(str), return_inverse=True)
        counts = [np.bincount(one, minlength=len(levels)) for one in np.split(codes, [len(sides[0])])]
        found = category_shift(*counts)
        if found.category < 0:
            return NO_SHIFT, ""
        shares = self._shares([float(one[found.category] / one.sum()) for one in counts])
        return found, f"{column.name} is '{levels[found.category]}' in {shares}"

    def _words(self, column: Column) -> tuple[Shift, str]:
        table = Table((column,), len(self.sample))
        told = self.by_text or _told_apart(table, None, self.sample, self.seed, n_tests=2 * self.n_tests)
        if told is None:
            return NO_SHIFT, ""
        mine, other = self.names
        words = f"the words of {column.name} alone tell {other} from {mine}, with an AUC of {told.auc:.2f}"
        return Shift(max(0.0, 2 * told.auc - 1), told.p_value), words

    def _shares(self, shares: list[float]) -> str:
        return f"{percent(shares[0])} of {self.names[0]} and in {percent(shares[1])} of {self.names[1]}"


def _ranges(column: Column, sides: list[npt.NDArray[np.float64]], names: tuple[str, str]) -> str:
    parts = []
    for values, name in zip(sides, names, strict=True):
        if not len(values):
            return ""
        low, middle, high = numbers_in_words(
            np.quantile(values, [0.05, 0.5, 0.95], method="nearest").tolist(), dates=column.kind == "datetime"
        )
        parts.append(f"in {low}–{high} (median {middle}) in {name}")
    return f"90 % of {column.name} lie {parts[0]}, and {parts[1]}"


def _told_apart(
    table: Table, features: Features | None, sample: Sample, seed: int, *, n_tests: int = 1
) -> TwoSamples | None:
    """How well a model of these columns tells the samples apart: boosted trees for tables, for they see any change.

    Among `n_tests` tests, so many permutations are drawn that the p-value can be small enough.
    """
    if features is None and not table.of_kind("text", "numeric", "categorical", "datetime", "image"):
        return None
    random = np.random.default_rng(seed)
    most = _FITTED
    if features is None and table.of_kind("image", "text"):
        most = _FITTED_IMAGES if table.of_kind("image") else _FITTED_TEXTS
    rows = np.sort(np.concatenate([random.permutation(np.flatnonzero(sample == one))[:most] for one in (0, 1)]))
    table, features = table.take(rows), None if features is None else features[rows]
    models = candidate_models(table, features)
    trees = features is None and not table.of_kind("text", "image")
    bound = models[1 if trees else 0].bind(table, features, 2, seed=seed)
    return two_sample_classifier(bound, sample[rows], random=random, permutations=n_tests * (PERMUTATIONS + 1) - 1)


def _bins(column: Column, sample: Sample) -> tuple[tuple[str, ...], tuple[float, ...], tuple[float, ...]]:
    """The proportion of either sample in each range or category of a column."""
    if column.kind in ("text", "image"):
        return (), (), ()
    if column.kind == "categorical":
        codes, names = _common(column)
    else:
        codes, names = _ranged(column)
    codes, names = np.where(column.missing, len(names), codes), [*names, "missing"]
    counts = [np.bincount(codes[sample == one], minlength=len(names)) for one in (0, 1)]
    used = [at for at in range(len(names)) if at < len(names) - 1 or counts[0][at] + counts[1][at]]
    shares = [tuple(float(one[at] / max(1, one.sum())) for at in used) for one in counts]
    return tuple(names[at] for at in used), shares[0], shares[1]


def _common(column: Column) -> tuple[npt.NDArray[np.int64], list[str]]:
    values = column.values.astype(str)
    levels, counts = np.unique(values[~column.missing], return_counts=True)
    kept = [str(one) for one in levels[np.argsort(-counts, kind="stable")][:_MOST_CATEGORIES]]
    place = {name: at for at, name in enumerate(kept)}
    codes = np.array([place.get(one, len(kept)) for one in values.tolist()], dtype=np.int64)
    return codes, [*kept, _OTHERS] if len(levels) > len(kept) else kept


def _ranged(column: Column) -> tuple[npt.NDArray[np.int64], list[str]]:
    known = column.values[np.isfinite(column.values)]
    if not len(known):
        return np.zeros(len(column.values), dtype=np.int64), []
    low, high = np.quantile(known, [0.01, 0.99], method="nearest")
    if low == high:  # nearly constant: what differs are the few others
        low, high = known.min(), known.max()
    if column.kind == "numeric" and max(-low, high) < 2**52 and (known == np.round(known)).all():
        return _whole(column.values, float(low), float(high))
    edges = np.linspace(low, high, _BINS + 1)[1:-1] if high > low else np.array([low])
    codes = np.searchsorted(edges, column.values, side="right").astype(np.int64)
    words = numbers_in_words([float(low), *edges.tolist(), float(high)], dates=column.kind == "datetime")
    return codes, [f"{one}–{other}" for one, other in pairwise(words)]


def all_comparisons(train: Dataset, test: Dataset | None, names: Sequence[str], units: Groups) -> Iterator[Compared]:
    """The samples that a data set consists of: test rows, later rows, files, and the second half of the rows.

    Test rows that dechaff drew at random are not compared.

    Parameters
    ----------
    train, test : the rows
    names : the columns that are compared; those that name rows are none.
    units : (n + m,) training rows before test rows that are no independent draws, -1 = alone
    """
    table = train.table.only(names)
    whole = Compared("", ("", ""), table, train.features, train.codes, train.class_names,
                     np.zeros(len(train), dtype=np.int64), units[: len(train)])  # fmt: skip
    drawn = any(one.flag == DRAWN for one in train.assumptions)
    if test is not None and len(test) and not drawn:
        yield _with_test(whole, test, names, units)
    times = [column for column in table.of_kind("datetime") if not column.missing.all()]
    undated = table.without([column.name for column in times])
    if times:
        yield from _by_time(whole, undated, times[0])
    yield from _by_file(whole, train)
    later = (train.positions > np.median(train.positions)) if len(train) else np.zeros(0, dtype=bool)
    yield _part(whole, ROW_ORDER, ("the first half of the file", "the second half"), later, table=undated)


def _part(
    whole: Compared, between: str, names: tuple[str, str], current: Mask, *, table: Table | None = None,
    level: float = LEVEL,
) -> Compared:  # fmt: skip
    return replace(
        whole, between=between, names=names, table=whole.table if table is None else table,
        sample=current.astype(np.int64), level=level,
    )  # fmt: skip


def _with_test(whole: Compared, test: Dataset, names: Sequence[str], units: Groups) -> Compared:
    table = Table.joined([whole.table, test.table.only(names)])
    features = None
    if whole.features is not None and test.features is not None:
        features = np.concatenate([whole.features, test.features])
    return Compared(
        TEST_ROWS,
        ("the training rows", "the test rows"),
        table,
        features,
        np.concatenate([whole.labels, test.codes]),
        test.class_names,
        np.repeat([0, 1], [len(whole.table), len(test)]),
        units,
    )


def _by_time(whole: Compared, undated: Table, time: Column) -> Iterator[Compared]:
    known = ~time.missing
    middle = float(np.median(time.values[known]))
    later = time.values > middle
    if not later.any():
        return
    day = numbers_in_words([float(time.values[known].min()), middle], dates=True)[1]
    rows = np.flatnonzero(known)
    table, features, sample = replace(whole, table=undated).take(rows)
    some = replace(
        whole, table=table, features=features, labels=whole.labels[rows], sample=sample, units=whole.units[rows]
    )
    names = (f"the rows with {time.name} up to {day}", "the later ones")
    yield _part(some, time.name, names, later[rows])


def _by_file(whole: Compared, train: Dataset) -> Iterator[Compared]:
    if not isinstance(train.source, FilesSource) or len(train.source.tables.files) < 2:
        return
    tables = train.source.tables
    starts = np.array([part.first_row for part in tables.parts])
    of_part = np.array([part.file for part in tables.parts])
    file = of_part[np.searchsorted(starts, train.positions, side="right") - 1]
    sizes = np.bincount(file, minlength=len(tables.files))
    large = [at for at in np.argsort(-sizes, kind="stable").tolist() if FEWEST <= sizes[at] <= len(train) - FEWEST]
    for at in sorted(large[:_MOST_FILES]):
        name = tables.files[at].name
        names = ("the rows of the other files", f"the rows of {name}")
        yield _part(whole, name, names, file == at, level=LEVEL / min(len(large), _MOST_FILES))


def _whole(values: Numbers, low: float, high: float) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Ranges of as many whole numbers each: those of equal width that are not whole hold now one number, now two."""
    width = max(1.0, np.ceil((high - low + 1) / _BINS))
    firsts = np.arange(low, high + 1, width)
    codes = np.searchsorted(firsts[1:], values, side="right").astype(np.int64)
    ends = list(zip(numbers_in_words(firsts.tolist()), numbers_in_words((firsts + width - 1).tolist()), strict=True))
    return codes, [one if one == other else f"{one}–{other}" for one, other in ends]
