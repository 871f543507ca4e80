"""Augmentation accepted by held-out rows against none: gains, refusals, and controls.

``python -m benchmarks.augmentation [seeds] [line …] [--kept FILE] [--seconds N]``, default 5 seeds and all lines:
``gains``, ``breaking``, ``shuffled``, ``unequal``. A seed draws 10, 50 or 200 training rows per class and up to 2,000
test rows, on which nothing is chosen. The gain is the accuracy of `AugmentationSelector` minus that of the same model
without it. Sets beside the project are left out if they are not there; ``unequal`` needs imbalanced-learn. Each
measurement goes to ``--kept`` as soon as it is there, and one that is there is not made again: a run that was stopped
goes on, and ``--seconds 0`` prints what there is. Prints one table per line, with the number of seeds.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs
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
from dechaff.classifiers import BalancedAccuracyClassifier
from dechaff.methods.augmentation.flip import flip_top_bottom
from dechaff.methods.augmentation.smote import oversampled

PER_CLASS, TEST = (10, 50, 200), 2_000
TOO_SLOW = (("mnist", 50), ("mnist", 200))
"""Minutes per seed."""
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


@dataclass
class Measured:
    """Measurements by line, set, rows per class and seed; kept in a file if there is one."""

    file: Path | None
    seconds: float
    found: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    began: float = field(default_factory=monotonic)

    def __post_init__(self) -> None:
        if self.file is not None and self.file.exists():
            for text in self.file.read_text(encoding="utf-8").splitlines():
                *key, value = json.loads(text)
                self.found[tuple(key)] = value

    def measure(self, *key: Any, work: Callable[[], Any]) -> None:
        """Do the work, unless it is done or the time is over."""
        if key in self.found or monotonic() - self.began > self.seconds:
            return
        self.found[key] = value = work()
        if self.file is not None:
            with self.file.open("a", encoding="utf-8") as kept:
                kept.write(json.dumps([*key, value]) + "\n")

    def table(self, line: str) -> Iterator[tuple[tuple[Any, ...], list[Any]]]:
        """Key without its seed -> the values of the seeds, in the order of the first."""
        tables: dict[tuple[Any, ...], list[Any]] = {}
        for key, value in self.found.items():
            if key[0] == line:
                tables.setdefault(key[1:-1], []).append(value)
        yield from sorted(tables.items(), key=lambda one: [str(part).rjust(9) for part in one[0]])


@cache
def sets(*makers: Callable[[], Labelled]) -> list[Labelled]:
    """The sets that are there, read once."""
    return list(loaded(makers))


def gains(measured: Measured, seed: int) -> None:
    for data in sets(digits, mnist, trec, subjectivity, reviews):
        for per_class in PER_CLASS:
            if per_class * len(np.unique(data.y)) <= len(data.y) / 1.5 and (data.name, per_class) not in TOO_SLOW:
                work = partial(_gain, data, per_class, seed)
                measured.measure("gains", data.name, per_class, seed, work=work)


def _gain(data: Labelled, per_class: int, seed: int) -> tuple[float, float, str]:
    """Accuracy without, with - without, and what was accepted."""
    train, test = data.drawn(per_class, seed)
    selector = data.selector(seed).fit(data.X[train], data.y[train])
    plain = data.model().fit(data.X[train], data.y[train]).score(data.X[test], data.y[test])
    accepted = selector.study_.accepted
    gain = selector.score(data.X[test], data.y[test]) - plain
    return float(plain), float(gain), "" if accepted is None else accepted.words


def print_gains(measured: Measured) -> None:
    print("rows per class, accuracy without, gain in points [95 % of the mean over seeds], accepted, most frequent")
    small = []
    for (name, per_class), values in measured.table("gains"):
        before, found = (100 * np.array([one[at] for one in values]) for at in (0, 1))
        names = [one[2] for one in values if one[2]]
        often = max(set(names), key=names.count) if names else "-"
        spread = len(found) > 1 and np.ptp(found)
        half = ttest_1samp(found, 0).confidence_interval() if spread else (found.mean(),) * 2
        if per_class == PER_CLASS[0]:
            small.append(found.mean())
        print(
            f"{name:13} {per_class:4} {before.mean():6.1f} {found.mean():+6.2f} "
            f"[{half[0]:+.2f}, {half[1]:+.2f}] {len(names):3} of {len(found)}  {often}"
        )
    if small:
        print(f"mean gain at {PER_CLASS[0]} per class, over sets: {np.mean(small):+.2f}")


def without_negation(texts: Any, rng: np.random.Generator) -> list[str]:
    """Drops the words that turn a statement round."""
    return [" ".join(word for word in text.split() if word.lower() not in NEGATIONS) for text in texts]


def breaking(measured: Measured, seed: int) -> None:
    upside_down = RowChange("flip top to bottom", "image", flip_top_bottom)
    for data in sets(digits, reviews):
        operation = upside_down if data.image_shape else without_negation
        for per_class in (10, 50) if data.image_shape else (50, 250):
            work = partial(_refused, data, per_class, seed, operation)
            measured.measure("breaking", data.name, per_class, seed, work=work)


def _refused(data: Labelled, per_class: int, seed: int, operation: Any) -> bool:
    train, _ = data.drawn(per_class, seed)
    return data.selector(seed, operations=[operation]).fit(data.X[train], data.y[train]).study_.accepted is None


def shuffled(measured: Measured, seed: int) -> None:
    for data in sets(digits, trec, subjectivity):
        per_class = 10 if data.image_shape else 20
        measured.measure("shuffled", data.name, per_class, seed, work=partial(_none, data, per_class, seed))


def _none(data: Labelled, per_class: int, seed: int) -> bool:
    train, _ = data.drawn(per_class, seed)
    y = np.random.default_rng(seed).permutation(data.y[train])
    return data.selector(seed).fit(data.X[train], y).study_.accepted is None


def print_refusals(measured: Measured, line: str) -> None:
    about = {"breaking": "operations that break labels: refused", "shuffled": "labels shuffled: nothing accepted"}
    print(about[line])
    for (name, per_class), values in measured.table(line):
        print(f"{name:13} {per_class:4} {sum(values)} of {len(values)}")


def logistic() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


RARE = {"letter": "A", "satimage": "4", "phoneme": "1", "spambase": "1"}
"""Table -> its rare class, against the rest; thinned to 5 % if it is more frequent."""


def unequal(measured: Measured, seed: int) -> None:
    for name, model in (("logistic", logistic), ("trees", trees)):
        X, y = make_classification(
            4_600, 12, n_informative=5, weights=[0.95], flip_y=0.02, class_sep=0.8, random_state=seed
        )
        measured.measure("unequal", "made", name, seed, work=partial(_arms, model, X, y, seed))
        for table, rare in RARE.items():
            measured.measure("unequal", table, name, seed, work=partial(_arms_of_table, model, table, rare, seed))


def _arms_of_table(model: Callable[[], Any], name: str, rare: str, seed: int) -> dict[str, list[float]]:
    table = pl.read_csv(shared("tabular") / f"{name}.csv.gz").sample(fraction=1.0, shuffle=True, seed=seed)
    y = (table["target"].cast(pl.String).str.strip_chars() == rare).to_numpy()
    X = table.drop("target").select(cs.numeric()).to_numpy().astype(np.float64)
    few = np.flatnonzero(y)[: int(0.05 / 0.95 * (~y).sum())]
    rows = np.random.default_rng(seed).permutation(np.concatenate([np.flatnonzero(~y), few]))[:4_600]
    return _arms(model, X[rows], y[rows].astype(int), seed)


def _arms(model: Callable[[], Any], X: np.ndarray, y: np.ndarray, seed: int) -> dict[str, list[float]]:
    """Balanced accuracy and log-loss on test rows, and the estimate of the first by cross-validation."""
    X, y, new, true = X[:600], y[:600], X[600:], y[600:]
    made = oversampled(X, y, 1.0, np.random.default_rng(seed))
    more, of = np.concatenate([X, made.rows]), np.concatenate([y, y[made.parents]])
    plain, smote = model().fit(X, y), model().fit(more, of)
    balanced = BalancedAccuracyClassifier(model(), random_state=seed).fit(X, y)
    found = {
        "none": (plain, _estimate(model(), X, y)),
        "prior corrected": (balanced, balanced.balanced_accuracy_),
        "SMOTE before the folds": (smote, _estimate(model(), more, of)),
        "SMOTE inside the folds": (smote, _estimate(model(), X, y, inside=True)),
    }
    return {
        name: [
            float(balanced_accuracy_score(true, one.predict(new))),
            float(log_loss(true, one.predict_proba(new))),
            float(estimate),
        ]
        for name, (one, estimate) in found.items()
    }


def print_unequal(measured: Measured) -> None:
    print("at most 5 % positives, 600 rows: balanced accuracy and log-loss on test rows; estimate of the first")
    found = list(measured.table("unequal"))
    for (table, model), values in found:
        for arm in values[0]:
            right, loss, estimate = np.mean([one[arm] for one in values], axis=0)
            print(f"{table:9} {model:9} {arm:24} {right:.3f} {loss:.3f} {estimate:.3f}  ({len(values)} seeds)")
    for name, place, sign in (("balanced accuracy", 0, 1), ("log-loss", 1, -1)):
        gains_of = [
            [sign * (one["prior corrected"][place] - one["SMOTE inside the folds"][place]) for one in values]
            for _, values in found
        ]
        means = np.array([np.mean(one) for one in gains_of])
        worse = sum(len(one) > 1 and ttest_1samp(one, 0).confidence_interval().high < 0 for one in gains_of)
        print(
            f"prior correction against SMOTE in {name}: mean gain {means.mean():+.3f}, better in "
            f"{int((means > 0).sum())} of {len(means)} lines, significantly worse in {worse}"
        )


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
TABLES: dict[str, Callable[[Measured], None]] = {
    "gains": print_gains,
    "breaking": partial(print_refusals, line="breaking"),
    "shuffled": partial(print_refusals, line="shuffled"),
    "unequal": print_unequal,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("words", nargs="*")
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    given = parser.parse_args()
    n_seeds = int(given.words.pop(0)) if given.words and given.words[0].isdigit() else 5
    wanted = given.words or list(LINES)
    all_measured = Measured(given.kept, given.seconds)
    for number in range(n_seeds if given.seconds else 0):
        for name in wanted:
            LINES[name](all_measured, number)
    for name in wanted:
        TABLES[name](all_measured)
