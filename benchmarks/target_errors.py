"""Wrong numbers, found here and by cleanlab's regression in the same run.

``python -m benchmarks.target_errors [rate]``, default 0.1. Real sets, columns of tables and made sets; clean targets
first, then six kinds of error; by boosting and forest together, and by a linear model. CleanLearning gets a forest and
its own folds. Prints tables and writes nothing.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from sklearn.datasets import load_diabetes, make_friedman1, make_friedman2, make_friedman3
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.metrics import average_precision_score
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.shared_data import shared

import dechaff

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from cleanlab.regression.learn import CleanLearning
    from cleanlab.regression.rank import get_label_quality_scores

SEED = 11
"""Other rows, folds and noise than those on which the constants were chosen."""
ROWS = 1000
SEEN = 0.3
"""Standard deviations of the targets that an error must move one to count."""
COLUMNS = (("satimage", 20), ("phoneme", 3), ("letter", 9), ("vehicle", 7), ("pima", 1), ("adult", 0), ("adult", 12))
Set = tuple[str, np.ndarray, np.ndarray]


def target_sets(seed: int) -> Iterator[Set]:
    """Name, features and true targets."""
    yield "diabetes", *load_diabetes(return_X_y=True)
    wine = pl.read_csv(
        shared("pu_uci") / "wine" / "winequality-red.csv", separator=";", infer_schema_length=None
    ).unique(maintain_order=True)
    for column in ("density", "quality", "alcohol"):
        yield f"wine, {column}", wine.drop(column).to_numpy().astype(np.float64), wine[column].to_numpy().astype(float)
    for name, column in COLUMNS:
        table = pl.read_csv(shared("tabular") / f"{name}.csv.gz", infer_schema_length=None)
        table = table.sample(fraction=1.0, shuffle=True, seed=seed)[:ROWS]
        numbers = [part.cast(pl.Categorical).to_physical() if part.dtype == pl.String else part for part in table]
        values = np.stack([part.to_numpy().astype(np.float64) for part in numbers[:-1]], axis=1)
        yield f"{name}, column {column}", np.delete(values, column, axis=1), values[:, column]
    yield from made_sets(seed)


def made_sets(seed: int) -> Iterator[Set]:
    """Clean targets whose scatter is normal, heavy-tailed, skew, or wider for some rows than for others."""
    rng = np.random.default_rng(seed)
    features, plain = make_friedman1(ROWS, noise=0, random_state=seed)
    wide = np.where(features[:, 5] < 0.3, 4.0, 1.0)
    scatter = {
        "normal": rng.normal(size=ROWS),
        "Laplace": rng.laplace(size=ROWS),
        "t, 3 degrees": rng.standard_t(3, size=ROWS),
        "t, 2 degrees": rng.standard_t(2, size=ROWS),
        "skew": rng.lognormal(size=ROWS),
        "as the prediction": rng.normal(size=ROWS) * 0.1 * plain,
        "wide by a feature": rng.normal(size=ROWS) * wide,
    }
    for name, noise in scatter.items():
        yield f"friedman1, {name}", features, plain + noise
    yield "friedman2", *make_friedman2(ROWS, noise=60, random_state=seed)
    yield "friedman3", *make_friedman3(ROWS, noise=0.1, random_state=seed)


def planted(targets: np.ndarray, kind: str, rate: float, seed: int) -> np.ndarray:
    """A share of the targets made wrong."""
    rng = np.random.default_rng(seed)
    changed, size = targets.copy(), targets.std()
    rows = rng.permutation(len(targets))[: round(rate * len(targets))]
    m = len(rows)
    changed[rows] = {
        "none": lambda: targets[rows],
        "another row's": lambda: targets[rng.integers(0, len(targets), m)],
        "shifted either way": lambda: targets[rows] + rng.choice([-1, 1], m) * rng.uniform(1, 4, m) * size,
        "too high": lambda: targets[rows] + rng.uniform(1, 3, m) * size,
        "ten times or a tenth": lambda: targets[rows] * rng.choice([0.1, 10], m),
        "sign": lambda: -targets[rows],
        "rounded": lambda: np.rint(targets[rows] / (2 * size)) * 2 * size,
    }[kind]()
    return changed


KINDS = ("another row's", "shifted either way", "too high", "ten times or a tenth", "sign", "rounded")


def boosted(features: np.ndarray, targets: np.ndarray, seed: int) -> np.ndarray:
    folds = KFold(5, shuffle=True, random_state=seed)
    models = (
        HistGradientBoostingRegressor(max_iter=50, max_leaf_nodes=15, random_state=seed),
        RandomForestRegressor(30, min_samples_leaf=3, random_state=seed),
    )
    return np.mean([cross_val_predict(model, features, targets, cv=folds) for model in models], axis=0)


def linear(features: np.ndarray, targets: np.ndarray, seed: int) -> np.ndarray:
    folds = KFold(5, shuffle=True, random_state=seed)
    return np.asarray(
        cross_val_predict(make_pipeline(SimpleImputer(), StandardScaler(), Ridge()), features, targets, cv=folds)
    )


MODELS: dict[str, Callable[[np.ndarray, np.ndarray, int], np.ndarray]] = {"trees": boosted, "linear": linear}


def by_dechaff(given: np.ndarray, predictions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Flag, score, and the value to expect."""
    found = dechaff.find_target_errors(given, predictions)
    return np.asarray(found.flag), np.asarray(found.log_odds), np.asarray(found.suggested)


def by_clean_learning(features: np.ndarray, given: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Flag and score."""
    learner = CleanLearning(RandomForestRegressor(8, min_samples_leaf=3, random_state=SEED), n_boot=1, seed=SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        issues = learner.find_label_issues(features, given)
    return issues["is_label_issue"].to_numpy(), -issues["label_quality"].to_numpy()


def f1(flag: np.ndarray, wrong: np.ndarray) -> float:
    return float(2 * (flag & wrong).sum() / max(1, flag.sum() + wrong.sum()))


def precision(wrong: np.ndarray, score: np.ndarray) -> float:
    return float(average_precision_score(wrong, score)) if wrong.any() else 0.0


def figures(features: np.ndarray, truth: np.ndarray, given: np.ndarray, predictions: np.ndarray) -> list[float]:
    """One row of a table."""
    wrong = np.abs(given - truth) > SEEN * truth.std()
    flag, score, suggested = by_dechaff(given, predictions)
    their_flag, their_score = by_clean_learning(features, given)
    scores = [score, *(-get_label_quality_scores(given, predictions, method=one) for one in ("residual", "outre"))]
    applied = np.where(flag, suggested, given)
    return [
        float(wrong.mean()),
        float(flag.mean()),
        float(their_flag.mean()),
        f1(flag, wrong),
        f1(their_flag, wrong),
        *(precision(wrong, one) for one in [*scores, their_score]),
        float(np.abs(applied - truth).mean() / max(np.abs(given - truth).mean(), 1e-12)) if wrong.any() else 0.0,
    ]


def row(*cells: Any) -> None:
    print(f"| {' | '.join(f'{one:.3f}' if isinstance(one, float) else str(one) for one in cells)} |", flush=True)


HEADER = ("wrong", "flagged", "CleanLearning", "F1", "CleanLearning", "AP", "cleanlab's residual", "OUTRE",
          "CleanLearning", "distance from the truth once flags are applied, before = 1")  # fmt: skip


def main(rate: float) -> None:
    """Print the table of all sets, and means by kind of error."""
    row("data, model, errors", *HEADER)
    print("|" + "---|" * (1 + len(HEADER)), flush=True)
    found: dict[tuple[str, str], list[list[float]]] = {}
    for name, features, truth in target_sets(SEED):
        for kind in ("none", *KINDS):
            given = planted(truth, kind, rate, SEED)
            for model, predicted in MODELS.items():
                cells = figures(features, truth, given, predicted(features, given, SEED))
                found.setdefault((model, kind), []).append(cells)
                row(f"{name}, {model}, {kind}", *cells)
    for (model, kind), all_cells in found.items():
        row(f"**mean, {model}, {kind}**", *np.mean(all_cells, axis=0).tolist())


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.1)
