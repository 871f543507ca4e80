"""Wrong labels beyond plain classes, here and by cleanlab: several labels a row, numbers, soft labels.

``python -m benchmarks.other_label_errors [multilabel] [targets] [soft]``; without a word, all. Each table
names the rival's best figure, whichever of its scores that is. Prints tables and writes nothing.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from sklearn.datasets import load_diabetes, make_friedman1, make_multilabel_classification
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.shared_data import shared

import dechaff

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from cleanlab import multilabel_classification
    from cleanlab.filter import find_label_issues
    from cleanlab.multiannotator import get_label_quality_multiannotator
    from cleanlab.rank import get_label_quality_scores
    from cleanlab.regression.learn import CleanLearning
    from cleanlab.regression.rank import get_label_quality_scores as target_quality

SCORES = ["self_confidence", "normalized_margin", "confidence_weighted_entropy"]
SEED = 11
"""Other rows, folds and noise than those on which the constants were chosen."""


def precision(wrong: np.ndarray, score: np.ndarray) -> float:
    return float(average_precision_score(wrong, score)) if wrong.any() else 0.0


def f1(flag: np.ndarray, wrong: np.ndarray) -> float:
    return float(2 * (flag & wrong).sum() / max(1, flag.sum() + wrong.sum()))


def row(*cells: Any) -> None:
    shown = [f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells]
    print(f"| {' | '.join(shown)} |", flush=True)


def header(*names: str) -> None:
    row(*names)
    print("|" + "---|" * len(names), flush=True)


def quietly(call: Callable[..., Any], *args: Any, **options: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call(*args, **options)


def multilabel_sets() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Features and true labels: made data, and tables whose classes and halved columns are the labels."""
    yield "made, 8 labels", *make_multilabel_classification(2000, 30, n_classes=8, n_labels=2, random_state=SEED)
    yield "made, 15 labels", *make_multilabel_classification(2000, 50, n_classes=15, n_labels=3, random_state=SEED)
    for name in ("satimage", "vehicle", "vowel"):
        table = pl.read_csv(shared("tabular") / f"{name}.csv.gz", infer_schema_length=None).sample(
            fraction=1.0, shuffle=True, seed=SEED
        )[:2000]
        numbers = table[:, :-1].select(pl.selectors.numeric()).to_numpy().astype(np.float64)
        halved = numbers[:, :4] > np.median(numbers[:, :4], axis=0)
        classes = table["target"].to_numpy()[:, None] == np.unique(table["target"].to_numpy())[None, :]
        yield f"{name}, {classes.shape[1] + 4} labels", numbers[:, 4:], np.hstack([classes, halved]).astype(int)


def with_noise(truth: np.ndarray, kind: str, rate: float) -> np.ndarray:
    """Labels turned round at one rate, or three times the rate of them forgotten and hardly any made up."""
    forgotten, made_up = (rate, rate) if kind == "even" else (min(0.6, 3 * rate), 0.01 * rate)
    chances = np.random.default_rng(SEED).random(truth.shape)
    return np.where(truth == 1, chances > forgotten, chances < made_up).astype(int)


def label_chances(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Out-of-fold probability of each label: the mean of linear models and a forest of all labels at once."""
    chances = np.empty(labels.shape)
    for train, held in KFold(5, shuffle=True, random_state=SEED).split(features):
        forest = RandomForestClassifier(60, min_samples_leaf=3, random_state=SEED).fit(features[train], labels[train])
        trees = np.stack([column[:, 1] for column in forest.predict_proba(features[held])], axis=1)
        linear = [make_pipeline(StandardScaler(), LogisticRegression(max_iter=200)) for _ in labels.T]
        lines = [
            model.fit(features[train], column[train]).predict_proba(features[held])[:, 1]
            for model, column in zip(linear, labels.T, strict=True)
        ]
        chances[held] = (trees + np.stack(lines, axis=1)) / 2
    return chances


def multilabel() -> None:
    """Planted errors in rows of several labels."""
    header(
        "data, noise", "wrong cells", "AP cells", "cleanlab", "F1 cells", "cleanlab", "AP rows", "cleanlab's best of 3",
        "F1 rows", "cleanlab",
    )  # fmt: skip
    figures = []
    for name, features, truth in multilabel_sets():
        for kind, rate in (("even", 0.05), ("even", 0.2), ("forgotten", 0.05), ("forgotten", 0.15)):
            labels = with_noise(truth, kind, rate)
            figures.append(_multilabel_row(labels, label_chances(features, labels), truth))
            row(f"{name}, {kind} {rate}", *figures[-1])
    row("**mean**", *np.mean(figures, axis=0).tolist())


def _multilabel_row(labels: np.ndarray, probs: np.ndarray, truth: np.ndarray) -> list[float]:
    wrong, listed = labels != truth, [np.flatnonzero(one).tolist() for one in labels]
    found = dechaff.find_multilabel_errors(labels, probs)
    cells = quietly(multilabel_classification.rank.get_label_quality_scores_per_class, listed, probs)
    rank = multilabel_classification.rank.get_label_quality_scores
    rows = [precision(wrong.any(axis=1), -quietly(rank, listed, probs, method=method)) for method in SCORES]
    flag = np.asarray(quietly(multilabel_classification.filter.find_multilabel_issues_per_class, listed, probs))
    return [
        float(wrong.mean()),
        precision(wrong.ravel(), np.ravel(found.log_odds)),
        precision(wrong.ravel(), -np.ravel(cells)),
        f1(found.flag, wrong),
        f1(flag, wrong),
        precision(wrong.any(axis=1), found.row_log_odds),
        max(rows),
        f1(found.row_flag, wrong.any(axis=1)),
        f1(quietly(multilabel_classification.filter.find_label_issues, listed, probs), wrong.any(axis=1)),
    ]


def target_sets() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Features and true targets: real ones, columns of tables, and made ones with heavy tails and uneven scatter."""
    rng = np.random.default_rng(SEED)
    yield "diabetes", *load_diabetes(return_X_y=True)
    features, plain = make_friedman1(1000, noise=0, random_state=SEED)
    yield "made, normal", features, plain + rng.normal(size=1000)
    yield "made, heavy tails", features, plain + rng.standard_t(3, size=1000)
    yield "made, uneven", features, plain + rng.normal(size=1000) * 0.1 * plain
    wine = pl.read_csv(
        shared("pu_uci") / "wine" / "winequality-red.csv", separator=";", infer_schema_length=None
    ).unique(maintain_order=True)
    yield "wine, density", wine.drop("density").to_numpy().astype(np.float64), wine["density"].to_numpy()
    yield "wine, quality", wine.drop("quality").to_numpy().astype(np.float64), wine["quality"].to_numpy().astype(float)
    for name, column in (("satimage", 20), ("phoneme", 3), ("letter", 9)):
        table = pl.read_csv(shared("tabular") / f"{name}.csv.gz", infer_schema_length=None).sample(
            fraction=1.0, shuffle=True, seed=SEED
        )[:1000]
        numbers = table[:, :-1].to_numpy().astype(np.float64)
        yield f"{name}, column {column}", np.delete(numbers, column, axis=1), numbers[:, column]


def planted(targets: np.ndarray, kind: str, rate: float) -> np.ndarray:
    """A share of the targets made wrong."""
    rng = np.random.default_rng(SEED)
    changed, size = targets.copy(), targets.std()
    rows = rng.permutation(len(targets))[: round(rate * len(targets))]
    m = len(rows)
    changed[rows] = {
        "other row": lambda: targets[rng.integers(0, len(targets), m)],
        "shifted": lambda: targets[rows] + rng.choice([-1, 1], m) * rng.uniform(1, 4, m) * size,
        "too high": lambda: targets[rows] + rng.uniform(1, 3, m) * size,
        "tenfold": lambda: targets[rows] * rng.choice([0.1, 10], m),
    }[kind]()
    return changed


KINDS = ("other row", "shifted", "too high", "tenfold")


def predicted(features: np.ndarray, targets: np.ndarray) -> np.ndarray:
    folds = KFold(5, shuffle=True, random_state=SEED)
    models = (
        HistGradientBoostingRegressor(max_iter=50, max_leaf_nodes=15, random_state=SEED),
        RandomForestRegressor(30, min_samples_leaf=3, random_state=SEED),
    )
    return np.mean([cross_val_predict(model, features, targets, cv=folds) for model in models], axis=0)


def targets() -> None:
    """Planted errors in numbers; none first. cleanlab's CleanLearning runs with a forest, on its own folds."""
    header(
        "data, errors", "wrong", "estimate (95 %)", "flagged", "cleanlab", "F1", "cleanlab",
        "AP", "cleanlab's residual", "cleanlab's OUTRE", "cleanlab's CleanLearning",
    )  # fmt: skip
    figures: dict[float, list[list[float]]] = {}
    for name, features, truth in target_sets():
        for rate, kinds in ((0.0, KINDS[:1]), (0.05, KINDS[1:2]), (0.2, KINDS), (0.35, KINDS[1:3])):
            for kind in kinds:
                given = planted(truth, kind, rate)
                interval, cells = _target_row(features, given, np.abs(given - truth) > 0.3 * truth.std())
                figures.setdefault(rate, []).append(cells)
                row(f"{name}, {kind} {rate}" if rate else f"{name}, none", cells[0], interval, *cells[1:])
    for rate, cells in figures.items():
        mean = np.mean(cells, axis=0).tolist()
        row(f"**mean at {rate}**", mean[0], "", *mean[1:])


def _target_row(features: np.ndarray, given: np.ndarray, wrong: np.ndarray) -> tuple[str, list[float]]:
    predictions = predicted(features, given)
    found = dechaff.find_target_errors(given, predictions)
    learner = CleanLearning(RandomForestRegressor(8, min_samples_leaf=3, random_state=SEED), n_boot=1, seed=SEED)
    issues = quietly(learner.find_label_issues, features, given)
    interval = f"{found.noise_rate.value:.3f} ({found.noise_rate.low:.3f}-{found.noise_rate.high:.3f})"
    return interval, [
        float(wrong.mean()),
        float(np.mean(found.flag)),
        float(issues["is_label_issue"].mean()),
        f1(found.flag, wrong),
        f1(issues["is_label_issue"].to_numpy(), wrong),
        precision(wrong, found.log_odds),
        precision(wrong, -target_quality(given, predictions, method="residual")),
        precision(wrong, -target_quality(given, predictions, method="outre")),
        precision(wrong, -issues["label_quality"].to_numpy()),
    ]


def soft() -> None:
    """Three people's labels of each CIFAR-10 image as one soft label.

    It is wrong where the truth got fewer votes than another class. cleanlab has no score for soft labels: it is given
    the majority, ties broken by the model, and its CROWDLAB the three labels themselves.
    """
    header(
        "net", "AP", "cleanlab's best of 3, majority", "cross-entropy", "F1", "cleanlab", "sum of scores / wrong",
        "accuracy of the posterior", "of the majority", "of CROWDLAB",
    )  # fmt: skip
    data, nets = np.load(shared("cifar10n") / "labels.npz"), np.load(shared("cifar10n") / "pred_probs_cv.npz")
    truth, answers = data["clean"].astype(int), data["annotators"].astype(int)
    shares = np.eye(10)[answers].mean(axis=1)
    wrong = shares[np.arange(len(truth)), truth] < shares.max(axis=1) - 1e-9
    for net in nets.files:
        probs = nets[net].astype(np.float64)
        probs /= probs.sum(axis=1, keepdims=True)
        majority = np.where(shares >= shares.max(axis=1, keepdims=True) - 1e-9, probs, -1).argmax(axis=1)
        found = dechaff.find_soft_label_errors(shares, probs)
        crowd = quietly(get_label_quality_multiannotator, answers.astype(float), probs, verbose=False)
        consensus = crowd["label_quality"]["consensus_label"].to_numpy()
        row(
            net,
            precision(wrong, found.log_odds),
            max(precision(wrong, -get_label_quality_scores(majority, probs, method=method)) for method in SCORES),
            precision(wrong, -(shares * np.log(np.maximum(probs, 1e-6))).sum(axis=1)),
            f1(found.flag, wrong),
            f1(find_label_issues(majority, probs, n_jobs=1), wrong),
            float(found.n_errors.value / wrong.sum()),
            float((found.posterior.argmax(axis=1) == truth).mean()),
            float((majority == truth).mean()),
            float((consensus == truth).mean()),
        )


TABLES = {"multilabel": multilabel, "targets": targets, "soft": soft}


def main() -> None:
    """Print the tables that are named, or all."""
    for name in sys.argv[1:] or TABLES:
        print(f"\n{name}\n")
        TABLES[name]()


if __name__ == "__main__":
    main()
