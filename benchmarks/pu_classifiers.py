"""Positive-unlabelled learning on real tables: how far c is off, and how well classes are told apart.

Labels of the positives are hidden completely at random but for a share c. Every classifier gets the same rows and the
same base model: ours, pulearn's and pu-toolbox's; the oracle has the true labels, the naive model takes unlabelled rows
for negatives. F1 is that of the positive class on rows that no one has seen. Prints one table of errors of c, one of
F1 with paired differences, and one by table.

    python -m benchmarks.pu_classifiers [--models logistic boosting] [--seeds 5] [--tables bank wine …] [--keep DIR]
        [--rivals oracle …]

With ``--keep`` each table and draw is written to that folder as it is done, and not done again if it is there: a run
that was broken off goes on, and draws can be added. Take an empty folder for another version of the code.
"""

from __future__ import annotations

import argparse
import os
import pickle
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pulearn
from benchmarks._pu_data import Draw, PUTable, all_tables, draw
from scipy.stats import ttest_1samp
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.preprocessing import StandardScaler

import dechaff
from dechaff.methods.pu.diagnostics.diagnose import DiagnosisInputs, diagnose

FIRST_SEED = 100
CHANCES = (0.1, 0.3, 0.5, 0.7)
FEWEST_LABELLED = 10
"""Draws with fewer labelled rows are left out: pulearn then has none to hold out."""
OURS, SINGLE, E1, TRUE_C = "PUClassifier", "PUClassifier, one model", "ElkanNotoClassifier", "PUClassifier, true c"


@dataclass(frozen=True)
class Answer:
    """What one classifier said of one draw; ``c`` is NaN where it estimates none."""

    predicted: np.ndarray
    c: float = np.nan


def base_model(kind: str, n_labelled: int) -> Any:
    """Leaves small enough that trees can see the labelled rows at all; the same for everyone."""
    if kind == "logistic":
        return LogisticRegression(max_iter=500)
    return HistGradientBoostingClassifier(min_samples_leaf=int(np.clip(n_labelled // 10, 2, 20)), random_state=0)


def _oracle(model: Any, one: Draw, seed: int) -> Answer:
    return Answer(model.fit(one.features, one.positive).predict(one.test_features))


def _naive(model: Any, one: Draw, seed: int) -> Answer:
    return Answer(model.fit(one.features, one.labelled).predict(one.test_features))


def _elkan_noto(model: Any, one: Draw, seed: int) -> Answer:
    fitted = dechaff.classifiers.ElkanNotoClassifier(model, random_state=seed).fit(one.features, one.labelled)
    return Answer(fitted.predict(one.test_features), fitted.c_)


def _single(model: Any, one: Draw, seed: int) -> Answer:
    fitted = dechaff.PUClassifier(model, random_state=seed, ensemble=False).fit(one.features, one.labelled)
    return Answer(fitted.predict(one.test_features), fitted.c_)


def _true_c(model: Any, one: Draw, seed: int) -> Answer:
    fitted = dechaff.PUClassifier(model, c=one.c, random_state=seed).fit(one.features, one.labelled)
    return Answer(fitted.predict(one.test_features))


def _pulearn(model: Any, one: Draw, seed: int) -> Answer:
    fitted = pulearn.ElkanotoPuClassifier(model, random_state=seed).fit(one.features, one.labelled.astype(int))
    return Answer(fitted.predict(one.test_features) == 1, float(fitted.c))


def _bagging(model: Any, one: Draw, seed: int) -> Answer:
    """As many unlabelled rows per bag as there are labelled ones, which is far better than its default."""
    share = min(1.0, one.labelled.sum() / (~one.labelled).sum())
    fitted = pulearn.BaggingPuClassifier(model, max_samples=float(share), oob_score=False, random_state=seed)
    fitted.fit(one.features, one.labelled.astype(int))
    return Answer(fitted.predict_proba(one.test_features)[:, 1] >= 0.5)


def _toolbox(model: Any, one: Draw, seed: int) -> Answer:
    from pu_toolbox import ElkanNotoClassifier

    fitted = ElkanNotoClassifier(model, random_state=seed).fit(one.features, one.labelled.astype(int))
    return Answer(fitted.predict(one.test_features) == 1, float(fitted.propensity_))


RIVALS: dict[str, Callable[[Any, Draw, int], Answer]] = {
    SINGLE: _single,
    TRUE_C: _true_c,
    E1: _elkan_noto,
    "pulearn Elkan–Noto": _pulearn,
    "pulearn bagging, balanced": _bagging,
    "pu-toolbox Elkan–Noto": _toolbox,
    "naive": _naive,
    "oracle": _oracle,
}


def rows_of(name: str, kind: str, seed: int, rivals: list[str], keep: Path | None = None) -> list[dict[str, Any]]:
    """One row a value of c: everyone's F1 and c, our interval and whether it is said to be told by the data."""
    kept = None if keep is None else keep / f"{kind}-{name}-{seed}.pickle"
    if kept is not None and kept.exists():
        return list(pickle.loads(kept.read_bytes()))
    os.environ["OMP_NUM_THREADS"] = "1"
    warnings.simplefilter("ignore")
    table = all_tables()[name]()
    rows = [row for c in CHANCES for row in _row(table, kind, c, seed, rivals)]
    if kept is not None:
        written = kept.with_suffix(".part")
        written.write_bytes(pickle.dumps(rows))
        written.replace(kept)
    return rows


def _row(table: PUTable, kind: str, c: float, seed: int, rivals: list[str]) -> Iterator[dict[str, Any]]:
    one = _scaled(draw(table, c, seed))
    n_labelled = int(one.labelled.sum())
    if n_labelled < FEWEST_LABELLED:
        return
    row: dict[str, Any] = {
        "table": table.name,
        "model": kind,
        "wanted": c,
        "seed": seed,
        "c": one.c,
        "n_labelled": n_labelled,
    }
    for rival in rivals:
        said = _answer(RIVALS[rival], base_model(kind, n_labelled), one, seed)
        row |= {("F1", rival): _f1(one, said.predicted), ("c", rival): said.c}
    ours = dechaff.PUClassifier(base_model(kind, n_labelled), random_state=seed).fit(one.features, one.labelled)
    row |= {("F1", OURS): _f1(one, ours.predict(one.test_features)), ("c", OURS): ours.c_}
    consensus = next(line for line in ours.estimates() if line.used)
    row |= {"low": consensus.c_low, "high": consensus.c_high, "identifiable": identifiable(ours, one, rivals)}
    yield row


def _scaled(one: Draw) -> Draw:
    """Before anyone sees them: pu-toolbox takes no pipelines."""
    scaler = StandardScaler().fit(one.features)
    return replace(one, features=scaler.transform(one.features), test_features=scaler.transform(one.test_features))


def identifiable(fitted: Any, one: Draw, rivals: list[str]) -> bool:
    """Whether no diagnostic says that c cannot be told, or that the model is too stiff to tell it.

    Boosted trees, which see the second, are trained only if all rivals are: they take most of a short run's time.
    """
    reference = _flexible_probs(one) if len(rivals) == len(RIVALS) else None
    found = diagnose(DiagnosisInputs(fitted.label_probs_, one.labelled, reference_probs=reference))
    return not any(line.wrong for line in found if line.name in {"prior not identifiable", "model misses structure"})


def _flexible_probs(one: Draw) -> np.ndarray:
    flexible = base_model("boosting", int(one.labelled.sum()))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return np.asarray(cross_val_predict(flexible, one.features, one.labelled, cv=folds, method="predict_proba")[:, 1])


def _answer(answer: Callable[[Any, Draw, int], Answer], model: Any, one: Draw, seed: int) -> Answer:
    try:
        return answer(clone(model), one, seed)
    except ValueError:
        # Too few labelled rows for its hold-out or its inner folds: as if it had called no row positive.
        return Answer(np.zeros(len(one.test_positive), dtype=bool))


def _f1(one: Draw, predicted: np.ndarray) -> float:
    return float(f1_score(one.test_positive, np.asarray(predicted, dtype=bool), zero_division=0))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="*", choices=["logistic", "boosting"], default=["logistic", "boosting"])
    parser.add_argument("--tables", nargs="*", choices=list(all_tables()), default=list(all_tables()))
    parser.add_argument("--rivals", nargs="*", choices=list(RIVALS), default=list(RIVALS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--keep", type=Path)
    chosen = parser.parse_args()
    if chosen.keep is not None:
        chosen.keep.mkdir(parents=True, exist_ok=True)
    seeds = range(FIRST_SEED, FIRST_SEED + chosen.seeds)
    cells = [(name, kind, seed) for kind in chosen.models for name in chosen.tables for seed in seeds]
    tasks = [(*cell, chosen.rivals, chosen.keep) for cell in cells]
    with ProcessPoolExecutor(chosen.jobs) as pool:
        rows = pd.DataFrame([row for part in pool.map(rows_of, *zip(*tasks, strict=True)) for row in part])
    for kind, of_model in rows.groupby("model", sort=False):
        print(f"\n## {kind}: {len(of_model)} runs\n")
        _print_errors(of_model)
        _print_f1(of_model, chosen.rivals)
        _print_tables(of_model, chosen.rivals)


def _print_errors(rows: pd.DataFrame) -> None:
    told = rows[rows["identifiable"]]
    print("| estimate of c | mean error | bias | mean error where identifiable |\n|---|---|---|---|")
    for name in (OURS, E1, "pulearn Elkan–Noto", "pu-toolbox Elkan–Noto"):
        if ("c", name) not in rows:
            continue
        error, there = rows["c", name] - rows["c"], told["c", name] - told["c"]
        print(f"| {name} | {error.abs().mean():.3f} | {error.mean():+.3f} | {there.abs().mean():.3f} |")
    covered = (rows["low"] <= rows["c"]) & (rows["c"] <= rows["high"])
    print(f"\nIdentifiable by the diagnostics: {len(told)} of {len(rows)} runs. The interval covers c in", end=" ")
    print(f"{covered[rows['identifiable']].mean():.1%} of them, and in {covered.mean():.1%} of all.\n")


def _print_f1(rows: pd.DataFrame, rivals: list[str]) -> None:
    many = rows[rows["n_labelled"] >= 20]
    for name in (OURS, SINGLE) if {"oracle", SINGLE} <= set(rivals) else ():
        gap = (many["F1", "oracle"] - many["F1", name]).mean()
        print(f"The oracle is ahead of {name} by {gap:.3f} in the {len(many)} runs with 20 labelled rows or more.\n")
    print("| classifier | mean F1 | PUClassifier minus it (95 %) |\n|---|---|---|")
    for name in (OURS, *rivals):
        difference = rows["F1", OURS] - rows["F1", name]
        paired = "" if name == OURS else f"{difference.mean():+.3f} ({_interval(difference.to_numpy())})"
        print(f"| {name} | {rows['F1', name].mean():.3f} | {paired} |")


def _interval(differences: np.ndarray) -> str:
    low, high = ttest_1samp(differences, 0.0).confidence_interval()
    return f"{low:+.3f} to {high:+.3f}"


def _print_tables(rows: pd.DataFrame, chosen: list[str]) -> None:
    rivals = [name for name in chosen if name != "naive"]
    print("\n| table | error of c | identifiable | F1 | " + " | ".join(rivals) + " |")
    print("|" + "---|" * (4 + len(rivals)))
    for name, part in rows.groupby("table", sort=False):
        error = (part["c", OURS] - part["c"]).abs().mean()
        scores = " | ".join(f"{part['F1', one].mean():.3f}" for one in (OURS, *rivals))
        print(f"| {name} | {error:.3f} | {part['identifiable'].mean():.0%} | {scores} |")


if __name__ == "__main__":
    main()
