"""Features: what a selection finds and costs, beside Boruta, permutation importance and knockoffs; and what it gains.

Run: python -m benchmarks.features --part friedman|tables|control|cost [--seeds 20] [--rows 100000]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from scipy.stats import binom, t
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedShuffleSplit
from tests.shared_data import shared

from dechaff.data.dataset import Dataset
from dechaff.data.open import open_data
from dechaff.estimators.features.featured_model import FeaturedModel
from dechaff.estimators.features.forest import forest_importance
from dechaff.estimators.features.select_columns import select_columns
from dechaff.features import FeatureSelector
from dechaff.methods.features.knockoffs import gaussian_knockoffs, knockoff_selection
from dechaff.methods.features.shadow_test import shadow_test
from dechaff.models.choose import candidate_models
from dechaff.recipe.features.created_features import created_features

PLANTED = ("leak, other names", "leak, 1 % wrong", "leak, a number", "id, counter", "id, codes")
NOISE = 45


def friedman(seed: int, n: int = 1000) -> tuple[pl.DataFrame, np.ndarray]:
    """Friedman 1 (5 columns that matter, 45 that do not, label: above the median), 3 leaks and 2 ids."""
    random = np.random.default_rng(seed)
    X = random.random((n, 5 + NOISE))
    curve = 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2 + 10 * X[:, 3] + 5 * X[:, 4]
    target = curve + random.normal(size=n)
    y = (target > np.median(target)).astype(np.int64)
    wrong = random.random(n) < 0.01
    planted = (
        np.array(["low", "high"])[y],
        np.where(wrong, 1 - y, y),
        y + random.normal(0, 0.1, n),
        np.arange(n) + 1000,
        np.array([f"rec-{number:06x}" for number in random.permutation(16**5)[:n]]),
    )
    columns = {f"x{at}": X[:, at] for at in range(5 + NOISE)} | dict(zip(PLANTED, planted, strict=True))
    return pl.DataFrame({name: columns[name] for name in random.permutation(list(columns)).tolist()}), y


def boruta(X: np.ndarray, y: np.ndarray, seed: int, *, rounds: int = 100, seconds: float = np.inf) -> tuple[Any, int]:
    """The loop of BorutaPy 0.4 (perc=100, two_step, alpha=0.05, trees of depth 5, "auto" number of them).

    Returns which columns are confirmed, and the number of rounds that `seconds` of CPU allowed.
    """
    random, started = np.random.default_rng(seed), time.process_time()
    d, alpha = X.shape[1], 0.05
    hits, state = np.zeros(d), np.zeros(d)
    for done in range(1, rounds + 1):
        left = np.flatnonzero(state >= 0)
        shadows = random.permuted(np.tile(X[:, left], (1, -(-5 // len(left)))) if len(left) < 5 else X[:, left], axis=0)
        n_trees = _boruta_trees(len(left))
        forest = RandomForestClassifier(n_trees, max_depth=5, random_state=int(random.integers(2**31)), n_jobs=1)
        found = forest.fit(np.hstack([X[:, left], shadows]), y).feature_importances_
        hits[left[found[: len(left)] > found[len(left) :].max()]] += 1
        open_ = np.flatnonzero(state == 0)
        accept, reject = binom.sf(hits[open_] - 1, done, 0.5), binom.cdf(hits[open_], done, 0.5)
        state[open_[_two_step(accept, alpha, done)]] = 1
        state[open_[_two_step(reject, alpha, done)]] = -1
        if not (state == 0).any() or time.process_time() - started > seconds:
            return state == 1, done
    return state == 1, rounds


def _two_step(p_values: np.ndarray, alpha: float, done: int) -> np.ndarray:
    """Benjamini-Hochberg over the columns, and Bonferroni over the rounds."""
    order = np.argsort(p_values)
    passed = np.flatnonzero(p_values[order] <= alpha * np.arange(1, len(order) + 1) / len(order))
    rejected = np.zeros(len(order), dtype=bool)
    rejected[order[: passed[-1] + 1 if len(passed) else 0]] = True
    return rejected & (p_values <= alpha / done)


def permuted(X: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    """Columns whose permutation importance on held-out rows is above zero by 1.96 of its standard deviations."""
    fitted = RandomForestClassifier(200, random_state=seed).fit(X[::2], y[::2])
    found = permutation_importance(fitted, X[1::2], y[1::2], n_repeats=10, random_state=seed)
    return found.importances_mean > 1.96 * found.importances_std


def knockoffs(X: np.ndarray, y: np.ndarray, seed: int, rate: float = 0.1) -> np.ndarray:
    """Columns above the knockoff+ threshold of importances in a forest."""
    d = X.shape[1]
    both = np.hstack([X, gaussian_knockoffs(X, seed=seed)])
    found = np.mean([forest_importance(both, y, one) for one in range(20)], axis=0)
    return knockoff_selection(found[:d] - found[d:], rate=rate)


def part_friedman(seeds: int) -> None:
    rivals: dict[str, Callable[..., np.ndarray]] = {
        "Boruta (its loop re-made)": lambda X, y, seed: boruta(X, y, seed)[0],
        "permutation importance": permuted,
        "knockoffs, knockoff+ at .1": knockoffs,
        "knockoffs, knockoff+ at .2": lambda X, y, seed: knockoffs(X, y, seed, 0.2),
    }
    names = [f"x{at}" for at in range(5 + NOISE)]
    rows: dict[str, list[tuple[float, float, float, float]]] = {}
    for seed in range(seeds):
        frame, y = friedman(seed)
        started = time.process_time()
        selector = FeatureSelector(random_state=seed).fit(frame, y)
        spent = time.process_time() - started
        stays = set(selector.get_feature_names_out())
        chosen = np.array([name in stays for name in names])
        ours = (sum(name not in stays for name in PLANTED) / 5, *_rates(chosen), spent)
        rows.setdefault("FeatureSelector", []).append(ours)
        X = frame.select(names).to_numpy()
        for name, select in rivals.items():
            started = time.process_time()
            rows.setdefault(name, []).append((np.nan, *_rates(select(X, y, seed)), time.process_time() - started))
    print("| | leaks and ids found | false discovery rate | power | CPU seconds |\n|---|---|---|---|---|")
    for name, found in rows.items():
        planted, false, power, spent = np.mean(found, axis=0)
        share = "not looked for" if np.isnan(planted) else f"{planted:.0%}"
        print(f"| {name} | {share} | {false:.3f} | {power:.2f} | {spent:.1f} |")


def _rates(chosen: np.ndarray) -> tuple[float, float]:
    return chosen[5:].sum() / max(chosen.sum(), 1), float(chosen[:5].mean())


MOST_TRAIN, MOST_TEST = 2000, 3000


def part_tables(seeds: int) -> None:
    """All columns against those that stay and the features that are created, by the model that the search used."""
    print("| set | columns | stay | created | accuracy, all | chosen | gain | log-loss, all | chosen | gain |")
    print("|" + "---|" * 10)
    overall = []
    for path in sorted((shared("tabular")).glob("*.csv.gz")):
        frame = pl.read_csv(path, null_values=["?"], infer_schema_length=None)
        data = open_data(frame, label="target").train
        n = len(data)
        splits = StratifiedShuffleSplit(seeds, train_size=min(MOST_TRAIN, n * 7 // 10), test_size=0.3, random_state=0)
        scores, counts = [], []
        for seed, (train, test) in enumerate(splits.split(np.zeros(n), data.codes)):
            found, count = _chosen_against_all(data.take(np.sort(train)), data.take(test[:MOST_TEST]), seed)
            scores.append(found)
            counts.append(count)
        gained = np.array(scores)  # (seeds, all or chosen, accuracy or log-loss)
        means, kept = gained.mean(axis=0), np.mean(counts, axis=0)
        overall.append(means)
        gains = [_interval(gained[:, 1, 0] - gained[:, 0, 0]), _interval(gained[:, 0, 1] - gained[:, 1, 1])]
        cells = " | ".join(f"{means[0, at]:.4f} | {means[1, at]:.4f} | {gains[at]}" for at in (0, 1))
        columns = f"{len(data.table.columns)} | {kept[0]:.1f} | {kept[1]:.1f}"
        print(f"| {path.name.split('.')[0]} | {columns} | {cells} |", flush=True)
    mean = np.mean(overall, axis=0)
    cells = " | ".join(f"{mean[0, at]:.4f} | {mean[1, at]:.4f} | {(mean[1] - mean[0])[at]:+.4f}" for at in (0, 1))
    print(f"| mean | | | | {cells} |")


def _chosen_against_all(train: Dataset, test: Dataset, seed: int) -> tuple[np.ndarray, tuple[int, int]]:
    """Accuracy and log-loss of both, and how many columns stay and are created."""
    k = len(train.class_names)
    found = select_columns(train.table, train.codes, k, seed=seed)
    names = [one for one in train.table.names if one not in found.left_out]
    model = candidate_models(train.table, n_classes=k)[0]
    study = created_features(train, names, model, of=found.fit, seed=seed)
    chosen = FeaturedModel(model, tuple(names), study.accepted)
    scores = []
    for one in (model, chosen):
        probs = one.fit(train.table, None, train.codes, k, seed=seed).probs(test.table)
        right = probs.argmax(axis=1) == test.codes
        scores.append((float(right.mean()), float(log_loss(test.codes, probs, labels=range(k)))))
    return np.array(scores), (len(names), len(study.accepted))


def _interval(gains: np.ndarray) -> str:
    """Mean and 95 % interval over overlapping splits of 30 % test rows: Nadeau, Bengio (2003)."""
    n = len(gains)
    half = t.ppf(0.975, n - 1) * gains.std(ddof=1) * np.sqrt(1 / n + 0.3 / 0.7)
    worse = " **worse**" if gains.mean() + half < 0 else ""
    return f"{gains.mean():+.4f} ({gains.mean() - half:+.4f} to {gains.mean() + half:+.4f}){worse}"


def part_control(seeds: int) -> None:
    """How often a created feature is accepted if labels are shuffled, and if one feature decides."""
    rows = [("labels of 14 tables shuffled", "none", *_shuffled(seeds))]
    rows += [(f"decided by {name}", name, *_decided(name, seeds)) for name in DECIDING]
    print("| data | expected | runs | expected is accepted | another one is accepted |\n|---|---|--:|--:|--:|")
    for data, expected, runs, hits, others in rows:
        print(f"| {data} | {expected} | {runs} | {hits} | {others} |")


def _shuffled(seeds: int) -> tuple[int, int, int]:
    accepted = []
    for path in sorted((shared("tabular")).glob("*.csv.gz")):
        data = open_data(pl.read_csv(path, null_values=["?"], infer_schema_length=None), label="target").train
        for seed in range(seeds):
            random = np.random.default_rng(seed)
            some = data.take(np.sort(random.permutation(len(data))[:1000]))
            accepted.append(_created(replace(some, codes=random.permutation(some.codes)), seed))
    none = sum(not one for one in accepted)
    return len(accepted), none, len(accepted) - none


DECIDING = ("a / b", "a in bins", "weekday of day", "city, target-encoded", "words of said")


def _decided(name: str, seeds: int, n: int = 1000) -> tuple[int, int, int]:
    hits, others = 0, 0
    for seed in range(seeds):
        random = np.random.default_rng(seed)
        a, b, c = random.uniform(1, 9, n), random.uniform(1, 9, n), random.normal(size=n)
        day, city = random.integers(0, 1000, n), random.integers(0, 150, n)
        length = random.integers(8, 60, n)
        effect = {
            "a / b": 1.5 * (a / b - 1.5),
            "a in bins": 2 * np.sin(a),
            "weekday of day": np.where((day + 3) % 7 >= 5, 2.0, -0.8),
            "city, target-encoded": random.normal(0, 2, 150)[city],
            "words of said": (length - 34) / 8,
        }[name]
        label = np.where(effect + c + 0.5 * random.normal(size=n) > 0, "yes", "no")
        words = ["it", "was", "so", "and", "that", "then", "there"]
        columns = {
            "a": a, "b": b, "c": c, "day": np.datetime64("2023-01-01") + day, "city": [f"city {one}" for one in city],
            "said": [" ".join(random.choice(words, size)) for size in length], "label": label,
        }  # fmt: skip
        accepted = _created(open_data(pl.DataFrame(columns), label="label").train, seed)
        hits, others = hits + (name in accepted), others + bool(set(accepted) - {name})
    return seeds, hits, others


def _created(data: Dataset, seed: int) -> list[str]:
    names = data.table.names
    model = candidate_models(data.table, n_classes=len(data.class_names))[0]
    return [one.name for one in created_features(data, names, model, of=names, seed=seed).accepted]


TIMED_TREES = 10
"""Boruta takes hours, so some trees of its first forest are timed: all its trees cost the same, up to chance."""


def part_cost(sizes: Sequence[int]) -> None:
    """CPU time of the shadow test, and the least that Boruta can take: no column is decided before a certain round."""
    print("| rows | shadow test, CPU s | rounds | found, false | knockoffs, CPU s | found, false | Boruta, CPU s |")
    print("|" + "--:|" * 7)
    least = next(done for done in range(1, 101) if _two_step(np.full(100, 0.5**done), 0.05, done).any())
    for n in sizes:
        random = np.random.default_rng(0)
        X = random.normal(size=(n, 100)).astype(np.float32)
        y = (X[:, :10].sum(axis=1) + 3 * random.normal(size=n) > 0).astype(np.int64)
        shadow, tested = _spent(partial(shadow_test, X, y, forest_importance))
        print(f"shadow test: {shadow:.0f} s, {tested.rounds} rounds", file=sys.stderr, flush=True)
        knock, chosen = _spent(partial(_linear_knockoffs, X, y))
        both = np.hstack([X, random.permuted(X, axis=0)])
        trees = RandomForestClassifier(TIMED_TREES, max_depth=5, random_state=0, n_jobs=1)
        rival = _spent(partial(trees.fit, both, y))[0] / TIMED_TREES * _boruta_trees(100) * least
        cells = (f"{shadow:.0f} | {tested.rounds} | {_found(tested.relevant)}", f"{knock:.1f} | {_found(chosen)}")
        print(f"| {n:,} | {' | '.join(cells)} | at least {rival:.0f}, {rival / shadow:.1f} times |", flush=True)


def _boruta_trees(n_columns: int) -> int:
    return int(200 * n_columns / (np.sqrt(2 * n_columns) * 5))


def _spent(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.process_time()
    found = work()
    return time.process_time() - started, found


def _found(chosen: np.ndarray) -> str:
    return f"{chosen[:10].sum()}, {chosen[10:].sum()}"


def _linear_knockoffs(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    both = np.hstack([X, gaussian_knockoffs(X)])
    slopes = np.abs(LogisticRegression(C=0.01).fit(both, y).coef_[0])
    return knockoff_selection(slopes[:100] - slopes[100:], rate=0.1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=["friedman", "tables", "control", "cost"], default="friedman")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--rows", type=int, nargs="+", default=[5_000, 20_000, 100_000], help="of the part cost")
    given = parser.parse_args()
    if given.part == "cost":
        part_cost(given.rows)
    else:
        {"friedman": part_friedman, "tables": part_tables, "control": part_control}[given.part](given.seeds)
