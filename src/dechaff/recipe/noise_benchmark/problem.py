"""One noisy training set with its noisy validation rows and its clean test rows, and what methods share on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates, estimate_label_errors
from dechaff.methods.noise_robust.network import Floats, Training
from dechaff.methods.noise_robust.torch_network import Convolutional
from dechaff.methods.noise_robust.training import NoisyRows, Predict, Trainer, WithLoss
from dechaff.methods.simulated_noise.class_conditional import class_conditional_transition, drawn_labels
from dechaff.methods.simulated_noise.instance_dependent import instance_dependent_labels
from dechaff.typing import Features, Labels, Mask, Probs

FOLDS = 5


@dataclass(frozen=True)
class BenchmarkData:
    """A data set whose true labels are known."""

    name: str
    features: Features
    """(n, d) numbers, as `network_inputs` reads them."""
    labels: Labels
    """(n,) true classes, 0 … k-1."""
    noisy: Mapping[str, Labels] = field(default_factory=dict)
    """Other labels (n,) of the same rows, by name: noise that the data set has by itself."""
    shape: tuple[int, int, int] | None = None
    """Channels, rows and columns of images whose features are pixels: a convolutional network learns them."""

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return int(self.labels.max()) + 1


@dataclass(frozen=True)
class ByClass:
    """Class-conditional noise."""

    rate: float
    sparsity: float = 0.0

    @property
    def kind(self) -> str:
        """Its name in tables."""
        return "by class" if self.rate else "none"

    def draw(self, data: BenchmarkData, rng: np.random.Generator) -> Labels:
        """Labels of all rows."""
        prior = np.bincount(data.labels) / len(data.labels)
        transition = class_conditional_transition(prior, rate=self.rate, sparsity=self.sparsity, rng=rng)
        return drawn_labels(data.labels, transition, rng)


@dataclass(frozen=True)
class ByInstance:
    """Instance-dependent noise."""

    rate: float
    sparsity: float = 0.0
    kind: str = "by row"

    def draw(self, data: BenchmarkData, rng: np.random.Generator) -> Labels:
        """Labels of all rows."""
        features = standardised(data.features, data.features).astype(np.float64)
        return instance_dependent_labels(data.labels, features, rate=self.rate, n_classes=data.n_classes, rng=rng)


@dataclass(frozen=True)
class OfData:
    """Noise that the data set has by itself."""

    kind: str
    rate: float
    sparsity: float = 0.0

    def draw(self, data: BenchmarkData, rng: np.random.Generator) -> Labels:
        """Labels of all rows."""
        return data.noisy[self.kind]


Noise = ByClass | ByInstance | OfData


@dataclass(frozen=True)
class Sizes:
    """Most rows of each part; a random part of a larger data set is used."""

    learn: int = 1500
    """For training and validation, a fifth of them for the latter."""
    test: int = 1500
    """At most 30 % of the rows."""


@dataclass(frozen=True)
class Problem:
    """What methods may see. The test rows are read only to score predictions."""

    rows: NoisyRows
    labels: Labels
    """(n,) given labels of the training rows."""
    valid: Floats
    valid_labels: Labels
    """Noisy too: they pick the epoch and the setting of every method."""
    test: Floats
    test_labels: Labels
    """True."""
    noise_rate: float
    """Fraction of wrong labels among the training rows."""
    training: Training
    seed: int

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return int(self.rows.targets.shape[1])

    def random(self, *purpose: int) -> np.random.Generator:
        """Random numbers that the seed and the purpose decide."""
        return np.random.default_rng((self.seed, *purpose))

    @cached_property
    def probs(self) -> Probs:
        """(n, k) out-of-fold probabilities of the plain network, which all methods share."""
        return out_of_fold(self, self.rows)

    @cached_property
    def errors(self) -> LabelErrorEstimates:
        """Label errors by `probs`."""
        return estimate_label_errors(self.labels, self.probs)


@dataclass(frozen=True)
class Learnt:
    """One trained model: its predictions for validation, test and further rows."""

    valid: float
    """Agreement with the validation labels at the picked epoch."""
    epoch: int
    picked: Mask
    """(m,) whether each test row is predicted right, at the picked epoch."""
    last: Mask
    """At the last one."""
    others: Probs
    """Probabilities of the further rows, at the picked epoch."""


def learnt(
    problem: Problem, trainer: Trainer, rows: NoisyRows, *, purpose: int = 0, others: Floats | None = None
) -> Learnt:
    """Train, and pick the epoch by the validation labels; of equals the first."""
    rng = problem.random(1, purpose)
    best: Learnt | None = None
    for epoch, predict in enumerate(trainer.epochs(rows, problem.training, rng), start=1):
        agreement = float((predict(problem.valid).argmax(axis=1) == problem.valid_labels).mean())
        if best is None or agreement > best.valid:
            probs = predict(problem.valid[:0] if others is None else others)
            right = _right(problem, predict)
            best = Learnt(agreement, epoch, right, right, np.asarray(probs, dtype=np.float64))
    assert best is not None
    return replace(best, last=_right(problem, predict))


def _right(problem: Problem, predict: Predict) -> Mask:
    return np.asarray(predict(problem.test).argmax(axis=1) == problem.test_labels)


def out_of_fold(problem: Problem, rows: NoisyRows, *, repeats: int = 1, first: int = 0) -> Probs:
    """(n, k) predictions for all training rows, by networks that did not learn from them.

    `rows` may have other targets and weights than the training rows of the problem, in the same order. Rows of weight 0
    are predicted too. The mean of `repeats` partitions into folds, of which `first` is the number of the first.
    """
    total = np.zeros(rows.targets.shape)
    problem = replace(problem, test=problem.test[:0], test_labels=problem.test_labels[:0])  # not asked for
    for repeat in range(first, first + repeats):
        fold = np.empty(len(problem.labels), dtype=np.int64)
        order = np.lexsort((problem.random(2, repeat).random(len(fold)), problem.labels))
        fold[order] = np.arange(len(fold)) % FOLDS
        for one in range(FOLDS):
            held = fold == one
            found = learnt(
                problem, WithLoss(), rows.take(~held), purpose=repeat * FOLDS + one, others=rows.features[held]
            )
            total[held] += found.others
    return np.asarray(total / total.sum(axis=1, keepdims=True))


def problem_of(data: BenchmarkData, noise: Noise, *, seed: int, sizes: Sizes, training: Training) -> Problem:
    """The problem of one data set, noise and seed; the same for every method."""
    rng = np.random.default_rng((seed, 0))
    given = noise.draw(data, rng)
    order = rng.permutation(len(data.labels))
    n_test = min(sizes.test, int(0.3 * len(order)))
    test, learn = order[:n_test], order[n_test:][: sizes.learn]
    n_valid = len(learn) // 5
    valid, train = learn[:n_valid], learn[n_valid:]
    read = network_inputs if data.shape is None else centred
    parts = read(*(np.asarray(data.features[one], dtype=np.float64) for one in (train, valid, test)))
    if data.shape is not None:
        training = replace(training, architecture=Convolutional(data.shape))
    rows = NoisyRows.of(parts[0], given[train], data.n_classes, training)
    return Problem(
        rows=rows,
        labels=given[train],
        valid=parts[1],
        valid_labels=given[valid],
        test=parts[2],
        test_labels=data.labels[test],
        noise_rate=float((given[train] != data.labels[train]).mean()),
        training=training,
        seed=seed,
    )


def standardised(features: Features, by: Features) -> npt.NDArray[np.float32]:
    """Features with the mean and the standard deviation of others taken off; constant ones become 0."""
    spread = by.std(axis=0)
    spread[spread < 1e-9] = np.inf
    return np.asarray(np.clip((features - by.mean(axis=0)) / spread, -6, 6), dtype=np.float32)


def centred(train: Features, *others: Features) -> list[npt.NDArray[np.float32]]:
    """Features without the mean of the training rows, divided by one number for all: their mean spread."""
    middle = train.mean(axis=0)
    spread = np.sqrt(train.var(axis=0).mean()) or 1.0
    return [np.asarray((one - middle) / spread, dtype=np.float32) for one in (train, *others)]


MOST_FEATURES = 64


def network_inputs(train: Features, *others: Features) -> list[npt.NDArray[np.float32]]:
    """Standardised features; more than 64 as their leading principal components, all by the training rows alone.

    Many features are pixels, embeddings or an encoding of columns: they are of one scale already, and to standardise
    them would make the last ones of an embedding as loud as the first.
    """
    if train.shape[1] <= MOST_FEATURES:
        return [standardised(one, train) for one in (train, *others)]
    parts = centred(train, *others)
    directions = np.linalg.eigh(parts[0].T @ parts[0])[1][:, : -MOST_FEATURES - 1 : -1]
    return [one @ directions for one in parts]
