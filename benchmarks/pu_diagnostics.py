"""What diagnostics of labelled positives catch on real tables: selection not at random, and wrong labels.

Positives of tables with known classes are labelled at random, or the more the higher one feature is, or with some
negatives among them. The first two are put to our test and to pulearn's, on the same out-of-fold scores. Prints two
tables and writes nothing.

    python benchmarks/pu_diagnostics.py [--first-seed 10] [--seeds 4] [--without-rival]
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, ndtri
from scipy.stats import rankdata
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._pu_data import PUTable, all_tables

from dechaff.methods.pu.diagnostics.positive_errors import positive_errors
from dechaff.methods.pu.diagnostics.selection_at_random import selection_at_random

APART = ["spambase", "landsat", "wine", "pageblock", "banknote"]
"""Tables of numbers on which some rows are surely positive: there is a region to test in."""
MIXED = ["bank", "adult", "banana", "german", "phoneme", "pima"]
"""Tables whose classes overlap: what looks like selection is not."""
ROWS = 3000
C = 0.4
STRENGTHS = {"at random": 0.0, "by a feature, weakly": 1.0, "by a feature": 2.0}
"""Slope of the log-odds of a label along the standardised ranks of the feature, among positives."""
ERROR_RATES = [0.0, 0.05, 0.15]
WITH_NEGATIVES = ["spambase", "landsat", "wine", "mushroom", "banknote"]
"""Tables for wrong labels. Not pageblock: one row in ten is negative there, so that 15 % of wrong labels would be as
large a share of the negatives as of the positives."""


@dataclass(frozen=True)
class Labelled:
    """Rows, the hidden truth, and which of them are labelled."""

    features: np.ndarray
    positive: np.ndarray
    labelled: np.ndarray


def logistic() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


def boosting() -> Any:
    return HistGradientBoostingClassifier(max_iter=80, max_leaf_nodes=15, random_state=0)


def out_of_fold(make: Callable[[], Any], data: Labelled, seed: int) -> np.ndarray:
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    return cross_val_predict(make(), data.features, data.labelled, cv=folds, method="predict_proba")[:, 1]


def some_rows(table: PUTable, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    rows = random.permutation(len(table.positive))[:ROWS]
    return table.features[rows], table.positive[rows]


def selected(table: PUTable, strength: float, seed: int) -> Labelled:
    """Positives labelled with chance C on average, by one feature drawn at random."""
    random = np.random.default_rng([seed, round(10 * strength)])
    features, positive = some_rows(table, random)
    chance = np.zeros(len(positive))
    chance[positive] = C if strength == 0 else chances_by_feature(features[positive], strength, random)
    return Labelled(features, positive, random.random(len(positive)) < chance)


def chances_by_feature(features: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    column = features[:, random.choice(varied(features))]
    ranks = ndtri((rankdata(column) - 0.5) / len(column)) * random.choice([-1, 1])
    odds = strength * (ranks - ranks.mean()) / ranks.std()
    return expit(odds + brentq(lambda shift: expit(odds + shift).mean() - C, -30, 30))


def varied(features: np.ndarray) -> np.ndarray:
    """Columns of at least five values, of which none is that of nine rows in ten."""
    counts = [np.unique(column, return_counts=True)[1] for column in features.T]
    return np.flatnonzero([len(one) >= 5 and one.max() < 0.9 * len(features) for one in counts])


def with_errors(table: PUTable, rate: float, seed: int) -> Labelled:
    """Positives labelled at random; then this share of the labels goes over to negatives."""
    random = np.random.default_rng([seed, 7])
    features, positive = some_rows(table, random)
    labelled = positive & (random.random(len(positive)) < C)
    wrong = round(rate * labelled.sum())
    labelled[random.choice(np.flatnonzero(labelled), wrong, replace=False)] = False
    labelled[random.choice(np.flatnonzero(~positive), wrong, replace=False)] = True
    return Labelled(features, positive, labelled)


def their_verdict(data: Labelled, scores: np.ndarray) -> bool:
    from pulearn.propensity import scar_sanity_check

    found = scar_sanity_check(
        data.labelled.astype(int), s_proba=scores, X=data.features, random_state=0, warn_on_violation=False
    )
    return bool(found.violates_scar)


def selection_table(seeds: Sequence[int], rival: bool) -> None:
    print("flagged, of runs".ljust(60), "dechaff", "pulearn", sep="  ")
    for names, head in ((APART, "classes apart"), (MIXED, "classes overlap")):
        for kind, strength in STRENGTHS.items():
            for make in (logistic, boosting):
                ours, theirs = zip(*verdicts(names, strength, make, seeds, rival), strict=True)
                line = f"{head}, labelled {kind}, {make.__name__}".ljust(60)
                print(line, f"{sum(ours)} / {len(ours)}", f"{sum(theirs)} / {len(theirs)}" if rival else "", flush=True)


def verdicts(
    names: list[str], strength: float, make: Callable[[], Any], seeds: Sequence[int], rival: bool
) -> Iterator[tuple[bool, bool]]:
    for name in names:
        table = all_tables()[name]()
        for seed in seeds:
            data = selected(table, strength, seed)
            scores = out_of_fold(make, data, seed)
            ours = selection_at_random(scores, data.labelled, data.features).wrong
            yield ours, rival and their_verdict(data, scores)


def errors_table(seeds: Sequence[int]) -> None:
    print("\nwrong labels, model".ljust(28), "estimate  mean error  inside interval  AUROC of ranking", sep="  ")
    for rate in ERROR_RATES:
        for make in (logistic, boosting):
            found = np.array(list(judged_errors(rate, make, seeds)))
            estimate, error, inside, auc = found.mean(axis=0)
            print(f"{rate:.0%}, {make.__name__}".ljust(26), end="  ")
            print(f"{estimate:8.3f}  {error:10.3f}  {inside:15.2f}  {auc:16.3f}", flush=True)


def judged_errors(
    rate: float, make: Callable[[], Any], seeds: Sequence[int]
) -> Iterator[tuple[float, float, bool, float]]:
    for name in WITH_NEGATIVES:
        table = all_tables()[name]()
        for seed in seeds:
            data = with_errors(table, rate, seed)
            found = positive_errors(out_of_fold(make, data, seed), data.labelled)
            wrong = ~data.positive[data.labelled]
            auc = roc_auc_score(wrong, found.score[data.labelled]) if wrong.any() else np.nan
            # An interval from a hair above 0 has seen no error, either.
            inside = found.low <= max(wrong.mean(), 1e-3) <= max(found.high, 1e-3)
            yield found.rate, abs(found.rate - wrong.mean()), inside, auc


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first-seed", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--without-rival", action="store_true", help="pulearn's test takes most of the time")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    seeds = range(chosen.first_seed, chosen.first_seed + chosen.seeds)
    selection_table(seeds, not chosen.without_rival)
    errors_table(seeds)


if __name__ == "__main__":
    main()
