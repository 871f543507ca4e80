"""Failing slices: is a part of the data in which a model was made to fail among the first three that are named?

Models predict clean tables and texts out of fold. In a part (a category, a range, a word, a length, or two of these at
once) two in five right predictions are exchanged with the runner-up, as in the synthetic models of Domino. A part is
found if one of the first three slices shares at least half of its rows with it (Jaccard). For false alarms,
predictions and labels are shuffled against the rows, so that the model fails equally often everywhere. The sets as they
are are counted as well: slices found there may be real.

Rivals, made anew: the lattice and the decision tree of Slice Finder (Chung et al. 2019: conditions with an effect size
of at least .4, significant by a t-test with Bonferroni's correction, largest first) and Domino (Eyuboglu et al. 2022: a
mixture over features, labels and predictions, ten times the weight on the latter; components by their error rate).

    python -m benchmarks.failing_slices [DATA] [--seeds 8] [--rows 6000]
"""

from __future__ import annotations

import argparse
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.sparse import issparse
from scipy.stats import ttest_ind
from sklearn.decomposition import TruncatedSVD
from sklearn.tree import DecisionTreeClassifier

from dechaff.core.table import Table
from dechaff.data.open import open_data
from dechaff.methods.noisy_slices.find_noisy_slices import smallest_slice
from dechaff.methods.noisy_slices.table_conditions import table_conditions
from dechaff.models.choose import candidate_models
from dechaff.models.out_of_fold import out_of_fold, stratified_group_folds
from dechaff.recipe.improve.failing import failing_parts

DATA = Path("shared/data")
TABLES = ("adult", "banknote", "german", "letter", "mushroom", "phoneme", "satimage", "spambase")
"""All tables with at least 1,000 rows and four columns."""
TEXTS = ("text_subjectivity", "text_trec6", "reviews_lab")
_RATE, _FEWEST, _SHARED = 0.4, 100, 0.5
Found = list[np.ndarray]


@dataclass(frozen=True)
class Problem:
    """One set with out-of-fold probabilities; ``matrix`` is what the model reads."""

    table: Table
    labels: np.ndarray
    probs: np.ndarray
    folds: np.ndarray
    matrix: Any

    @property
    def wrong(self) -> np.ndarray:
        """The rows on which the model is wrong."""
        return self.probs.argmax(axis=1) != self.labels


def frame_of(data: Path, name: str, rows: int) -> pl.DataFrame:
    if name in TABLES:
        frame = pl.read_csv(data / "tabular" / f"{name}.csv.gz", infer_schema_length=None).rename({"target": "label"})
    elif name == "text_subjectivity":
        frame = pl.read_csv(data / name / "data.csv.gz").select("text", "label")
    elif name == "text_trec6":
        frame = pl.read_csv(data / name / "train.csv").select("text", "label")
    else:
        frame = pl.read_csv(data / name / "reviews_test.csv").select(pl.col("review").alias("text"), "label")
    return frame.sample(min(rows, frame.height), seed=0, shuffle=True)


def problem_of(frame: pl.DataFrame) -> Problem:
    train = open_data(frame, label="label").train
    k, best = len(train.class_names), None
    folds = stratified_group_folds(train.codes, np.full(len(train), -1), np.arange(len(train), dtype=np.uint64), seed=0)
    for model in candidate_models(train.table, None, n_classes=k)[:2]:
        bound = model.bind(train.table, None, k, seed=0)
        probs = out_of_fold(bound, train.codes, folds, k)
        if best is None or (probs.argmax(axis=1) == train.codes).mean() > best[0]:
            best = float((probs.argmax(axis=1) == train.codes).mean()), probs, bound.matrix
    assert best is not None
    return Problem(train.table, train.codes, best[1], folds, best[2])


def planted(problem: Problem, seed: int) -> tuple[Problem, np.ndarray]:
    """The same with a model that fails in a part, and the rows of the part: of two conditions if the seed is odd."""
    rng, n = np.random.default_rng(seed), len(problem.labels)
    conditions = table_conditions(problem.table, smallest=_FEWEST, largest=n // 2)
    while True:
        chosen = rng.choice(len(conditions.items), 1 + seed % 2, replace=False)
        parts = [conditions.rows(at) for at in chosen]
        rows = parts[0] if len(parts) == 1 else np.intersect1d(*parts)
        narrower = len(parts) == 1 or len(rows) < 0.8 * min(map(len, parts))
        if narrower and _FEWEST <= len(rows) <= max(0.2 * n, 2 * _FEWEST):
            break
    probs = problem.probs.copy()
    for row in rows[rng.random(len(rows)) < _RATE].tolist():
        first, second = np.argsort(-probs[row], kind="stable")[:2]
        if first == problem.labels[row]:
            probs[row, [first, second]] = probs[row, [second, first]]
    return replace(problem, probs=probs), rows


def shuffled(problem: Problem, seed: int) -> Problem:
    order = np.random.default_rng(seed).permutation(len(problem.labels))
    return replace(problem, labels=problem.labels[order], probs=problem.probs[order])


def ours(problem: Problem) -> Found:
    found = failing_parts(
        problem.table, None, problem.labels, problem.probs, doubt=np.zeros(len(problem.labels)),
        halves=problem.folds % 2, seed=0,
    )  # fmt: skip
    return [one.rows for one in found.found]


def _losses(problem: Problem) -> np.ndarray:
    return -np.log(problem.probs[np.arange(len(problem.labels)), problem.labels].clip(1e-6))


def _stands_out(loss: np.ndarray, inside: np.ndarray, n_tests: int) -> bool:
    one, other = loss[inside], loss[~inside]
    effect = np.sqrt(2) * (one.mean() - other.mean()) / np.sqrt(one.var() + other.var() + 1e-12)
    return effect >= 0.4 and ttest_ind(one, other, equal_var=False, alternative="greater").pvalue * n_tests <= 0.05


def lattice(problem: Problem) -> Found:
    """Slice Finder: plain conditions first, then pairs of those that do not stand out; large slices first."""
    n, loss = len(problem.labels), _losses(problem)
    conditions = table_conditions(problem.table, smallest=smallest_slice(n), largest=n // 2)
    m = len(conditions.items)
    masks = [np.isin(np.arange(n), conditions.rows(at), assume_unique=True) for at in range(m)]
    found = sorted((mask for mask in masks if _stands_out(loss, mask, m)), key=lambda mask: -mask.sum())
    if len(found) < 3:
        means = np.array([loss[mask].mean() for mask in masks])
        seeds = np.argsort(-means, kind="stable")[:40]
        pairs = [masks[a] & masks[b] for at, a in enumerate(seeds) for b in seeds[at + 1 :]]
        pairs = [mask for mask in pairs if mask.sum() >= smallest_slice(n)]
        more = [mask for mask in pairs if _stands_out(loss, mask, m + len(pairs))]
        found += sorted(more, key=lambda mask: -mask.sum())
    return [np.flatnonzero(mask) for mask in found]


def tree(problem: Problem) -> Found:
    """Slice Finder's decision tree on the errors: leaves that stand out, large ones first."""
    matrix, n = problem.matrix, len(problem.labels)
    matrix = TruncatedSVD(24, random_state=0).fit_transform(matrix) if issparse(matrix) else np.nan_to_num(matrix)
    fitted = DecisionTreeClassifier(max_depth=5, min_samples_leaf=smallest_slice(n), random_state=0)
    leaf = fitted.fit(matrix, problem.wrong).apply(matrix)
    masks = [leaf == one for one in np.unique(leaf)]
    masks = [one for one in masks if 0 < one.sum() < n and _stands_out(_losses(problem), one, len(masks))]
    return [np.flatnonzero(one) for one in sorted(masks, key=lambda one: -one.sum())]


def domino(problem: Problem, *, parts: int = 25, weight: float = 10.0) -> Found:
    """A mixture of 25 parts with Gaussian features, categorical labels and predictions; parts by their error rate."""
    rng, n, k = np.random.default_rng(0), len(problem.labels), problem.probs.shape[1]
    matrix = problem.matrix
    if issparse(matrix) or matrix.shape[1] > 24:
        matrix = TruncatedSVD(24, random_state=0).fit_transform(matrix if issparse(matrix) else np.nan_to_num(matrix))
    z = np.nan_to_num(np.asarray(matrix, dtype=np.float64))
    z = (z - z.mean(axis=0)) / (z.std(axis=0) + 1e-9)
    labels, probs = np.eye(k)[problem.labels], problem.probs
    confusion = problem.labels * k + probs.argmax(axis=1)
    member = np.eye(parts)[(confusion + k * k * rng.integers(0, parts, n)) % parts] + 0.01
    member /= member.sum(axis=1, keepdims=True)
    for _ in range(30):
        size = member.sum(axis=0) + 1e-9
        mean = member.T @ z / size[:, None]
        variance = member.T @ z**2 / size[:, None] - mean**2 + 1e-3
        given, said = ((member.T @ one + 1e-3) / (size[:, None] + k * 1e-3) for one in (labels, probs))
        distance = (z**2) @ (1 / variance).T - 2 * z @ (mean / variance).T + (mean**2 / variance).sum(axis=1)
        log = np.log(size / n) - 0.5 * (distance + np.log(variance).sum(axis=1))
        log += weight * (labels @ np.log(given).T + probs @ np.log(said).T)
        member = np.exp(log - log.max(axis=1, keepdims=True))
        member /= member.sum(axis=1, keepdims=True)
    best = member.argmax(axis=1)
    rates = [(problem.wrong[best == one].mean(), one) for one in range(parts) if (best == one).sum() >= 20]
    return [np.flatnonzero(best == one) for _, one in sorted(rates, reverse=True)]


METHODS: dict[str, Callable[[Problem], Found]] = {
    "dechaff": ours,
    "Slice Finder, lattice": lattice,
    "Slice Finder, tree": tree,
    "Domino": domino,
}


def is_found(found: Found, rows: np.ndarray) -> bool:
    return any(len(np.intersect1d(one, rows)) >= _SHARED * len(np.union1d(one, rows)) for one in found[:3])


def outcomes(problem: Problem, seeds: int) -> Iterator[tuple[str, str, bool]]:
    for name, method in METHODS.items():
        for seed in range(seeds):
            made, rows = planted(problem, seed)
            yield name, "found", is_found(method(made), rows)
            yield name, "alarm", bool(method(shuffled(problem, seed)))
        yield name, "as it is", bool(method(problem))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=DATA)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--rows", type=int, default=6000)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    total: Counter[tuple[str, str, str]] = Counter()
    print("| set | method | found in the first three | false alarms | slices as it is |")
    print("|---|---|--:|--:|--:|")
    for name in (*TABLES, *TEXTS):
        problem, counts = problem_of(frame_of(given.data, name, given.rows)), Counter[tuple[str, str]]()
        for method, kind, hit in outcomes(problem, given.seeds):
            counts[method, kind] += hit
            total["tables" if name in TABLES else "texts", method, kind] += hit
        for method in METHODS:
            figures = " | ".join(f"{counts[method, kind]} of {of}" for kind, of in
                                 (("found", given.seeds), ("alarm", given.seeds), ("as it is", 1)))  # fmt: skip
            print(f"| {name} | {method} | {figures} |", flush=True)
    for group, sets in (("tables", TABLES), ("texts", TEXTS)):
        n = given.seeds * len(sets)
        for method in METHODS:
            found, alarm = (f"{total[group, method, kind] / n:.0%}" for kind in ("found", "alarm"))
            print(f"| **{group}** | {method} | {found} | {alarm} | {total[group, method, 'as it is']} of {len(sets)} |")


if __name__ == "__main__":
    main()
