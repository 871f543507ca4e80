"""Slices of content with unreliable labels: how much of what they cost is won back without a person?

In one part of a table or of texts (short texts, a range of numbers, a category) labels are drawn anew, or a third of
them are moved to another class. scikit-learn's boosted trees and logistic regression are trained on the noisy rows, on
the true ones, on what CleanLearning keeps, and on the outcome of `audit` with `apply`; all are scored on clean test
rows.
`--clean` counts the slices that are found in sets without a planted one.

    python -m benchmarks.content_slices [DATA] [--seeds 1] [--rows 1500] [--clean]
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from benchmarks.recipe_against_cleanlearning import (
    DATA,
    FIRST_SEED,
    GROUPS,
    Run,
    coded,
    kept_by_cleanlearning,
    learners,
    rows_and_codes,
    split_of,
    won_back,
)

from dechaff.data.open import open_data
from dechaff.recipe.audit import audit_data
from dechaff.recipe.improve.improve import improved_data
from dechaff.recipe.passes.request import AuditSettings
from dechaff.recipe.tasks.classification import ClassificationTask

FAULTS = ("random", "a third wrong")
WAYS = ("cleanlearning", "audit")


@dataclass(frozen=True)
class Planted:
    """The slice of one set: where ``column`` is ``category``, else above its 80 % quantile; short where a text."""

    name: str
    column: str
    category: str = ""

    def inside(self, frame: pl.DataFrame) -> np.ndarray:
        """The rows of the slice."""
        values = frame[self.column]
        if self.category:
            return (values == self.category).to_numpy()
        if self.column == "text":
            words = values.str.split(" ").list.len().to_numpy()
            return np.asarray(words <= np.quantile(words, 0.2))
        return (values > values.quantile(0.8)).to_numpy()


PLANTED = (
    Planted("subjectivity", "text"),
    Planted("imdb", "text"),
    Planted("trec6", "text"),
    Planted("adult", "f0"),
    Planted("phoneme", "f2"),
    Planted("spambase", "f54"),
    Planted("adult", "f3", "Some-college"),
    Planted("german", "f3", "A40"),
    Planted("mushroom", "f13", "p"),
)


def spoiled(truth: np.ndarray, inside: np.ndarray, fault: str, seed: int) -> np.ndarray:
    """The codes with those of some rows drawn anew, or a third of them moved to another class."""
    rng, k = np.random.default_rng(seed), int(truth.max()) + 1
    if fault == "random":
        return np.where(inside, rng.integers(0, k, len(truth)), truth)
    moved = (truth + rng.integers(1, k, len(truth))) % k
    return np.where(inside & (rng.random(len(truth)) < 1 / 3), moved, truth)


def one_run(planted: Planted, fault: str, seed: int, options: argparse.Namespace) -> Run:
    split = split_of(planted.name, options.data, seed, options.rows)
    names, truth, tested = coded(split)
    inside, every = planted.inside(split.train), np.arange(len(truth))
    codes = spoiled(truth, inside, fault, seed)
    noisy = split.train.with_columns(label=pl.Series([names[code] for code in codes]))
    first = audit_data(open_data(noisy, label="label"), ClassificationTask(), AuditSettings(seed=seed))
    found = [
        f"{one.condition.words}: {one.found.nature}, {one.action}, {len(one.rows)} rows" for one in first.slices.found
    ]
    of_slice = first.slices.rows[inside[first.train.positions]]
    run: Run = {
        "set": planted.name, "condition": planted.category or planted.column, "noise": fault, "seed": seed,
        "rows": int(inside.sum()), "found": found, "covered": float(of_slice.mean()),
    }  # fmt: skip
    cleaned = improved_data(first.train, first.improved.decided)
    for model, learner in learners(split, seed).items():
        keeps = kept_by_cleanlearning(learner, codes, seed)
        data = {"noisy": (every, codes), "true": (every, truth), "cleanlearning": (keeps, codes[keeps])}
        data["audit"] = rows_and_codes(cleaned, names)
        run[model] = {way: float((learner.predicted(*one) == tested).mean()) for way, one in data.items()}
    return run


def clean_run(name: str, seed: int, options: argparse.Namespace) -> Run:
    split = split_of(name, options.data, seed, options.rows)
    first = audit_data(open_data(split.train, label="label"), ClassificationTask(), AuditSettings(seed=seed))
    found = [f"{one.condition.words}: {one.found.nature}, {one.action}" for one in first.slices.found]
    return {"set": name, "seed": seed, "found": found}


def all_runs(options: argparse.Namespace) -> Iterator[Run]:
    for seed in range(FIRST_SEED, FIRST_SEED + options.seeds):
        if options.clean:
            yield from (clean_run(name, seed, options) for group in GROUPS.values() for name in group)
        else:
            yield from (one_run(one, fault, seed, options) for fault in FAULTS for one in PLANTED)


def print_table(runs: list[Run]) -> None:
    print("| labels of the slice, model | runs | named | lost | " + " | ".join(WAYS) + " |")
    print("|---" * (4 + len(WAYS)) + "|")
    for noise in FAULTS:
        some = [run for run in runs if run["noise"] == noise]
        named = sum(run["covered"] > 0.5 for run in some)
        for model in ("boosting", "linear") if some else ():
            lost = np.mean([run[model]["true"] - run[model]["noisy"] for run in some])
            shares = " | ".join(f"{won_back(some, model, way):.2f}" for way in WAYS)
            print(f"| {noise}, {model} | {len(some)} | {named} | {lost:.3f} | {shares} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=DATA, help="folder of the data sets")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--rows", type=int, default=1_500, help="most training rows")
    parser.add_argument("--clean", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    runs = []
    for run in all_runs(options):
        runs.append(run)
        print(json.dumps(run), flush=True)
    if options.clean:
        print(f"{sum(bool(run['found']) for run in runs)} of {len(runs)} clean runs have a slice")
    else:
        print_table(runs)


if __name__ == "__main__":
    main()
