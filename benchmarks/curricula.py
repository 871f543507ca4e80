"""Curriculum learning: the two experiments of Bengio et al. (2009) on generated data, and digits with wrong labels.

Run: python -m benchmarks.curricula --seeds 20 [--part toy|shapes|digits|mnist]
"""

from __future__ import annotations

import argparse
import warnings
from dataclasses import dataclass

import numpy as np
from scipy.stats import ttest_rel
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from tests.shared_data import shared

from dechaff.classifiers import Perceptron
from dechaff.curriculum import (
    Budget,
    Curriculum,
    CurriculumClassifier,
    Polynomial,
    compare_curricula,
    noise_last,
)
from dechaff.methods.curriculum.pacing.pacing import Pacing, Window
from dechaff.methods.noise_robust.network import DenseNetwork, Training

Rows = tuple[np.ndarray, np.ndarray]


def toy(seed: int, *, easy: bool, n: int = 60) -> float:
    """Error of a perceptron after one pass over n rows: of any kind, or only those on the right side of the truth."""
    random = np.random.default_rng(seed)
    y = random.integers(0, 2, 20_000)
    X = random.normal(size=(20_000, 10)) + np.where(y, 0.32, -0.32)[:, None]
    right = (X.sum(axis=1) > 0) == y
    rows = np.flatnonzero(right if easy else np.ones(len(y), bool))[:n]
    model = Perceptron(max_iter=1, random_state=seed).fit(X[rows], y[rows])
    return float((model.predict(X[10_000:]) != y[10_000:]).mean())


def shapes(n: int, random: np.random.Generator, *, basic: bool) -> Rows:
    """n images (16 x 16, flat) of ellipses, rectangles and triangles; basic ones are circles, squares, equilateral."""
    kinds = random.permutation(np.arange(n) % 3)
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


@dataclass(frozen=True)
class Switch:
    """The first half of the rows until `at` of the steps, and the second half from then on."""

    at: float

    def __call__(self, done: float) -> Window:
        """The half that is trained on."""
        return Window(0.0, 0.5) if done < self.at else Window(0.5, 1.0)


def shapes_errors(seed: int, pacings: dict[str, Pacing], *, n: int, epochs: int) -> list[float]:
    """Test error on general shapes for each pacing; as in the paper, validation rows choose the epoch."""
    random = np.random.default_rng(seed)
    parts = [shapes(n, random, basic=True), shapes(n, random, basic=False)]
    X, y = (np.concatenate(both) for both in zip(*parts, strict=True))
    (seen, given), (unseen, truth) = (shapes(rows, random, basic=False) for rows in (1000, 3000))
    hardness, errors = np.repeat([0.0, 1.0], n), []
    for pacing in pacings.values():
        net = MLPClassifier((60, 60, 60), activation="tanh", solver="sgd", learning_rate_init=0.1, momentum=0.0)
        net.set_params(batch_size=32, random_state=seed)
        steps = Curriculum(pacing=pacing).steps(lambda: hardness, y, Budget(epochs, n), np.random.default_rng(seed))
        lowest, error = 2.0, 1.0
        for step in steps:
            net.partial_fit(X[step.rows], y[step.rows], classes=[0, 1, 2])
            now = 1 - net.score(seen, given)
            if now < lowest:
                lowest, error = now, 1 - net.score(unseen, truth)
        errors.append(error)
    return errors


def paired(name: str, before: list[float], after: list[float]) -> None:
    gain, p = np.subtract(before, after), ttest_rel(before, after).pvalue
    size = gain.mean() / gain.std(ddof=1)
    print(f"| {name} | {np.mean(before):.4f} | {np.mean(after):.4f} | {gain.mean():+.4f} | {size:+.2f} | {p:.2g} |")


def all_shapes(n_seeds: int, n: int, epochs: int) -> None:
    """Basic shapes first, against general ones only, and against both at once."""
    switches = (0.25, 0.5)
    pacings: dict[str, Pacing] = {"general only": Switch(0.0), "both at once": Polynomial(start=1.0)}
    pacings |= {f"{at:.1%}": Switch(at) for at in switches}
    errors = zip(*(shapes_errors(seed, pacings, n=n, epochs=epochs) for seed in range(n_seeds)), strict=True)
    by_name = dict(zip(pacings, map(list, errors), strict=True))
    for control in ("general only", "both at once"):
        for at in switches:
            paired(f"shapes, switch at {at:.1%}, against {control}", by_name[control], by_name[f"{at:.1%}"])


class Net(ClassifierMixin, BaseEstimator):
    """The small network of the noisy-label benchmark, at a constant rate; ten times as fast as `MLPClassifier`."""

    def __init__(self, epochs: int = 30, random_state: int | None = None) -> None:
        self.epochs, self.random_state = epochs, random_state

    def fit(self, X: np.ndarray, y: np.ndarray) -> Net:
        """Some epochs, from new weights."""
        self.network_, rng = None, np.random.default_rng(self.random_state)
        for _ in range(self.epochs):
            for rows in np.array_split(rng.permutation(len(y)), -(-len(y) // 32)):
                self.partial_fit(X[rows], y[rows], classes=np.unique(y))
        return self

    def partial_fit(self, X: np.ndarray, y: np.ndarray, classes: np.ndarray) -> Net:
        """One step."""
        if getattr(self, "network_", None) is None:
            rng, self.classes_ = np.random.default_rng(self.random_state), classes
            self.network_ = DenseNetwork(X.shape[1], len(classes), Training(hidden=100, decay=0.0), rng)
        rows = np.asarray(X, dtype=np.float32)
        self.network_.step(rows, self.network_.probs(rows) - (y[:, None] == self.classes_))
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """(m, k) probabilities."""
        return self.network_.probs(np.asarray(X, dtype=np.float32))

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The most probable classes."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def images(name: str) -> Rows:
    """Images as rows of numbers from 0 to 1, and their digits; 28 x 28 pixels are averaged to 14 x 14."""
    if name == "digits":
        data = load_digits()
        return data.data / 16, data.target
    stored = np.load(shared("mnist") / "mnist_train20k.npz")
    few = stored["images"][:4000].reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4))
    return few.reshape(len(few), -1) / 255, stored["labels"][:4000].astype(int)


def noise(name: str, n_seeds: int, steps: int) -> None:
    """Noise last against its controls, by the pacing of `noise_last` and by one that ends with all rows."""
    (X, truth), random = images(name), np.random.default_rng(0)
    wrong = random.random(len(truth)) < 0.4
    noisy = np.where(wrong, (truth + random.integers(1, 10, len(wrong))) % 10, truth)
    order = random.permutation(len(truth))
    train, test = order[: len(order) // 2], order[len(order) // 2 :]
    pacings = {"to right labels": None, "to all rows": Curriculum(pacing=Polynomial(start=0.3, full=0.5))}
    for labels, y in (("40 % wrong", noisy), ("true", truth)):
        for pacing, curriculum in pacings.items():
            model = CurriculumClassifier(Net(), hardness=noise_last, curriculum=curriculum, budget=Budget(steps, 32))
            rows = (X[train], y[train]), (X[test], truth[test])
            found = compare_curricula(model, *rows, n_seeds=n_seeds)
            arms = (found.curriculum, found.random, found.hard_first, found.plain)
            effects = (found.order_effect, found.pacing_effect, found.effect)
            cells = [f"{arm.mean:.3f}" for arm in arms]
            cells += [f"{one.mean:+.3f} ({one.low:+.3f} to {one.high:+.3f})" for one in effects]
            print(f"| {name} | {labels} | {steps} | {pacing} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--part", choices=("toy", "shapes", "digits", "mnist"))
    parser.add_argument("--rows", type=int, default=1000, help="shapes of each kind")
    parser.add_argument("--epochs", type=int, default=64, help="of the shapes")
    parser.add_argument("--steps", type=int, nargs="*", default=[600, 1500], help="of the noisy digits")
    given = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    if given.part in (None, "toy", "shapes"):
        print("| easy first against not | error without | error with | gain | gain / its sd | p, paired t-test |")
        print("|---|---|---|---|---|---|")
    if given.part in (None, "toy"):
        errors = [[toy(seed, easy=easy) for seed in range(given.seeds)] for easy in (False, True)]
        paired("perceptron, rows on the right side", *errors)
    if given.part in (None, "shapes"):
        all_shapes(given.seeds, given.rows, given.epochs)
    if given.part in (None, "digits", "mnist"):
        heads = "noise last | random order | hard first | plain | effect of order | effect of pacing | effect of both"
        print(f"| data | labels | steps | pacing | {heads} |")
        print(f"|{'---|' * 11}")
    for name in ("digits", "mnist"):
        for steps in given.steps if given.part in (None, name) else ():
            noise(name, given.seeds, steps)


if __name__ == "__main__":
    main()
