"""Whether a curriculum helps: against a random order with the same pacing, hard rows first, and plain training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dechaff.core.progress import Progress, silent
from dechaff.errors import InputError, LabelsError
from dechaff.estimators.class_labels import read_class_labels
from dechaff.estimators.curriculum.curriculum_classifier import PLAIN, CurriculumClassifier
from dechaff.estimators.curriculum.hardness import RankedRows
from dechaff.estimators.training_rows import checked_length
from dechaff.methods.curriculum.curriculum import Curriculum
from dechaff.methods.curriculum.orders import hard_first, random_order
from dechaff.methods.proof.paired_interval import Interval, interval_of_one, paired_interval
from dechaff.methods.proof.row_scores import RowScores, accuracy
from dechaff.typing import Labels, Numbers


@dataclass(frozen=True)
class Comparison:
    """Accuracy on the test rows after equally many steps on equally many rows, with 95 % intervals."""

    curriculum: Interval
    random: Interval
    """Random order with the same pacing."""
    hard_first: Interval
    plain: Interval
    """All rows from the first step on."""
    order_effect: Interval
    """Curriculum minus random order: what it matters that easy rows come first."""
    pacing_effect: Interval
    """Random order minus plain: what it matters that few rows come first."""
    effect: Interval
    """Curriculum minus plain."""
    hard_first_effect: Interval
    """Hard first minus random order."""
    n_seeds: int
    n_test: int

    @property
    def words(self) -> str:
        """What the intervals say, in a sentence.

        Examples
        --------
        >>> up, none = Interval(0.02, 0.01, 0.03), Interval(0.0, -0.01, 0.01)
        >>> Comparison(none, none, none, none, up, none, up, none, 10, 500).words
        'The curriculum is better than plain training; the order helps, the pacing has no effect.'
        """
        whole = {"helps": "is better than", "hurts": "is worse than", "has no effect": "has no effect against"}
        parts = f"the order {effect_word(self.order_effect)}, the pacing {effect_word(self.pacing_effect)}"
        return f"The curriculum {whole[effect_word(self.effect)]} plain training; {parts}."


def effect_word(effect: Interval) -> str:
    """The effect in words: none if its interval contains 0.

    Examples
    --------
    >>> effect_word(Interval(0.01, -0.01, 0.03))
    'has no effect'
    """
    if effect.low > 0:
        return "helps"
    return "hurts" if effect.high < 0 else "has no effect"


def compare_curricula(
    model: CurriculumClassifier,
    train: tuple[Any, Any],
    test: tuple[Any, Any],
    *,
    n_seeds: int = 10,
    seed: int = 0,
    progress: Progress = silent,
) -> Comparison:
    """Whether the curriculum of a classifier helps, and whether by its order or by its pacing.

    Trains the classifier four times per seed, with the same steps and rows per step: by its curriculum, in random order
    with the same pacing, hard rows first, and with all rows from the first step on. Hardness is measured once. A seed
    is shared by the four: it decides the batches, ties, and open seeds of the model. The intervals are those of the
    mean over seeds, and over test rows like these; the training rows are taken as they are.

    Parameters
    ----------
    model : `CurriculumClassifier`
        Not changed; its ``random_state`` is replaced by the seeds.
    train : (X, y)
        As for ``fit``.
    test : (X, y)
        Rows that are not in `train`, whose labels can be trusted. Labels must occur in `train`.
    n_seeds : at least 2
    seed : decides all seeds
    progress : called after each training

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If labels, the number of seeds or options of the classifier are invalid.

    Source
    ------
    Wu, Dyer, Neyshabur (2021), When do curricula work?, ICLR: the controls. Differs: paired intervals.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> y = random.integers(0, 2, 600)
    >>> X = random.normal(size=(600, 2)) + 2 * y[:, None]
    >>> found = compare_curricula(CurriculumClassifier(), (X[:300], y[:300]), (X[300:], y[300:]), n_seeds=3)
    >>> found.words
    'The curriculum has no effect against plain training; the order has no effect, the pacing has no effect.'
    """

    def arms(curriculum: Curriculum) -> tuple[Curriculum, ...]:
        return curriculum, replace(curriculum, order=random_order), replace(curriculum, order=hard_first), PLAIN

    by_order, at_random, hard, plain = scores_of_arms(model, arms, train, test, n_seeds, seed, progress)

    def effect(after: list[RowScores], before: list[RowScores]) -> Interval:
        return paired_interval(before, after, seed=seed, of_mean=True)

    return Comparison(
        curriculum=accuracy_interval(by_order, seed),
        random=accuracy_interval(at_random, seed),
        hard_first=accuracy_interval(hard, seed),
        plain=accuracy_interval(plain, seed),
        order_effect=effect(by_order, at_random),
        pacing_effect=effect(at_random, plain),
        effect=effect(by_order, plain),
        hard_first_effect=effect(hard, at_random),
        n_seeds=n_seeds,
        n_test=len(plain[0].rows),
    )


def scores_of_arms(
    model: CurriculumClassifier,
    arms: Callable[[Curriculum], Sequence[Curriculum]],
    train: tuple[Any, Any],
    test: tuple[Any, Any],
    n_seeds: int,
    seed: int,
    progress: Progress,
) -> list[list[RowScores]]:
    """The scores on test rows of every arm, for every seed; hardness is measured once.

    Parameters as in `compare_curricula`; `arms` returns the curricula to train by, from that of the classifier.
    """
    if n_seeds < 2:
        raise InputError("n_seeds", "be at least 2, for an interval", str(n_seeds), "Use 10, for example.")
    X, y = test
    fitted = _with(model, random_state=seed).fit(*train)
    labels = _codes(y, fitted.classes_)
    checked_length(X, len(labels))
    hardness = model.hardness if fitted.hardness_ is None else KnownHardness(fitted.hardness_)
    curricula = arms(fitted.curriculum_)
    scores: list[list[RowScores]] = [[] for _ in curricula]
    for number in range(n_seeds):
        for place, arm in enumerate(curricula):
            options = {"curriculum": arm, "hardness": hardness, "random_state": seed + number}
            trained = _with(model, **options).fit(*train)
            right = _codes(trained.predict(X), fitted.classes_) == labels
            scores[place].append(accuracy(np.zeros(len(labels), dtype=np.int64), np.column_stack([right, ~right])))
            progress("curricula", number * len(curricula) + place + 1, n_seeds * len(curricula))
    return scores


def accuracy_interval(scores: list[RowScores], seed: int) -> Interval:
    """The interval of an accuracy over seeds and test rows; of few seeds, it would else go beyond 1."""
    found = interval_of_one(scores, seed=seed, of_mean=True)
    return Interval(found.mean, max(found.low, 0.0), min(found.high, 1.0))


@dataclass(frozen=True)
class KnownHardness:
    """Hardness that has been measured already."""

    values: Numbers

    def __call__(self, rows: RankedRows) -> Numbers:
        """The hardness of the rows, which are those that it was measured on."""
        return self.values


def _with(model: CurriculumClassifier, **options: Any) -> CurriculumClassifier:
    return CurriculumClassifier(**{**model.get_params(deep=False), **options})


def _codes(y: Any, classes: Any) -> Labels:
    """(n,) places of labels among the classes of the training rows."""
    given = read_class_labels(y)
    unknown = ~np.isin(given.classes, classes)
    if unknown.any():
        name, fix = str(given.classes[unknown][0]), "Leave such rows out of the test, or train on some of them."
        raise LabelsError("the labels of the test rows", "occur among the training rows", name, fix)
    return np.asarray(np.searchsorted(classes, given.classes)[given.codes], dtype=np.int64)
