"""How much of the accuracy that label noise costs does the recipe win back, against cleanlab's CleanLearning?

20 % of the training labels are swapped at random, or each class loses its own share to one other (--noise by-class).
The same model (the one that the audit picks on the noisy labels, boosted trees, or a linear one) is trained on: the
noisy labels, what CleanLearning keeps of them, what the recipe makes of them, and the true labels; all are scored on
clean test rows. Share won back = (x - noisy) / (true - noisy), over sets of the means over seeds. On clean data the
recipe and its proof are run as they are, and verdicts are counted.

    python -m benchmarks.recipe_against_cleanlearning [DATA] [--seeds 5] [--sets trec6 pima …] [--base linear]
        [--noise by-class] [--rows 2000] [--clean]
"""

from __future__ import annotations

import argparse
import json
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from cleanlab.classification import CleanLearning
from scipy.stats import ttest_1samp
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import train_test_split

import dechaff
from dechaff.data.dataset import Dataset
from dechaff.data.open import open_data, open_like
from dechaff.methods.proof.paired_interval import mcnemar
from dechaff.models.choose import candidate_models
from dechaff.models.estimator import user_model
from dechaff.recipe.audit import Audited, audit_data
from dechaff.recipe.improve.improve import improved_data
from dechaff.recipe.improve.rounds import run_rounds
from dechaff.recipe.passes.request import AuditSettings
from dechaff.recipe.tasks.classification import ClassificationTask

DATA = Path(os.environ.get("DECHAFF_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
FIRST_SEED = 4100
NOISE = 0.2
MOST_TRAINING_ROWS, MOST_TEST_ROWS = 2_000, 3_000
WAYS = ("noisy", "cleanlearning", "first_round", "recipe", "selected", "true")


@dataclass(frozen=True)
class Split:
    """Training and test rows of one set with clean labels."""

    name: str
    train: pl.DataFrame
    test: pl.DataFrame
    label: str


def splits(data: Path, names: list[str], seed: int, rows: int) -> Iterator[Split]:
    for name in names:
        if name == "trec6":
            folder = data / "text_trec6"
            frames = (pl.read_csv(folder / f"{part}.csv")[["text", "label"]] for part in ("train", "test"))
            yield Split(name, next(frames)[: 3 * rows], next(frames), "label")
            continue
        frame = pl.read_csv(data / "tabular" / f"{name}.csv.gz", infer_schema_length=None)
        frame = frame.with_columns(pl.col("target").cast(pl.String))
        places = np.arange(len(frame))
        train, test = train_test_split(places, test_size=0.3, stratify=frame["target"].to_list(), random_state=seed)
        yield Split(name, frame[train[:rows]], frame[test[:MOST_TEST_ROWS]], "target")


def set_names(data: Path) -> list[str]:
    return ["trec6", *sorted(path.name.removesuffix(".csv.gz") for path in (data / "tabular").glob("*.csv.gz"))]


def swapped(labels: pl.Series, seed: int, noise: str) -> pl.Series:
    rng = np.random.default_rng(seed)
    values = labels.to_numpy().astype(object)
    classes = np.unique(values)
    codes = np.searchsorted(classes, values)
    if noise == "by-class":
        rates = rng.permutation([0.05, 1.0]) if len(classes) == 2 else rng.random(len(classes))
        rates = np.minimum(rates * NOISE / rates[codes].mean(), 0.42)
        wrong = rng.random(len(codes)) < rates[codes]
        codes[wrong] = (codes[wrong] + 1) % len(classes)
    else:
        wrong = rng.random(len(codes)) < NOISE
        codes[wrong] = (codes[wrong] + rng.integers(1, len(classes), wrong.sum())) % len(classes)
    return pl.Series(labels.name, classes[codes].tolist())


class RowsOfTable(ClassifierMixin, BaseEstimator):
    """The base model as a scikit-learn classifier over row numbers, so that both sides train the same model."""

    def __init__(self, data: Any = None, model: Any = None, seed: int = 0) -> None:
        self.data, self.model, self.seed = data, model, seed

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> RowsOfTable:
        """Train on rows by their numbers."""
        self.classes_ = np.unique(y)
        part = self.data.take(np.asarray(X)[:, 0])
        self.fitted_ = self.model.fit(
            part.table, part.features, np.asarray(y, dtype=np.int64), len(self.data.class_names), seed=self.seed
        )
        return self

    def predict_proba(self, X: Any) -> Any:
        """Probabilities of rows by their numbers."""
        part = self.data.take(np.asarray(X)[:, 0])
        return self.fitted_.probs(part.table, part.features)

    def predict(self, X: Any) -> Any:
        """Codes of rows by their numbers."""
        return self.predict_proba(X).argmax(axis=1)


def right(model: Any, train: Dataset, test: Dataset, seed: int) -> Any:
    fitted = model.fit(train.table, train.features, train.codes, len(train.class_names), seed=seed)
    return fitted.probs(test.table, test.features).argmax(axis=1) == test.codes


def cleaned_by_cleanlearning(train: Dataset, model: Any, seed: int) -> Dataset:
    rows = np.arange(len(train))[:, None]
    found = CleanLearning(RowsOfTable(train, model, seed), seed=seed).find_label_issues(rows, train.codes)
    return train.take(~found["is_label_issue"].to_numpy())


def with_base(first: Audited, base: str) -> Audited:
    """The audit as it is, or with boosted trees or a linear model where it picked one for a table."""
    train = first.train
    if base == "picked" or train.table.of_kind("text"):
        return first
    linear = candidate_models(train.table, train.features, n_classes=len(train.class_names))[0]
    trees = user_model(HistGradientBoostingClassifier(categorical_features="from_dtype"))
    model = linear if base == "linear" else trees
    return replace(first, base=replace(first.base, model=model, name=model.name))


def one_run(split: Split, seed: int, base: str, noise: str) -> dict[str, Any]:
    noisy = split.train.with_columns(swapped(split.train[split.label], seed, noise))
    opened = open_data(noisy, label=split.label, test=split.test)
    train, test = opened.train, opened.test
    assert test is not None
    truth = open_like(split.train, train)
    first = with_base(audit_data(opened, ClassificationTask(), AuditSettings(seed=seed)), base)
    done = run_rounds(first, AuditSettings(seed=seed))
    model = first.base.model
    hits = {
        "noisy": right(model, train, test, seed),
        "cleanlearning": right(model, cleaned_by_cleanlearning(train, model, seed), test, seed),
        "first_round": right(model, improved_data(train, first.improved.decided), test, seed),
        "recipe": right(model, improved_data(train, done.audited.improved.decided), test, seed),
        "true": right(model, train.with_codes(truth.codes), test, seed),
    }
    if done.selection is not None:
        hits["selected"] = done.selection.fitted.probs(test.table, test.features).argmax(axis=1) == test.codes
    paired = mcnemar(hits["noisy"], hits["recipe"])
    worse = paired.p_value < 0.05 and hits["recipe"].mean() < hits["noisy"].mean()
    rounds = [f"{'+' if one.kept else '-'}{one.dropped}/{one.relabelled}" for one in done.log]
    return {
        "set": split.name, "seed": seed, "rows": len(train), "model": first.base.name, "rounds": " ".join(rounds),
        "worse": bool(worse), **{name: float(hit.mean()) for name, hit in hits.items()},
    }  # fmt: skip


def clean_run(split: Split, seed: int) -> dict[str, Any]:
    outcome = dechaff.run_recipe(split.train, label=split.label, test=split.test, seed=seed)
    proof = outcome.proof
    assert proof is not None
    return {"set": split.name, "seed": seed, "verdict": proof.verdict, "gain": proof.difference.mean}


def noise_table(runs: list[dict[str, Any]]) -> None:
    names = list(dict.fromkeys(run["set"] for run in runs))
    print(f"{'set':<12}{'rows':>6}" + "".join(f"{way:>15}" for way in WAYS) + "   won back: cleanlearning, recipe")
    means = {n: {w: np.mean([r[w] for r in runs if r["set"] == n]) for w in WAYS} for n in names}
    for name in names:
        row, rows = means[name], next(r["rows"] for r in runs if r["set"] == name)
        loss = row["true"] - row["noisy"]
        shares = [(row[w] - row["noisy"]) / loss if loss > 0.01 else float("nan") for w in ("cleanlearning", "recipe")]
        print(
            f"{name:<12}{rows:>6}" + "".join(f"{row[w]:>15.4f}" for w in WAYS) + f"{shares[0]:>12.2f}{shares[1]:>8.2f}"
        )
    total = {w: np.mean([means[n][w] for n in names]) for w in WAYS}
    print(f"{'mean':<18}" + "".join(f"{total[w]:>15.4f}" for w in WAYS))
    loss = total["true"] - total["noisy"]
    for way in ("cleanlearning", "first_round", "recipe", "selected"):
        print(f"{way}: {(total[way] - total['noisy']) / loss:.1%} of the mean loss won back")
    gaps = np.array([r["recipe"] - r["cleanlearning"] for r in runs])
    test = ttest_1samp(gaps, 0.0)
    print(f"recipe - cleanlearning, {len(gaps)} paired runs: {gaps.mean():+.4f} (p {test.pvalue:.2g})")
    print(f"recipe significantly worse than the noisy labels (McNemar, p < .05): {sum(r['worse'] for r in runs)} runs")


def clean_table(runs: list[dict[str, Any]]) -> None:
    for verdict in ("better", "no evidence", "worse"):
        print(f"{verdict}: {sum(run['verdict'] == verdict for run in runs)} of {len(runs)} clean runs")
    print(f"mean difference on clean data {np.mean([run['gain'] for run in runs]):+.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=DATA, help="folder of the data sets")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--sets", nargs="*")
    parser.add_argument(
        "--base", choices=["picked", "boosting", "linear"], default="picked", help="trained on all sides"
    )
    parser.add_argument("--noise", choices=["uniform", "by-class"], default="uniform")
    parser.add_argument("--rows", type=int, default=MOST_TRAINING_ROWS, help="most training rows")
    parser.add_argument("--clean", action="store_true")
    parser.add_argument("--from-lines", type=Path, nargs="*", help="only print the table of earlier runs' JSON lines")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.from_lines:
        runs = [json.loads(line) for path in options.from_lines for line in path.open() if line.startswith("{")]
    else:
        runs = []
        for seed in range(FIRST_SEED, FIRST_SEED + options.seeds):
            for split in splits(options.data, options.sets or set_names(options.data), seed, options.rows):
                runs.append(
                    clean_run(split, seed) if options.clean else one_run(split, seed, options.base, options.noise)
                )
                print(json.dumps(runs[-1]), flush=True)
    (clean_table if options.clean else noise_table)(runs)


if __name__ == "__main__":
    main()
