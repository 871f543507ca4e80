"""Labels that each strategy needs to reach what random rows reach with all their labels.

``python -m benchmarks.active_learning [seeds] [strategy …]``, default 8 seeds and all strategies but the two slow ones.
Of each set a pool of at most 5,000 rows and other test rows; twelve batches of 20 rows. Seeds are paired: the same pool
and test rows for all strategies. The sets beside the project are left out if they are not there. ``auto`` was chosen on
the first half of the sets, and is judged on the second. Prints one table and writes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import polars as pl
from scipy.stats import t as student
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.shared_data import shared

from dechaff.methods.active.auto import auto
from dechaff.methods.active.badge import badge
from dechaff.methods.active.k_centre import k_centre
from dechaff.methods.active.prob_cover import prob_cover
from dechaff.methods.active.typical_rows import typical_rows
from dechaff.methods.active.uncertain import entropy, margin, random_rows
from dechaff.methods.active.view import PoolView

Data = TypeVar("Data")
BATCH, BUDGET, POOL, TEST = 20, 240, 5_000, 2_000
STRATEGIES = {
    one.__name__: one for one in (random_rows, margin, entropy, badge, k_centre, auto, typical_rows, prob_cover)
}
SLOW = ("typical_rows", "prob_cover")
NEED_A_MODEL = ("margin", "entropy", "badge")


@dataclass(frozen=True)
class Labelled:
    """Rows that can be compared by distance, their classes, and whether trees or a linear model learns them."""

    name: str
    rows: np.ndarray
    codes: np.ndarray
    trees: bool = False

    def model(self, seed: int) -> Any:
        """A fresh model."""
        if self.trees:
            return ExtraTreesClassifier(100, random_state=seed)
        return LogisticRegression(C=1 / max(1, self.rows.shape[1] / 100), max_iter=300)


def codes_of(values: Any) -> np.ndarray:
    return np.unique(np.asarray(values), return_inverse=True)[1]


def on_sphere(rows: np.ndarray) -> np.ndarray:
    rows = np.asarray(rows, dtype=np.float64)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9) * np.sqrt(rows.shape[1])


def of_table(name: str) -> Labelled:
    table = pl.read_csv(shared("tabular") / f"{name}.csv.gz")
    rows = StandardScaler().fit_transform(table.drop("target").to_numpy().astype(np.float64))
    return Labelled(name, rows, codes_of(table["target"].to_list()), trees=True)


def trec() -> Labelled:
    folder = shared("text_trec6")
    labels = pl.read_csv(folder / "train.csv")["label"].to_list()
    return Labelled("trec6", on_sphere(np.load(folder / "emb_minilm_train.npy")), codes_of(labels))


def subjectivity() -> Labelled:
    folder = shared("text_subjectivity")
    labels = pl.read_csv(folder / "data.csv.gz")["label"].to_list()
    return Labelled("subjectivity", on_sphere(np.load(folder / "emb_minilm.npy")), codes_of(labels))


def cifar() -> Labelled:
    folder = shared("cifar10n")
    found = np.load(folder / "embeddings_effnet_lite0.npz")
    labels = np.load(folder / "labels.npz")["clean"][found["index"][:8_000]]
    return Labelled("cifar10", on_sphere(found["emb"][:8_000]), codes_of(labels))


def mnist() -> Labelled:
    found = np.load(shared("mnist") / "mnist_train20k.npz")
    pixels = found["images"][:8_000].reshape(8_000, -1) / 255
    rows = PCA(50, random_state=0).fit_transform(pixels)
    return Labelled("mnist", on_sphere(rows), codes_of(found["labels"][:8_000]))


def digits() -> Labelled:
    found = load_digits()
    return Labelled("digits", on_sphere(StandardScaler().fit_transform(found.data)), found.target)


CHOSEN_ON: list[Callable[[], Labelled]] = [digits, trec, lambda: of_table("phoneme"), lambda: of_table("vowel")]
JUDGED_ON: list[Callable[[], Labelled]] = [
    subjectivity, cifar, mnist, lambda: of_table("satimage"), lambda: of_table("banknote"),
]  # fmt: skip


def loaded(makers: Iterable[Callable[[], Data]]) -> Iterator[Data]:
    """The sets that are there; of others the reason is said."""
    for make in makers:
        try:
            yield make()
        except BaseException as reason:  # a skip of pytest is no Exception
            if type(reason).__name__ != "Skipped":
                raise
            print(reason, file=sys.stderr)


def curve(data: Labelled, name: str, seed: int) -> np.ndarray:
    """Accuracy on the test rows after each batch."""
    rng, k = np.random.default_rng(seed), int(data.codes.max()) + 1
    order = np.random.default_rng(1_000 + seed).permutation(len(data.codes))
    n_test = min(TEST, len(order) // 3)
    test, pool = order[:n_test], order[n_test:][:POOL]
    have, reached, model = np.zeros(0, dtype=np.int64), [], None
    while len(have) < BUDGET:
        free = np.setdiff1d(pool, have)
        probs = None
        if model is not None:
            probs = np.zeros((len(free), k))
            probs[:, model.classes_] = model.predict_proba(data.rows[free])
        view = PoolView(data.rows[free], data.rows[have], probs)
        strategy = random_rows if probs is None and name in NEED_A_MODEL else STRATEGIES[name]
        options = {"n_classes": k} if strategy is prob_cover else {}
        have = np.concatenate([have, free[strategy(view, BATCH, rng, **options)]])
        codes = data.codes[have]
        model = data.model(seed).fit(data.rows[have], codes) if len(np.unique(codes)) > 1 else None
        said = codes[0] if model is None else model.predict(data.rows[test])
        reached.append(float((said == data.codes[test]).mean()))
    return np.array(reached)


def needed(mean: np.ndarray, goal: float) -> float:
    """Labels at which a mean curve first reaches a goal, between batches by a straight line, of all; inf if never."""
    above = np.flatnonzero(mean >= goal)
    if not len(above):
        return np.inf
    at = int(above[0])
    part = 1.0 if at == 0 else (goal - mean[at - 1]) / (mean[at] - mean[at - 1])
    return float((at + part) * BATCH / BUDGET)


def table(title: str, sets: list[Callable[[], Labelled]], names: list[str], seeds: int) -> None:
    print(
        f"\n{title}\n\n| set | strategy | final accuracy | against random, ± 95 % | mean of the curve | labels needed |"
    )
    print("|---|---|---|---|---|---|")
    means: dict[str, list[float]] = {name: [] for name in names}
    for data in loaded(sets):
        runs = {name: np.array([curve(data, name, seed) for seed in range(seeds)]) for name in names}
        goal = runs["random_rows"].mean(axis=0)[-1]
        for name, run in runs.items():
            gain = run[:, -1] - runs["random_rows"][:, -1]
            half = student.ppf(0.975, seeds - 1) * gain.std(ddof=1) / np.sqrt(seeds)
            part = needed(run.mean(axis=0), goal)
            means[name].append(part)
            print(
                f"| {data.name} | {name} | {run[:, -1].mean():.3f} | {gain.mean():+.3f} ± {half:.3f} "
                f"| {run.mean():.3f} | {part:.2f} |",
                flush=True,
            )
    for name, parts in means.items():
        print(f"| mean | {name} | | | | {np.mean(parts):.2f} |", flush=True)


def main(arguments: list[str]) -> None:
    seeds = int(arguments[0]) if arguments else 8
    names = ["random_rows", *(arguments[1:] or [one for one in STRATEGIES if one not in ("random_rows", *SLOW)])]
    table("Sets that auto was not chosen on", JUDGED_ON, names, seeds)
    table("Sets that it was chosen on", CHOSEN_ON, names, seeds)


if __name__ == "__main__":
    main(sys.argv[1:])
