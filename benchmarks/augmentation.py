"""Augmentation accepted by held-out rows against none: gains, refusals, and controls.

``python -m benchmarks.augmentation [seeds] [line …]``, default 5 seeds and all lines: ``gains``, ``breaking``,
``shuffled``, ``unequal``. A seed draws 10, 50 or 200 training rows per class and up to 2,000 test rows, on which
nothing is chosen. The gain is the accuracy of `AugmentationSelector` minus that of the same model without it. Sets
beside the project are left out if they are not there; ``unequal`` needs imbalanced-learn. Prints one table per line.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.stats import ttest_1samp
from sklearn.datasets import load_digits, make_classification
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.active_learning import loaded
from tests.shared_data import shared

from dechaff.augmentation import AugmentationSelector, RowChange
from dechaff.methods.augmentation.flip import flip_top_bottom
from dechaff.methods.augmentation.smote import Oversampling, oversampled

PER_CLASS, TEST = (10, 50, 200), 2_000
NEGATIONS = {"not", "no", "never", "n't", "nothing", "nor", "neither", "without", "hardly"}


@dataclass(frozen=True)
class Labelled:
    """Rows, their classes, the shape of an image, and a model."""

    name: str
    X: Any
    y: np.ndarray
    model: Callable[[], Any]
    image_shape: tuple[int, ...] | None = None

    def drawn(self, per_class: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Training and test rows."""
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(self.y))
        train = np.concatenate([order[self.y[order] == one][:per_class] for one in np.unique(self.y)])
        return train, rng.permutation(np.setdiff1d(order, train))[:TEST]

    def selector(self, seed: int, **options: Any) -> AugmentationSelector:
        """Not fitted yet."""
        return AugmentationSelector(self.model(), image_shape=self.image_shape, random_state=seed, **options)


def trees() -> Any:
    return ExtraTreesClassifier(40, random_state=0)


def of_words() -> Any:
    return make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10, max_iter=300))


def digits() -> Labelled:
    found = load_digits()
    return Labelled("digits", found.data, found.target, trees, (8, 8))


def mnist() -> Labelled:
    found = np.load(shared("mnist") / "mnist_train20k.npz")
    return Labelled("mnist", found["images"].reshape(20_000, -1), found["labels"].astype(int), trees, (28, 28))


def of_texts(name: str, table: pl.DataFrame) -> Labelled:
    codes = np.unique(np.asarray(table["label"].to_list()), return_inverse=True)[1]
    return Labelled(name, np.array(table["text"].to_list(), dtype=object), codes, of_words)


def trec() -> Labelled:
    return of_texts("trec6", pl.read_csv(shared("text_trec6") / "train.csv"))


def subjectivity() -> Labelled:
    return of_texts("subjectivity", pl.read_csv(shared("text_subjectivity") / "data.csv.gz"))


def reviews() -> Labelled:
    table = pl.read_parquet(shared("imdb_test") / "reviews.parquet")
    return of_texts("imdb", table.with_columns(pl.col("text").str.slice(0, 600)).sample(6_000, seed=0))


def gains(seeds: int) -> None:
    print("rows per class, accuracy without, gain in points [95 % of the mean over seeds], accepted, most frequent")
    small = []
    for data in loaded((digits, mnist, trec, subjectivity, reviews)):
        for per_class in PER_CLASS:
            if per_class * len(np.unique(data.y)) > len(data.y) / 1.5:
                continue
            if data.name == "mnist" and per_class == 200:
                continue  # ten minutes per seed
            found, before, names = [], [], []
            for seed in range(seeds):
                train, test = data.drawn(per_class, seed)
                selector = data.selector(seed).fit(data.X[train], data.y[train])
                plain = data.model().fit(data.X[train], data.y[train]).score(data.X[test], data.y[test])
                found.append(100 * (selector.score(data.X[test], data.y[test]) - plain))
                before.append(100 * plain)
                accepted = selector.study_.accepted
                names += [] if accepted is None else [accepted.words]
            if per_class == PER_CLASS[0]:
                small.append(np.mean(found))
            often = max(set(names), key=names.count) if names else "-"
            half = ttest_1samp(found, 0).confidence_interval() if np.ptp(found) else (np.mean(found),) * 2
            print(
                f"{data.name:13} {per_class:4} {np.mean(before):6.1f} {np.mean(found):+6.2f} "
                f"[{half[0]:+.2f}, {half[1]:+.2f}] {len(names):3} of {seeds}  {often}",
                flush=True,
            )
    print(f"mean gain at {PER_CLASS[0]} a class: {np.mean(small):+.2f}")


def without_negation(texts: Any, rng: np.random.Generator) -> list[str]:
    """Drops the words that turn a statement round."""
    return [" ".join(word for word in text.split() if word.lower() not in NEGATIONS) for text in texts]


def breaking(seeds: int) -> None:
    print("operations that break labels: refused")
    upside_down = RowChange("flip top to bottom", "image", flip_top_bottom)
    for data in loaded((digits, reviews)):
        operation = upside_down if data.image_shape else without_negation
        for per_class in PER_CLASS[:2]:
            refused = 0
            for seed in range(seeds):
                train, _ = data.drawn(per_class * (1 if data.image_shape else 5), seed)
                found = data.selector(seed, operations=[operation]).fit(data.X[train], data.y[train]).study_
                refused += found.accepted is None
            print(f"{data.name:13} {per_class:4} refused {refused} of {seeds}", flush=True)


def shuffled(seeds: int) -> None:
    print("labels shuffled: nothing accepted")
    for data in loaded((digits, trec, subjectivity)):
        none = 0
        for seed in range(seeds):
            train, _ = data.drawn(10 if data.image_shape else 20, seed)
            y = np.random.default_rng(seed).permutation(data.y[train])
            none += data.selector(seed).fit(data.X[train], y).study_.accepted is None
        print(f"{data.name:13} none {none} of {seeds}", flush=True)


def unequal(seeds: int) -> None:
    print("5 % positives, 600 rows: balanced accuracy and log-loss on 4,000 test rows; estimate of balanced accuracy")
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    figures: dict[str, list[list[float]]] = {}
    for seed in range(seeds):
        X, y = make_classification(
            4_600, 12, n_informative=5, weights=[0.95], flip_y=0.02, class_sep=0.8, random_state=seed
        )
        train, test = np.arange(600), np.arange(600, 4_600)
        rng = np.random.default_rng(seed)
        made = oversampled(X[train], y[train], 1.0, rng)
        more, of = np.concatenate([X[train], made.rows]), np.concatenate([y[train], y[made.parents]])
        selector = AugmentationSelector(
            model, operations=[Oversampling("SMOTE"), Oversampling("BorderlineSMOTE")], random_state=seed
        )
        arms = {
            "none": (model.fit(X[train], y[train]).predict_proba(X[test])[:, 1], _estimate(model, X[train], y[train])),
            "selector": (selector.fit(X[train], y[train]).predict_proba(X[test])[:, 1], np.nan),
            "SMOTE before the folds": (model.fit(more, of).predict_proba(X[test])[:, 1], _estimate(model, more, of)),
            "SMOTE inside the folds": (
                model.fit(more, of).predict_proba(X[test])[:, 1],
                _estimate(model, X[train], y[train], inside=True),
            ),
        }
        for name, (probs, estimate) in arms.items():
            true = y[test]
            row = [balanced_accuracy_score(true, probs > 0.5), log_loss(true, probs), estimate]
            figures.setdefault(name, []).append(row)
    for name, rows in figures.items():
        right, loss, estimate = np.mean(rows, axis=0)
        print(f"{name:24} {right:.3f} {loss:.3f} {estimate:.3f}")


def _estimate(model: Any, X: np.ndarray, y: np.ndarray, *, inside: bool = False) -> float:
    """Balanced accuracy by cross-validation."""
    found = []
    for number, (learnt, held_out) in enumerate(StratifiedKFold(5, shuffle=True, random_state=0).split(X, y)):
        more, of = X[learnt], y[learnt]
        if inside:
            made = oversampled(more, of, 1.0, np.random.default_rng(number))
            more, of = np.concatenate([more, made.rows]), np.concatenate([of, of[made.parents]])
        found.append(balanced_accuracy_score(y[held_out], model.fit(more, of).predict(X[held_out])))
    return float(np.mean(found))


LINES = {one.__name__: one for one in (gains, breaking, shuffled, unequal)}

if __name__ == "__main__":
    words = sys.argv[1:]
    n_seeds = int(words.pop(0)) if words and words[0].isdigit() else 5
    for name in words or LINES:
        LINES[name](n_seeds)
