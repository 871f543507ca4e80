"""How much of the accuracy that label noise costs does the recipe win back, against cleanlab's CleanLearning?

Ten tables and texts, three kinds of noise in the training labels: none, a fifth wrong at random, a fifth wrong by class
(each class loses its own fraction to one other). scikit-learn's boosted trees and logistic regression are trained on
the noisy labels, on the true ones, on what CleanLearning keeps, on `audit` with `apply` (the usual policy and --policy
bold), and on the outcome of `recipe`, and scored on clean test rows. ``exact`` leaves out the wrong rows and no other,
the ceiling of every rule that drops rows. Fraction won back = sum of (x - noisy) / sum of
(true - noisy). On clean labels McNemar's test counts the runs that lose, and the recipe's own proof gives its verdict.

The sets are in two groups: choices were made on ``chosen-on``; ``held-out`` is what the documentation reports.

    python -m benchmarks.recipe_against_cleanlearning [DATA] [--sets held-out | chosen-on | NAME …] [--seeds 3]
        [--rows 1000] [--noise none uniform by-class] [--keep LINES.json]
"""

from __future__ import annotations

import argparse
import json
import os
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from cleanlab.classification import CleanLearning
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from dechaff.data.dataset import Dataset
from dechaff.data.open import open_data, open_like
from dechaff.methods.proof.paired_interval import mcnemar
from dechaff.recipe.audit import Audited, audit_data
from dechaff.recipe.improve.improve import improve, improved_data
from dechaff.recipe.improve.rounds import run_rounds
from dechaff.recipe.passes.request import AuditSettings
from dechaff.recipe.prove.prove import prove_parts
from dechaff.recipe.prove.training import Trainings
from dechaff.recipe.tasks.classification import ClassificationTask
from dechaff.records.options import RecipeOptions
from dechaff.records.policies import policy_of

DATA = Path(os.environ.get("DECHAFF_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
GROUPS = {
    "held-out": (
        "subjectivity", "yoruba", "imdb", "german", "vowel", "phoneme", "satimage", "breast_cancer", "mushroom",
        "digits",
    ),
    "chosen-on": (
        "trec6", "clinc", "titanic", "vehicle", "spambase", "adult", "banknote", "pima", "banana", "letter",
    ),
}  # fmt: skip
NOISES = ("none", "uniform", "by-class")
NOISE = 0.2
FIRST_SEED = 4100
MOST_TEST_ROWS = 3_000
INTENTS = 20
WAYS = ("exact", "cleanlearning", "audit", "bold", "recipe")
Run = dict[str, Any]


@dataclass(frozen=True)
class Split:
    """Training and test rows of one set with clean labels."""

    train: pl.DataFrame
    test: pl.DataFrame


def frame_of(name: str, data: Path) -> pl.DataFrame:
    """All rows of one set, the clean label in the column ``label``."""
    if name in ("breast_cancer", "digits"):
        found = (load_breast_cancer if name == "breast_cancer" else load_digits)()
        names = [str(one) for one in found.feature_names]
        return pl.DataFrame(dict(zip(names, found.data.T, strict=True))).with_columns(label=found.target)
    if name == "imdb":
        frame = pl.read_parquet(data / "imdb_test" / "reviews.parquet")
        return frame.select("text", "label")
    if name == "trec6":
        parts = (pl.read_csv(data / "text_trec6" / f"{part}.csv")[["text", "label"]] for part in ("train", "test"))
        return pl.concat(parts)
    if name == "yoruba":
        parts = (
            pl.read_csv(data / "text_yoruba_news" / f"{part}.csv", infer_schema=False)
            for part in ("train", "dev", "test")
        )
        return pl.concat([part.select("text", label=part.columns[1]) for part in parts])
    if name in ("subjectivity", "clinc"):
        folder = {"subjectivity": "text_subjectivity", "clinc": "text_clinc150"}[name]
        frame = pl.read_csv(data / folder / "data.csv.gz", infer_schema=False)
        if name == "clinc":
            intents = sorted(frame.filter(pl.col("is_oos") != "1")["intent"].unique())[:INTENTS]
            frame = frame.filter(pl.col("intent").is_in(intents)).rename({"intent": "label"})
        return frame.select("text", "label")
    frame = pl.read_csv(data / "tabular" / f"{name}.csv.gz", infer_schema_length=None)
    return frame.rename({"target": "label"})


def split_of(name: str, data: Path, seed: int, rows: int) -> Split:
    frame = frame_of(name, data).with_columns(
        label=pl.format("class {}", pl.col("label").cast(pl.String).str.strip_chars())
    )
    places, labels = np.arange(len(frame)), frame["label"].to_list()
    train, test = train_test_split(places, test_size=0.3, stratify=labels, random_state=seed)
    return Split(frame[train[:rows]], frame[test[:MOST_TEST_ROWS]])


def coded(split: Split) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Class names, and the labels of training and test rows as codes of them; -1 if a class is only in the test."""
    names = sorted(split.train["label"].unique())
    codes = dict(zip(names, range(len(names)), strict=True))
    train, test = (np.array([codes.get(one, -1) for one in part["label"]]) for part in (split.train, split.test))
    return names, train, test


def with_noise(labels: np.ndarray, noise: str, seed: int) -> np.ndarray:
    """Codes with a fifth of them wrong."""
    rng, k, codes = np.random.default_rng(seed), int(labels.max()) + 1, labels.copy()
    if noise == "uniform":
        wrong = rng.random(len(codes)) < NOISE
        codes[wrong] = (codes[wrong] + rng.integers(1, k, wrong.sum())) % k
    elif noise == "by-class":
        rates = rng.permutation([0.05, 1.0]) if k == 2 else rng.random(k)
        rates = np.minimum(rates * NOISE / rates[codes].mean(), 0.42)
        wrong = rng.random(len(codes)) < rates[codes]
        codes[wrong] = (codes[wrong] + 1) % k
    return codes


@dataclass(frozen=True)
class Learner:
    """A scikit-learn classifier with training and test rows as it takes them."""

    model: Any
    train: Any
    test: Any

    def predicted(self, rows: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """The classes of the test rows by the model trained on some rows with these labels."""
        return np.asarray(clone(self.model).fit(self.train[rows], codes).predict(self.test))


def learners(split: Split, seed: int) -> dict[str, Learner]:
    """Boosted trees and logistic regression, on columns or TF-IDF."""
    parts = [part.drop("label").with_columns(pl.col(pl.String).fill_null("")) for part in (split.train, split.test)]
    words = "text" in parts[0].columns
    names = [name for name, kind in parts[0].schema.items() if kind == pl.String]
    numbers = [name for name in parts[0].columns if name not in names]
    frames: list[Any] = [part.to_pandas() for part in parts]
    if words:
        tfidf = TfidfVectorizer(sublinear_tf=True, min_df=2)
        linear, trees = tfidf, make_pipeline(tfidf, TruncatedSVD(50, random_state=seed))
        frames = [frame["text"] for frame in frames]
    else:
        linear = make_column_transformer(
            (StandardScaler(), numbers),
            (OneHotEncoder(handle_unknown="ignore", sparse_output=False), names),
        )
        codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
        trees = make_column_transformer((codes, names), remainder="passthrough")
    models = {
        "boosting": (HistGradientBoostingClassifier(random_state=seed), trees),
        "linear": (LogisticRegression(max_iter=1_000, C=5.0 if words else 1.0), linear),
    }
    return {
        name: Learner(model, columns.fit_transform(frames[0]), columns.transform(frames[1]))
        for name, (model, columns) in models.items()
    }


def kept_by_cleanlearning(learner: Learner, codes: np.ndarray, seed: int) -> np.ndarray:
    found = CleanLearning(clone(learner.model), seed=seed).find_label_issues(learner.train, codes)
    return np.flatnonzero(~found["is_label_issue"].to_numpy())


def rows_and_codes(data: Dataset, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Places of the rows among the training rows, and their labels as codes of `names`."""
    codes = np.array([names.index(name) for name in data.class_names])
    return data.positions, codes[data.codes]


@dataclass(frozen=True)
class Cleaned:
    """What dechaff makes of the noisy rows."""

    first: Audited
    by_way: Mapping[str, Dataset]
    rounds: str


def cleaned(noisy: pl.DataFrame, seed: int) -> Cleaned:
    settings = AuditSettings(seed=seed)
    first = audit_data(open_data(noisy, label="label"), ClassificationTask(), settings)
    boldly = replace(settings, policy=policy_of(RecipeOptions.policy))
    bold = replace(first, improved=improve(first, boldly))
    done = run_rounds(bold, boldly)
    decisions = {"audit": first.improved, "bold": bold.improved, "recipe": done.audited.improved}
    by_way = {way: improved_data(first.train, one.decided) for way, one in decisions.items()}
    log = [f"{'+' if one.kept else '-'}{one.dropped}/{one.relabelled}" for one in done.log]
    return Cleaned(first, by_way, " ".join(log))


def one_run(name: str, noise: str, seed: int, options: argparse.Namespace) -> Run:
    split = split_of(name, options.data, seed, options.rows)
    names, truth, tested = coded(split)
    codes, every = with_noise(truth, noise, seed), np.arange(len(truth))
    noisy = split.train.with_columns(label=pl.Series([names[code] for code in codes]))
    found = cleaned(noisy, seed)
    run: Run = {"set": name, "noise": noise, "seed": seed, "rounds": found.rounds}
    for model, learner in learners(split, seed).items():
        keeps = kept_by_cleanlearning(learner, codes, seed)
        right = np.flatnonzero(codes == truth)
        data = {"noisy": (every, codes), "true": (every, truth), "exact": (right, codes[right])}
        data |= {"cleanlearning": (keeps, codes[keeps])}
        data |= {way: rows_and_codes(one, names) for way, one in found.by_way.items()}
        hits = {way: learner.predicted(*one) == tested for way, one in data.items()}
        run[model] = {way: float(hit.mean()) for way, hit in hits.items()}
        run[f"{model} p"] = {way: float(mcnemar(hits["noisy"], hits[way]).p_value) for way in WAYS}
    if noise == "none":
        test = open_like(split.test, found.first.train)
        proof = prove_parts(
            found.first.train, found.by_way["recipe"], lambda: (test,), Trainings(found.first.base.model, seed=seed)
        )
        run["verdict"] = proof.verdict
    return run


def won_back(runs: list[Run], model: str, way: str) -> float:
    lost = sum(run[model]["true"] - run[model]["noisy"] for run in runs)
    return float(sum(run[model][way] - run[model]["noisy"] for run in runs) / lost) if lost > 0 else float("nan")


def print_tables(runs: list[Run]) -> None:
    print("| noise, model | runs | lost | " + " | ".join(WAYS) + " |")
    print("|---" * (3 + len(WAYS)) + "|")
    for noise in (*NOISES[1:], "both"):
        some = [run for run in runs if run["noise"] == noise or (noise == "both" and run["noise"] != "none")]
        for model in ("boosting", "linear") if some else ():
            lost = np.mean([run[model]["true"] - run[model]["noisy"] for run in some])
            shares = " | ".join(f"{won_back(some, model, way):.2f}" for way in WAYS)
            print(f"| {noise}, {model} | {len(some)} | {lost:.3f} | {shares} |")
    clean = [run for run in runs if run["noise"] == "none"]
    for model in ("boosting", "linear") if clean else ():
        gains = " | ".join(f"{np.mean([run[model][way] - run[model]['noisy'] for run in clean]):+.4f}" for way in WAYS)
        worse = [
            sum(run[f"{model} p"][way] < 0.05 and run[model][way] < run[model]["noisy"] for run in clean)
            for way in WAYS
        ]
        print(f"| clean, {model}: difference | {len(clean)} | | {gains} |")
        print(f"| clean, {model}: significantly worse | {len(clean)} | | {' | '.join(map(str, worse))} |")
    for verdict in ("better", "no evidence", "worse") if clean else ():
        print(f"verdict '{verdict}' on clean labels: {sum(run['verdict'] == verdict for run in clean)} of {len(clean)}")


def print_runs(runs: list[Run]) -> None:
    for run in runs:
        cells = "; ".join(
            f"{model} {run[model]['noisy']:.3f} → " + " ".join(f"{run[model][way]:.3f}" for way in (*WAYS, "true"))
            for model in ("boosting", "linear")
        )
        print(f"{run['set']:<14}{run['noise']:<9}{run['seed']} {cells}  {run['rounds']}")


def all_runs(options: argparse.Namespace) -> Iterator[Run]:
    kept: list[Run] = []
    if options.keep and options.keep.exists():
        kept = [json.loads(line) for line in options.keep.read_text().splitlines()]
    known = {(run["set"], run["noise"], run["seed"]): run for run in kept}
    sets = [name for one in options.sets for name in GROUPS.get(one, (one,))]
    for seed in range(FIRST_SEED, FIRST_SEED + options.seeds):
        for name in sets:
            for noise in options.noise:
                run = known.get((name, noise, seed))
                if run is None:
                    run = one_run(name, noise, seed, options)
                    if options.keep:
                        with options.keep.open("a") as lines:
                            lines.write(json.dumps(run) + "\n")
                yield run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=DATA, help="folder of the data sets")
    parser.add_argument("--sets", nargs="*", default=["held-out"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--noise", nargs="*", choices=NOISES, default=list(NOISES))
    parser.add_argument("--rows", type=int, default=1_000, help="most training rows")
    parser.add_argument("--keep", type=Path, help="JSON lines: runs in this file are not repeated, new ones are added")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    runs = list(all_runs(options))
    print_runs(runs)
    print_tables(runs)


if __name__ == "__main__":
    main()
