"""CPU time of PUClassifier on 100,000 rows of 50 columns, logistic: against its six model fits, and against pulearn.

Runs are paired: within a round everyone fits once, in an order that turns; the first round warms up and is left out.
"Six fits" are five on four fifths of the rows and one on all, which is what out-of-fold scores and a fresh model need.
Interval and diagnostics are made when asked for, and told apart. Prints one table of medians and ratios.

    python -m benchmarks.pu_speed [--rounds 7]
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pulearn
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

import dechaff

N_ROWS, N_COLUMNS, C = 100_000, 50, 0.3
Fit = Callable[[np.ndarray, np.ndarray], Any]


def made_rows(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two clouds that overlap a little; three in ten positives are labelled."""
    random = np.random.default_rng(seed)
    positive = random.random(N_ROWS) < 0.4
    direction = random.normal(size=N_COLUMNS)
    features = random.normal(size=(N_ROWS, N_COLUMNS)) + 4 * positive[:, None] * direction / np.linalg.norm(direction)
    return features, (positive & (random.random(N_ROWS) < C)).astype(int)


def model() -> LogisticRegression:
    return LogisticRegression(max_iter=200)


def six_fits(features: np.ndarray, labelled: np.ndarray) -> None:
    for fitting, _ in StratifiedKFold(5, shuffle=True, random_state=0).split(features, labelled):
        model().fit(features[fitting], labelled[fitting])
    model().fit(features, labelled)


def pulearn_bagging(features: np.ndarray, labelled: np.ndarray) -> None:
    share = float(labelled.mean() / (1 - labelled.mean()))
    pulearn.BaggingPuClassifier(model(), max_samples=share, oob_score=False).fit(features, labelled)


WAYS: dict[str, Fit] = {
    "six fits of the base model": six_fits,
    "PUClassifier: fit and c": lambda features, labelled: dechaff.PUClassifier(model()).fit(features, labelled),
    "ElkanNotoClassifier: fit and c": lambda features, labelled: dechaff.classifiers.ElkanNotoClassifier(model()).fit(
        features, labelled
    ),
    "pulearn Elkan–Noto (one fit, c from a tenth)": lambda features, labelled: pulearn.ElkanotoPuClassifier(
        model()
    ).fit(features, labelled),
    "pulearn bagging, balanced, ten models": pulearn_bagging,
}


def cpu(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    warnings.simplefilter("ignore")
    features, labelled = made_rows()
    names = list(WAYS)
    spent: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds + 1):
        for name in [*names[turn % len(names) :], *names[: turn % len(names)]]:
            spent[name].append(cpu(lambda name=name: WAYS[name](features, labelled)))
    times = {name: np.array(each[1:]) for name, each in spent.items()}
    print("| 100,000 × 50, logistic | CPU, median | against six fits, median of paired ratios |\n|---|---|---|")
    for name, each in times.items():
        print(f"| {name} | {np.median(each):.2f} s | {np.median(each / times[names[0]]):.2f} |")
    fitted = dechaff.PUClassifier(model()).fit(features, labelled)
    for name, work in {"estimates(): 200 bootstraps": fitted.estimates, "diagnose()": fitted.diagnose}.items():
        each = [cpu(work) for _ in range(3)]
        print(f"| {name} | {np.median(each):.2f} s | |")


if __name__ == "__main__":
    main()
