"""How well one column alone predicts the label of held-out rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import Codes, combine_codes, factorize
from dechaff.core.table import Column
from dechaff.core.words import mean_words
from dechaff.typing import Labels, Mask, Numbers

LEAKS_FROM = 0.98
"""Balanced accuracy of a single column from which on it is taken for a leak."""
LEAST_ROWS = 20
"""Fewest rows on which that can be seen."""
SHORT_TEXT = 3
"""Words: a text column of longer cells is content, not a category."""
N_FOLDS = 5
MIN_CLASS_ROWS = 5
"""A class with fewer rows is left out: one in each fold is the least to learn from."""
MOST_CATEGORIES = 256
"""Up to this many distinct numbers are categories, for example copies of the label under another name."""
_FEWEST_FILLED = 50
BINS_PER_CLASS, MIN_BINS, MIN_BIN_ROWS = 32, 128, 5


@dataclass(frozen=True)
class ColumnPower:
    """Out-of-sample balanced accuracy of one column, what guessing reaches, and the rows that it was measured on."""

    balanced_accuracy: float
    chance: float
    rows: int


def column_power(codes: Codes, labels: Labels, n_classes: int, *, seed: int = 0) -> ColumnPower | None:
    """Balanced accuracy of predicting the label from this column alone, on held-out rows.

    Five folds, at random within each class. A held-out row gets the class that is most frequent, relative to the size
    of the class, among the fitted rows with its value; a value not seen before gets the largest class. So a column
    that names the rows has no power, unless its values are binned and the rows are sorted by label.

    Parameters
    ----------
    codes : (n,) int64, not negative
        The column as categories or bins (`equal_bins`); missing is a category, too.
    labels : (n,) int64, 0 … k-1, or -1 if missing
    n_classes : k
    seed : of the folds

    Returns
    -------
    ColumnPower, or None if fewer than two classes have five rows

    Source
    ------
    A decision table of one attribute under cross-validation: Holte (1993), 1R; with balanced accuracy, so that a
    frequent class does not make every column look strong.

    Examples
    --------
    >>> labels = np.arange(60) % 3
    >>> column_power(5 - labels, labels, 3).balanced_accuracy
    1.0
    """
    counts = np.bincount(labels[labels >= 0], minlength=n_classes)
    judged = np.flatnonzero(counts >= MIN_CLASS_ROWS)
    if len(judged) < 2:
        return None
    # One row of a rare class, such as a slip of the pen, would outweigh every other row of its value.
    rows = np.flatnonzero(np.isin(labels, judged))
    given = labels[rows]
    predicted = _predicted(codes[rows], given, n_classes, _folds(given, seed))
    right = np.bincount(given[predicted == given], minlength=n_classes)
    power = float((right[judged] / counts[judged]).mean())
    return ColumnPower(power, 1 / len(judged), int(counts[judged].sum()))


def equal_bins(values: Numbers, missing: Mask, n_classes: int) -> Codes:
    """A numeric column as categories: its values if they are few, else bins of equally many rows.

    The bins are so narrow that the border between two classes blurs only a small fraction of the rows.

    Parameters
    ----------
    values : (n,) float, NaN if missing
    missing : (n,) bool
    n_classes : number of classes

    Returns
    -------
    (n,) int64, not negative

    Examples
    --------
    >>> equal_bins(np.array([5.0, np.nan, 5.0]), np.array([False, True, False]), 2)
    array([0, 1, 0])
    """
    return _bins_of(factorize(values), values, missing, n_classes)


def _bins_of(codes: Codes, values: Numbers, missing: Mask, n_classes: int) -> Codes:
    n_known = int((~missing).sum())
    n_bins = min(max(MIN_BINS, BINS_PER_CLASS * n_classes), n_known // MIN_BIN_ROWS)
    if n_known == 0 or codes.max() < min(MOST_CATEGORIES, n_bins):
        return codes
    places = np.linspace(0, n_known, max(n_bins, 2) + 1)[1:-1].astype(np.int64)
    edges = np.sort(values[~missing])[places]
    return combine_codes([np.searchsorted(edges, values, side="right"), missing.astype(np.int64)], len(values))


def power_of(column: Column, labels: Labels, n_classes: int, *, seed: int = 0) -> ColumnPower | None:
    """The power of a column of a table, as `column_power`.

    A column that is filled in for some rows only has its power among those, if that is more.
    None for images and texts of more than a few words, whose cells hardly repeat, and if the labels of fewer than
    twenty rows could be predicted.

    Examples
    --------
    >>> cells = np.array(["a", "b"] * 20, dtype=object)
    >>> column = Column("x", "categorical", cells, np.zeros(40, dtype=bool), cells)
    >>> power_of(column, np.arange(40) % 2, 2).balanced_accuracy
    1.0
    """
    codes = categories_of(column, n_classes)
    if codes is None or n_classes < 2 or len(codes) == 0:
        return None
    power, filled = column_power(codes, labels, n_classes, seed=seed), np.flatnonzero(~column.missing)
    if power is None or power.rows < LEAST_ROWS:
        return None
    if len(filled) == len(codes):
        return power
    # What is filled in for some rows only may leak the label of those.
    among = column_power(codes[filled], labels[filled], n_classes, seed=seed)
    if among is None or among.rows < _FEWEST_FILLED or among.chance > power.chance:
        return power
    return max(among, power, key=lambda one: one.balanced_accuracy)


def categories_of(column: Column, n_classes: int) -> Codes | None:
    """(n,) A column as categories or bins; None for images and texts of more than a few words."""
    if column.kind in ("numeric", "datetime", "identifier"):
        return _bins_of(column.value_codes, column.values, column.missing, n_classes)
    if column.kind == "image":
        return None
    if column.kind == "text" and (column.missing.all() or words_per_cell(column) > SHORT_TEXT):
        return None
    return column.value_codes


def words_per_cell(column: Column) -> float:
    """Words in a cell of text that is filled in, on average over the first thousand; 0 if none is."""
    sample = column.values[~column.missing][:1000].tolist()
    return mean_words(sample) if sample else 0.0


def copied_classes(codes: Codes, labels: Labels, n_classes: int) -> Labels:
    """(n,) The class that each value of a column stands for: the most frequent one, relative to the size of the class.

    Examples
    --------
    >>> copied_classes(np.array([7, 7, 7, 3, 3]), np.array([0, 0, 1, 1, 1]), 2)
    array([0, 0, 0, 1, 1])
    """
    values = np.unique(codes, return_inverse=True)[1]
    counts = np.zeros((int(values.max(initial=-1)) + 1, n_classes))
    np.add.at(counts, (values, labels), 1.0)
    sizes = np.maximum(np.bincount(labels, minlength=n_classes), 1)
    return np.asarray((counts / sizes).argmax(axis=1)[values], dtype=np.int64)


def exceptions_explained(score: Numbers, exceptions: Mask, labels: Labels) -> float:
    """How many standard errors a score ranks exceptions above other rows of their class, over all classes.

    Where a column is a copy of the label with slips, its exceptions are slips, which no other column can explain. Those
    of a real feature stand beside other odd values.

    Parameters
    ----------
    score : (n,) float
        Higher = more like an exception, by the other columns; out of sample.
    exceptions : (n,) bool
    labels : (n,) int, not negative

    Returns
    -------
    float
        About standard normal if the other columns do not explain the exceptions.

    Source
    ------
    van Elteren (1960), Bulletin of the International Statistical Institute 37: rank sums within strata.

    Examples
    --------
    >>> labels, exceptions = np.zeros(100, dtype=int), np.arange(100) < 10
    >>> exceptions_explained(-np.arange(100.0), exceptions, labels) > 4
    True
    """
    from scipy.stats import rankdata

    excess, variance = 0.0, 0.0
    for one in np.unique(labels):
        mine = labels == one
        n, m = int(mine.sum()), int((exceptions & mine).sum())
        if 0 < m < n:
            ranks = rankdata(score[mine])
            weight = 1 / (n + 1)
            excess += weight * float(ranks[exceptions[mine]].sum() - m * (n + 1) / 2)
            variance += weight**2 * m * (n - m) * float(ranks.var(ddof=1)) / n
    return excess / variance**0.5 if variance > 0 else 0.0


def _folds(labels: Labels, seed: int) -> npt.NDArray[np.int64]:
    """Dealt out within each class, in random order."""
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    order = shuffled[np.argsort(labels[shuffled], kind="stable")]
    folds = np.empty(len(labels), dtype=np.int64)
    folds[order] = np.arange(len(labels)) % N_FOLDS
    return folds


def _predicted(codes: Codes, labels: Labels, n_classes: int, folds: npt.NDArray[np.int64]) -> Labels:
    cells, cell = np.unique(codes * n_classes + labels, return_inverse=True)
    cell_code, cell_label = cells // n_classes, cells % n_classes
    predicted = np.empty(len(labels), dtype=np.int64)
    for fold in range(N_FOLDS):
        fitted = folds != fold
        class_sizes = np.maximum(np.bincount(labels[fitted], minlength=n_classes), 1)
        weight = np.bincount(cell[fitted], minlength=len(cells)) / class_sizes[cell_label]
        order = np.lexsort((-cell_label, weight, cell_code))
        last = np.flatnonzero(np.append(np.diff(cell_code[order]) > 0, True))
        best = np.where(weight[order[last]] > 0, cell_label[order[last]], int(class_sizes.argmax()))
        known = cell_code[order[last]]
        predicted[~fitted] = best[np.searchsorted(known, codes[~fitted])]
    return predicted
