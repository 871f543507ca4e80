"""How much of the accuracy that label noise costs does CleanClassifier win back, against cleanlab's CleanLearning?

Tables and question texts (as embeddings) with clean labels. Up to 500 training rows are given uniform, pairwise or
instance-dependent noise (hard rows go wrong, to the class that another model takes them for); the same base model
learns from the noisy labels, inside CleanLearning, inside CleanClassifier (with and without its check) and
ReweightingClassifier, and from the true labels; all are scored on clean rows that no one has seen. Share won back =
(x - noisy) / (true - noisy), over sums. Also: how many of scikit-learn's estimator checks each of them passes.

    python -m benchmarks.clean_classifier [--models logistic boosting] [--seeds 3] [--sets vehicle …] [--checks]
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from benchmarks._against_cleanlab import folder
from cleanlab.classification import CleanLearning
from scipy.stats import ttest_1samp
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict, train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

import dechaff

FIRST_SEED = 700
TRAIN_ROWS, TEST_ROWS = 500, 3_000
NOISES = (("none", 0.0), *((kind, rate) for kind in ("uniform", "pairwise", "by row") for rate in (0.2, 0.4)))
SETS = ("trec6", "vehicle", "german", "pima", "banana", "phoneme", "vowel", "adult", "spambase", "banknote", "satimage")


@dataclass(frozen=True)
class Split:
    """Scaled features and class codes."""

    features: np.ndarray
    labels: np.ndarray
    test_features: np.ndarray
    test_labels: np.ndarray


def split(name: str, seed: int) -> Split:
    if name == "trec6":
        features = np.load(folder("text_trec6") / "emb_minilm_train.npy").astype(np.float64)
        names = pd.read_csv(folder("text_trec6") / "train.csv")["label"]
    else:
        path = Path(folder("tabular")) / f"{name}.csv.gz"
        frame = pd.read_csv(path)
        features = pd.get_dummies(frame.drop(columns="target")).fillna(0).to_numpy(dtype=np.float64)
        names = frame["target"].astype(str)
    labels = np.unique(names, return_inverse=True)[1]
    train, test = train_test_split(np.arange(len(labels)), test_size=0.3, stratify=labels, random_state=seed)
    train, test = train[:TRAIN_ROWS], test[:TEST_ROWS]
    scaler = StandardScaler().fit(features[train])
    return Split(scaler.transform(features[train]), labels[train], scaler.transform(features[test]), labels[test])


def noisy(data: Split, kind: str, rate: float, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    labels, k = data.labels.copy(), int(data.labels.max()) + 1
    if kind == "by row":
        return _by_row(data, rate, random, seed)
    wrong = random.random(len(labels)) < rate
    step = random.integers(1, k, len(labels)) if kind == "uniform" else 1
    return np.where(wrong, (labels + step) % k, labels)


def _by_row(data: Split, rate: float, random: np.random.Generator, seed: int) -> np.ndarray:
    """Chances grow with the square of a forest's doubt, and come to `rate` on average."""
    forest = RandomForestClassifier(100, min_samples_leaf=3, random_state=seed)
    probs = cross_val_predict(forest, data.features, data.labels, cv=3, method="predict_proba")
    rows = np.arange(len(probs))
    own = probs[rows, data.labels].copy()
    probs[rows, data.labels] = -1
    doubt = (1 - own + probs.max(axis=1)) ** 2 + 1e-3
    scales = np.geomspace(1e-3, 1e4, 2000)
    means = np.array([np.minimum(doubt * scale, 0.95).mean() for scale in scales])
    chance = np.minimum(doubt * scales[np.argmin(np.abs(means - rate))], 0.95)
    return np.where(random.random(len(probs)) < chance, probs.argmax(axis=1), data.labels)


def base_model(kind: str) -> Any:
    if kind == "logistic":
        return LogisticRegression(max_iter=500)
    return HistGradientBoostingClassifier(max_iter=40, max_leaf_nodes=15, random_state=0)


def _clean_learning(model: Any, seed: int) -> Any:
    return CleanLearning(model, cv_n_folds=5, seed=seed, find_label_issues_kwargs={"n_jobs": 1})


OURS, CLEANLAB = "CleanClassifier", "CleanLearning"
WAYS: dict[str, Callable[[Any, int], Any]] = {
    CLEANLAB: _clean_learning,
    OURS: lambda model, seed: dechaff.CleanClassifier(model, random_state=seed),
    "CleanClassifier, check=False": lambda model, seed: dechaff.CleanClassifier(model, random_state=seed, check=False),
    "ReweightingClassifier": lambda model, seed: dechaff.classifiers.ReweightingClassifier(model, random_state=seed),
}


def rows_of(name: str, model: str, seed: int) -> Iterator[dict[str, Any]]:
    data = split(name, seed)
    for kind, rate in NOISES:
        two = data.labels.max() == 1
        if two and kind == "pairwise":
            continue  # the same as uniform
        given = noisy(data, kind, rate, seed)
        if len(np.unique(given)) < data.labels.max() + 1:
            continue
        row = {"set": name, "model": model, "seed": seed, "noise": kind, "rate": rate}
        row["noisy"] = _accuracy(base_model(model).fit(data.features, given), data)
        row["true"] = _accuracy(base_model(model).fit(data.features, data.labels), data)
        for way, made in WAYS.items():
            row[way] = _accuracy(made(base_model(model), seed).fit(data.features, given), data)
        yield row


def _accuracy(model: Any, data: Split) -> float:
    return float((model.predict(data.test_features) == data.test_labels).mean())


def print_tables(rows: pd.DataFrame) -> None:
    header = "| noise | runs | noisy | " + " | ".join(WAYS) + " | true |"
    print(header + "\n|" + "---|" * (len(WAYS) + 4))
    for (kind, rate), part in rows.groupby(["noise", "rate"], sort=False):
        gains = " | ".join(f"{100 * (part[way] - part['noisy']).mean():+.2f}" for way in WAYS)
        lost = 100 * (part["true"] - part["noisy"]).mean()
        print(f"| {kind} {rate:g} | {len(part)} | {part['noisy'].mean():.3f} | {gains} | {lost:+.2f} |")
    hurt = rows[rows["noise"] != "none"]
    lost = (hurt["true"] - hurt["noisy"]).sum()
    shares = " | ".join(f"{(hurt[way] - hurt['noisy']).sum() / lost:+.2f}" for way in WAYS)
    print(f"| **share won back** | {len(hurt)} | | {shares} | 1 |")
    worse = " | ".join(f"{((hurt[way] - hurt['noisy']) < -0.01).mean():.0%}" for way in WAYS)
    print(f"| a point or more worse than noisy | {len(hurt)} | | {worse} | |")
    for way in WAYS:
        if way != CLEANLAB:
            difference = 100 * (rows[way] - rows[CLEANLAB])
            low, high = ttest_1samp(difference, 0.0).confidence_interval()
            print(f"\n{way} minus {CLEANLAB}, all runs: {difference.mean():+.2f} points ({low:+.2f} to {high:+.2f})")


def print_checks() -> None:
    print("\n| estimator | checks passed | failed |\n|---|---|---|")
    for estimator in (CleanLearning(), dechaff.CleanClassifier(), dechaff.classifiers.ReweightingClassifier()):
        found = check_estimator(clone(estimator), on_fail=None, on_skip=None)
        passed, failed = (sum(one["status"] == status for one in found) for status in ("passed", "failed"))
        print(f"| {type(estimator).__name__} | {passed} | {failed} |", flush=True)


def main() -> None:
    """Print the tables."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="*", choices=["logistic", "boosting"], default=["logistic", "boosting"])
    parser.add_argument("--sets", nargs="*", choices=SETS, default=list(SETS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--checks", action="store_true", help="only scikit-learn's estimator checks")
    chosen = parser.parse_args()
    if chosen.checks:
        print_checks()
        return
    seeds = range(FIRST_SEED, FIRST_SEED + chosen.seeds)
    for model in chosen.models:
        rows = [row for seed in seeds for name in chosen.sets for row in rows_of(name, model, seed)]
        print(f"\n## {model}\n")
        print_tables(pd.DataFrame(rows))


if __name__ == "__main__":
    main()
