"""Label errors that weak models see: seven tables, two models, four kinds of planted noise, here and by cleanlab.

Weak models have no pure rows from which noise could be read. Prints a row for each case, then how each kind of noise
went; takes a few minutes and writes nothing: ``OMP_NUM_THREADS=1 python -m benchmarks.label_errors_weak_models``.
"""

from __future__ import annotations

import csv
import gzip
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._against_cleanlab import HEADER, Comparison, compare, folder, print_mean

TABLES = ("vehicle", "phoneme", "satimage", "vowel", "german", "titanic", "banknote")
MOST_ROWS = 2000
NEAR = 0.01
"""How far below cleanlab's best score is still near it."""


def table(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Features, words as one column per word, and classes of some rows."""
    with gzip.open(folder("tabular") / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        *columns, target = zip(*list(csv.reader(file))[1:], strict=True)
    features = np.hstack([_column(np.array(column)) for column in columns])
    rows = np.random.default_rng(0).permutation(len(target))[:MOST_ROWS]
    true = np.unique([value.strip() for value in target], return_inverse=True)[1]
    return StandardScaler().fit_transform(features[rows]), true[rows]


def _column(values: np.ndarray) -> np.ndarray:
    try:
        return values.astype(float)[:, None]
    except ValueError:
        words, codes = np.unique(values, return_inverse=True)
        return np.eye(len(words))[codes]


def noisy(true: np.ndarray, seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """The same labels, wrong in four ways."""
    rng = np.random.default_rng(seed)
    k = int(true.max()) + 1
    anywhere, next_one = rng.integers(1, k, len(true)), rng.integers(1, k, k)[true]
    one_class = np.where(true == rng.integers(k), 0.3, 0.02)
    for name, rate, towards in (
        ("20 % anywhere", 0.2, anywhere),
        ("40 % anywhere", 0.4, anywhere),
        ("20 % towards one class each", 0.2, next_one),
        ("30 % of one class", one_class, anywhere),
    ):
        yield name, np.where(rng.random(len(true)) < rate, (true + towards) % k, true)


def models() -> dict[str, Any]:
    """Their rows are judged by models that have not seen them."""
    net = MLPClassifier((64,), learning_rate_init=2e-3, batch_size=64, max_iter=40, random_state=0)
    return {"logistic": LogisticRegression(max_iter=300), "net": net}


def main() -> None:
    """Print the tables."""
    warnings.simplefilter("ignore")
    print(HEADER)
    by_kind: dict[str, list[Comparison]] = {}
    for seed, name in enumerate(TABLES):
        features, true = table(name)
        for kind, given in noisy(true, seed):
            for model, estimator in models().items():
                folds = StratifiedKFold(4, shuffle=True, random_state=seed)
                probs = cross_val_predict(estimator, features, given, cv=folds, method="predict_proba")
                row = compare(f"{name}, {model}, {kind}", given, probs, true)
                by_kind.setdefault(kind, []).append(row)
    for kind, rows in by_kind.items():
        below = sum(row.precision < row.cleanlab_precision - NEAR for row in rows)
        flags = sum(row.f1 < row.cleanlab_f1 for row in rows)
        print_mean(f"{kind}: {len(rows)} cases, {below} below by more than {NEAR}, {flags} below in F1", rows)


if __name__ == "__main__":
    main()
