"""Probabilities made right where the model is wrong in the same way: among rows that it judges alike.

One temperature cannot mend a model of the wrong form, such as a linear model of ordered grades: it is right in some
regions of its own probabilities and wrong in others. So rows are gathered that have nearly the same probabilities, and
their given labels counted. What is counted joins the model's probabilities as far as labels of other rows become more
likely by it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.exact_sum import exact_sum
from dechaff.core.over_arrays import map_arrays
from dechaff.core.temperature import SMALLEST_PROBABILITY, Sharpened, fit_sharpness
from dechaff.typing import Axes, Chunk, Labels, Probs

TREES, FIRST_TREES = 32, 4
"""Random partitions of the rows, and how many of them show whether the others are worth the time."""
ROWS_OF_CELL, MOST_ROWS = 25, 5000
"""Rows per cell, twice as many if the rows are a sample; and most rows that are counted."""
FEWEST_ROWS, CLASSES = 200, range(3, 33)
"""Fewest rows, and numbers of classes. Two classes have one ratio of probabilities, and what a cell says of it gained
nothing; of many, cells are cut by classes that hardly matter to their rows."""
LEAST_GAIN = 0.02
"""Mean log-likelihood of a label that must be gained: below it the model is as good as its probabilities allow."""
MODEL_ROWS = 5.0
"""Number of rows of a cell that the model's own probabilities count for."""
LEAST_POWERS, MOST_POWERS = (0.05, 0.0), (10.0, 2.0)
"""Of the model's probabilities and of those that are counted. Within a cell the model's order is kept."""
_MIDDLE = (0.25, 0.75)
"""Part of the rows of a cell among which it is cut in two."""
_LEAST, _ROUNDS, _SETTLED = 1e-9, 30, 1e-6
_Any = npt.NDArray[Any]
Logs = Annotated[npt.NDArray[np.float64], Axes("n k")]


@dataclass(frozen=True)
class Cells:
    """Partitions of the rows by their probabilities, each a complete binary tree, with the labels in its cells."""

    classes: npt.NDArray[np.int64] = field(repr=False)
    """(t, cells) the class whose log-probability decides at each node, the root being number 1."""
    cuts: _Any = field(repr=False)
    """(t, cells) from which log-probability on a row goes to the second half."""
    counts: _Any = field(repr=False)
    """(t, cells, k) rows by given label."""

    @classmethod
    def of(cls, labels: Labels, logs: Logs, rows_of_cell: int, n_trees: int) -> Cells:
        """Cells of about so many rows each. A class is drawn by its place in the order of the mean log-probabilities,
        so that the names of the classes do not matter."""
        n, k = logs.shape
        depth = max(1, int(np.log2(max(2.0, n / rows_of_cell))))
        order, random = np.argsort(exact_sum(logs).value(), kind="stable"), np.random.default_rng(0)
        rows = _Ranked.of(logs)
        trees = [_tree(rows, order[random.integers(k, size=2**depth)], random) for _ in range(n_trees)]
        counts = np.zeros((n_trees, 2**depth, k))
        for place, (_, cell) in enumerate(trees):
            counts[place] = np.bincount(cell * k + labels, minlength=2**depth * k).reshape(-1, k)
        return cls(np.stack([tree[0] for tree, _ in trees]), np.stack([tree[1] for tree, _ in trees]), counts)

    def counted(self, logs: Logs) -> Logs:
        """(n, k) labels in the cells of some rows, on average over the partitions."""
        (n_trees, n_cells, k), rows = self.counts.shape, np.arange(len(logs)) * logs.shape[1]
        total = np.zeros((len(logs), k))
        for classes, cuts, counts in zip(self.classes, self.cuts, self.counts, strict=True):
            node, flat = np.ones(len(logs), dtype=np.int64), logs.ravel()
            while node.size and node[0] < n_cells:
                node = 2 * node + (flat.take(rows + classes.take(node)) >= cuts.take(node))
            total += counts.take(node - n_cells, axis=0)
        return np.asarray(total / n_trees)


@dataclass(frozen=True)
class _Ranked:
    """Rows whose log-probabilities are sorted once, so that cells are cut by sorting whole numbers."""

    logs: Logs
    ordered: Logs
    """Each class by itself, in order."""
    ranks: npt.NDArray[np.int64]
    """(n, k) the place of each number there."""

    @classmethod
    def of(cls, logs: Logs) -> _Ranked:
        order, ranks = np.argsort(logs, axis=0, kind="stable"), np.empty(logs.shape, dtype=np.int64)
        np.put_along_axis(ranks, order, np.arange(len(logs))[:, None], axis=0)
        return cls(logs, np.take_along_axis(logs, order, axis=0), ranks)


def _tree(rows: _Ranked, classes: npt.NDArray[np.int64], random: np.random.Generator) -> tuple[tuple[_Any, _Any], _Any]:
    """The classes and cuts of a partition that is drawn without a look at the labels, and the cell of each row."""
    n, every, cuts = len(rows.logs), np.arange(len(rows.logs)), np.full(len(classes), np.inf)
    node = np.ones(n, dtype=np.int64)
    for first in 2 ** np.arange(int(np.log2(len(classes)))):
        by = classes[node]
        ordered = np.sort(node * n + rows.ranks[every, by])  # by node, and by value within it
        sizes = np.bincount(node - first, minlength=first)
        place = np.cumsum(sizes) - sizes + (random.uniform(*_MIDDLE, first) * sizes).astype(np.int64)
        middle = ordered[np.minimum(place, n - 1)]
        cuts[first : 2 * first] = rows.ordered[middle % n, classes[middle // n]]
        node = 2 * node + (rows.logs[every, by] >= cuts[node])
    return (classes, cuts), node - len(classes)


@dataclass(frozen=True)
class LocalCalibration:
    """The row map to probabilities that labels of similar rows have joined."""

    cells: Cells
    power: float
    """That the model's probabilities are calibrated by, where they count for some rows of a cell."""
    powers: tuple[float, float]
    """Of the model's probabilities, and of those counted in cells, in their product."""
    own_counted: bool
    """Whether the cells hold all rows, so that the own label of a row is not to count for it."""
    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def rows(self, chunk: Chunk) -> Probs:
        """As sharp as the model's, so that a temperature is to be fitted anew."""
        return self.joined(chunk["probs"], chunk["labels"] if self.own_counted else None)

    def joined(self, probs: Probs, own: Labels | None = None) -> Probs:
        """The same; `own` are labels that were counted and belong to these very rows."""
        model = np.maximum(probs, _LEAST, dtype=np.float64)
        logs = self.powers[0] * np.log(model) + self.powers[1] * np.log(_seen(self.cells, model, own, self.power))
        return _softmax(logs / sum(self.powers))


def _seen(cells: Cells, probs: Probs, own: Labels | None, power: float) -> Probs:
    """(n, k) fractions of the labels in the cell of each row, without its own; the model counts for some rows."""
    counted = cells.counted(_centred(probs))
    if own is not None:
        at = np.arange(len(own)), own
        counted[at] = np.maximum(counted[at] - 1, 0)
    counted += MODEL_ROWS * Sharpened(power, _LEAST).rows({"probs": probs})
    return np.asarray(counted / np.einsum("ij->i", counted)[:, None])


def _centred(probs: Probs) -> Logs:
    logs = np.log(np.maximum(probs, SMALLEST_PROBABILITY, dtype=np.float64))
    return np.asarray(logs - (np.einsum("ij->i", logs) / logs.shape[1])[:, None])


def locally_calibrated(labels: Labels, probs: Probs) -> Probs:
    """Probabilities in which the model's errors are mended by the labels of rows that it judges alike.

    A model may be wrong in the same way wherever it gives the same probabilities. Rows are gathered in cells of about
    25 by 32 random cuts of their log-probabilities, made without the labels; the labels of the other rows of a cell are
    a second opinion. It joins the model's probabilities as a product of powers that makes the given labels most likely,
    if they become likelier by .02 nats per row; otherwise, and of two classes or more than 32, the probabilities come
    back as they are. Folds that were not shuffled are learned, too: rows of one fold are alike.

    Parameters and errors as in `confident_joint`.

    Returns
    -------
    (n, k) float, rows sum to 1
        The array that came in, if there is no gain.

    Source
    ------
    This library. Completely random trees: Liu, Ting, Fan (2005), AAAI-05 workshop on clustering; the product of powers
    is the logarithmic pool of Genest, Zidek (1986), Statistical Science 1. Constants were chosen on half of the sets of
    ``benchmarks/label_error_kinds.py``.

    Examples
    --------
    Where the model gives class 0 less than .3, all labels are 0:

    >>> random = np.random.default_rng(0)
    >>> first = random.uniform(0.05, 0.9, 400)
    >>> labels = np.where((first < 0.3) | (random.random(400) < first), 0, random.integers(1, 3, 400))
    >>> mended = locally_calibrated(labels, np.stack([first, (1 - first) / 2, (1 - first) / 2], axis=1))
    >>> float(first[first < 0.25].mean().round(1)), float(mended[first < 0.25, 0].mean().round(1))
    (0.1, 0.9)
    """
    labels, probs = check_labels_and_probs(labels, probs)
    found = local_calibration(labels, probs, n_rows=len(labels))
    return probs if found is None else map_arrays(found, labels=labels, probs=probs)


def local_calibration(labels: Labels, probs: Probs, *, n_rows: int) -> LocalCalibration | None:
    """What `locally_calibrated` applies, from all rows or a sample of them; None if there is little to gain.

    Parameters
    ----------
    labels, probs : of the rows, or of a sample of `n_rows` rows; every s-th if they are more than 5,000.
    """
    step = 1 + max(len(labels) - 1, 0) // MOST_ROWS
    own, some = labels[::step], np.ascontiguousarray(probs[::step], dtype=np.float64)
    if len(own) < FEWEST_ROWS or probs.shape[1] not in CLASSES:
        return None
    power, whole = fit_sharpness(own, some), len(own) == n_rows
    for n_trees, least in ((FIRST_TREES, LEAST_GAIN / 2), (TREES, LEAST_GAIN)):
        cells = Cells.of(own, _centred(some), ROWS_OF_CELL if whole else 2 * ROWS_OF_CELL, n_trees)
        model, seen = np.log(np.maximum(some, SMALLEST_PROBABILITY)), np.log(_seen(cells, some, own, power))
        powers, gain = _fitted(own, model, seen, power)
        if gain < least:
            return None
    return LocalCalibration(cells, power, powers, whole)


def _fitted(labels: Labels, model: Logs, seen: Logs, power: float) -> tuple[tuple[float, float], float]:
    """The powers of both that make the labels most likely, and by how much per row, against the model's alone."""
    powers, alone = np.array([power, 0.0]), _likelihood(labels, power * model)[0]
    for _ in range(_ROUNDS):
        pull, curve = _pull(labels, (model, seen), powers)
        moved = powers + np.linalg.solve(curve + _LEAST * np.eye(2), pull)
        for place, (least, most) in enumerate(zip(LEAST_POWERS, MOST_POWERS, strict=True)):
            if not least <= moved[place] <= most:  # on a bound, the other power goes on alone
                other = 1 - place
                moved[place] = np.clip(moved[place], least, most)
                rest = pull[other] - curve[other, place] * (moved[place] - powers[place])
                moved[other] = powers[other] + rest / (curve[other, other] + _LEAST)
        moved = np.clip(moved, LEAST_POWERS, MOST_POWERS)
        settled = bool(np.abs(moved - powers).max() <= _SETTLED)
        powers = moved
        if settled:
            break
    gain = _likelihood(labels, powers[0] * model + powers[1] * seen)[0] - alone
    return (float(powers[0]), float(powers[1])), gain / len(labels)


def _softmax(logits: Logs) -> Probs:
    raised = np.exp(logits - logits.max(axis=1)[:, None])
    return np.asarray(raised / np.einsum("ij->i", raised)[:, None])


def _likelihood(labels: Labels, logits: Logs) -> tuple[float, Logs]:
    """Log-likelihood of the labels, and the probabilities."""
    probs = _softmax(logits)
    own = np.log(np.maximum(probs[np.arange(len(labels)), labels], _LEAST))
    return float(exact_sum(own).value()), probs


def _pull(labels: Labels, logs: tuple[Logs, Logs], powers: _Any) -> tuple[_Any, _Any]:
    """First derivatives of the log-likelihood by both powers, and the second ones with the sign changed."""
    _, probs = _likelihood(labels, powers[0] * logs[0] + powers[1] * logs[1])
    rows = np.arange(len(labels))
    mean = [np.einsum("ij,ij->i", probs, one) for one in logs]
    pull = [float(exact_sum(one[rows, labels] - expected).value()) for one, expected in zip(logs, mean, strict=True)]
    pairs = [np.einsum("ij,ij,ij->i", probs, logs[a], logs[b]) - mean[a] * mean[b] for a, b in ((0, 0), (0, 1), (1, 1))]
    one, both, two = (float(exact_sum(pair).value()) for pair in pairs)
    return np.array(pull), np.array([[one, both], [both, two]])
