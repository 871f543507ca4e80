"""Curriculum learning: the two experiments of Bengio et al. (2009) on generated data, and digits with wrong labels.

Run: python -m benchmarks.curricula --seeds 20 [--part toy|shapes|digits]
"""

from __future__ import annotations

import argparse
import warnings

import numpy as np
from scipy.stats import ttest_rel
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from dechaff.classifiers import Perceptron
from dechaff.curriculum import (
    Budget,
    Curriculum,
    CurriculumClassifier,
    FixedSteps,
    Polynomial,
    RankedRows,
    compare_curricula,
    noise_last,
)

Rows = tuple[np.ndarray, np.ndarray]


def toy(seed: int, *, easy: bool, n: int = 60) -> float:
    """Error of a perceptron after one pass over n rows: of any kind, or only those on the right side of the truth."""
    random = np.random.default_rng(seed)
    y = random.integers(0, 2, 20_000)
    X = random.normal(size=(20_000, 10)) + np.where(y, 0.32, -0.32)[:, None]
    right = (X.sum(axis=1) > 0) == y
    rows = np.flatnonzero(right if easy else np.ones(len(y), bool))[:n]
    model = Perceptron(max_iter=1).fit(X[rows], y[rows])
    return float((model.predict(X[10_000:]) != y[10_000:]).mean())


def shapes(n: int, random: np.random.Generator, *, basic: bool) -> Rows:
    """n images (16 x 16, flat) of ellipses, rectangles and triangles; basic ones are circles, squares, equilateral."""
    kinds = random.integers(0, 3, n)
    sides = np.linspace(-1, 1, 16)
    across, down = np.meshgrid(sides, sides)
    images = []
    for kind in kinds:
        size = random.uniform(0.4, 0.7)
        stretch, angle = (1.0, 0.0) if basic else (random.uniform(0.45, 1), random.uniform(0, np.pi))
        move = random.uniform(-0.25, 0.25, 2)
        u = ((across - move[0]) * np.cos(angle) + (down - move[1]) * np.sin(angle)) / size
        v = ((down - move[1]) * np.cos(angle) - (across - move[0]) * np.sin(angle)) / (size * stretch)
        inside = (u**2 + v**2 < 1, np.maximum(np.abs(u), np.abs(v)) < 0.9, (v < 0.6) & (v > 1.75 * np.abs(u) - 1.1))
        ink, paper = (1.0, 0.0) if basic else (random.uniform(0.6, 1), random.uniform(0, 0.3))
        images.append(np.where(inside[kind], ink, paper).ravel())
    return np.array(images), kinds


def given_order(rows: RankedRows) -> np.ndarray:
    """The first half of the rows is easy, the second hard."""
    return (np.arange(len(rows.labels)) * 2 >= len(rows.labels)).astype(float)


def shapes_errors(seed: int, switches: list[float], *, n: int, steps: int) -> list[float]:
    """Test error on all kinds of shapes, for each switch from basic ones to all (0: all from the start)."""
    random = np.random.default_rng(seed)
    parts = [shapes(n, random, basic=True), shapes(n, random, basic=False)]
    X, y = (np.concatenate(both) for both in zip(*parts, strict=True))
    unseen, truth = shapes(1000, random, basic=False)
    net = MLPClassifier((60, 60, 60), solver="sgd", learning_rate_init=0.1, momentum=0.0, random_state=seed)
    errors = []
    for switch in switches:
        pacing = FixedSteps(start=0.5, full=switch) if switch else Polynomial(start=1.0)
        options = {"hardness": given_order, "curriculum": Curriculum(pacing=pacing), "budget": Budget(steps, 32)}
        errors.append(1 - CurriculumClassifier(net, random_state=seed, **options).fit(X, y).score(unseen, truth))
    return errors


def paired(name: str, before: list[float], after: list[float]) -> None:
    gain, p = np.subtract(before, after), ttest_rel(before, after).pvalue
    size = gain.mean() / gain.std(ddof=1)
    print(f"| {name} | {np.mean(before):.4f} | {np.mean(after):.4f} | {gain.mean():+.4f} | {size:+.2f} | {p:.2g} |")


def digits(n_seeds: int, steps: int) -> None:
    data, random = load_digits(), np.random.default_rng(0)
    wrong = random.random(len(data.target)) < 0.4
    noisy = np.where(wrong, (data.target + random.integers(1, 10, len(wrong))) % 10, data.target)
    order = random.permutation(len(noisy))
    train, test, X = order[:900], order[900:], data.data / 16
    print("| digits | noise last | random order | hard first | plain | effect of order | effect of pacing |")
    print("|---|---|---|---|---|---|---|")
    for name, y in (("40 % wrong labels", noisy), ("true labels", data.target)):
        net = MLPClassifier(100, learning_rate_init=0.003, max_iter=30)
        curriculum = Curriculum(pacing=Polynomial(start=0.3, full=1.0))
        model = CurriculumClassifier(net, hardness=noise_last, curriculum=curriculum, budget=Budget(steps, 32))
        rows = (X[train], y[train]), (X[test], data.target[test])
        found = compare_curricula(model, *rows, n_seeds=n_seeds)
        arms = " | ".join(f"{arm.mean:.3f}" for arm in (found.curriculum, found.random, found.hard_first, found.plain))
        effects = " | ".join(
            f"{one.mean:+.3f} ({one.low:+.3f} to {one.high:+.3f})" for one in (found.order_effect, found.pacing_effect)
        )
        print(f"| {name} | {arms} | {effects} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--part", choices=("toy", "shapes", "digits"))
    parser.add_argument("--rows", type=int, default=500, help="shapes of each kind")
    parser.add_argument("--steps", type=int, default=1500)
    given = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    if given.part in (None, "toy", "shapes"):
        print("| easy first against not | error without | error with | gain | gain / its sd | p, paired t-test |")
        print("|---|---|---|---|---|---|")
    if given.part in (None, "toy"):
        errors = [[toy(seed, easy=easy) for seed in range(given.seeds)] for easy in (False, True)]
        paired("perceptron, rows on the right side", *errors)
    if given.part in (None, "shapes"):
        switches = [0, 0.25, 0.5]
        options = {"n": given.rows, "steps": given.steps}
        plain, *others = zip(*(shapes_errors(seed, switches, **options) for seed in range(given.seeds)), strict=True)
        for switch, errors in zip(switches[1:], others, strict=True):
            paired(f"shapes, switch at {switch:.1%} of the steps", list(plain), list(errors))
    if given.part in (None, "digits"):
        digits(given.seeds, given.steps)


if __name__ == "__main__":
    main()
