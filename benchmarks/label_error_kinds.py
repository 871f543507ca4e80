"""Label errors of many kinds: planted in tables and texts in six ways, and made by people and by rules.

For each group of sets, the mean over its sets: average precision and F1 of the flags, here and by cleanlab (the score
that is best for the group, and the default filter); estimated and true rate, and how many intervals hold the true one;
how sure the flags are, and how often right; expected calibration error (ECE) of the scores, in ten bins of equal
width; how wide the intervals of the rate are, and how many of those of the recall hold the true one. Prints one table
and writes nothing; takes a quarter of an hour:
``OMP_NUM_THREADS=1 python -m benchmarks.label_error_kinds``.
"""

from __future__ import annotations

import csv
import gzip
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._against_cleanlab import CLEANLAB_SCORES, f1, find_label_issues, folder, get_label_quality_scores
from benchmarks.label_errors_weak_models import NEAR, table

from dechaff.methods.label_errors.label_error_estimates import estimate_label_errors
from dechaff.methods.label_evidence.gather_evidence import gather_evidence
from dechaff.recipe.improve.estimated_recall import Flagging, estimated_recall

TABLES = (
    "banana",
    "banknote",
    "german",
    "letter",
    "phoneme",
    "pima",
    "satimage",
    "spambase",
    "titanic",
    "vehicle",
    "vowel",
)
ROWS, FOLDS, FOREIGN = 1500, 4, -1
BINS = 10


@dataclass(frozen=True)
class LabelledSet:
    """Given labels with out-of-fold probabilities, and the true labels (`FOREIGN` where no class is right)."""

    group: str
    name: str
    given: np.ndarray
    probs: np.ndarray
    true: np.ndarray
    among: np.ndarray | None = None
    """Rows of which the truth is known, if not of all."""


def simple_models() -> dict[str, Any]:
    return {
        "logistic": LogisticRegression(max_iter=300),
        "forest": RandomForestClassifier(60, min_samples_leaf=3, random_state=0),
        "neighbours": KNeighborsClassifier(15),
        "naive Bayes": GaussianNB(var_smoothing=1e-3),
    }


def text_models() -> dict[str, Any]:
    net = MLPClassifier((64,), learning_rate_init=2e-3, batch_size=64, max_iter=40, random_state=0)
    return {"logistic": LogisticRegression(max_iter=300, C=10), "net": net}


def out_of_fold(model: Any, features: Any, given: np.ndarray, seed: int = 0) -> np.ndarray:
    """(n, k) probabilities; 0 for a class that no row is given."""
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    classes, codes = np.unique(given, return_inverse=True)
    probs = np.zeros((len(given), int(classes[-1]) + 1))
    probs[:, classes] = cross_val_predict(model, features, codes, cv=folds, method="predict_proba")
    return probs


def planted(
    features: np.ndarray, true: np.ndarray, seed: int
) -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
    """Kind of noise, features, given labels and true ones."""
    rng = np.random.default_rng(seed)
    n, k = len(true), int(true.max()) + 1
    yield "uniform 10 %", features, _moved(true, rng.random(n) < 0.1, rng.integers(1, k, n), k), true
    towards, rate = rng.integers(1, k, k)[true], 0.2 if k > 2 else 0.4 * (true == rng.integers(2))
    yield "pairs 20 %", features, _moved(true, rng.random(n) < rate, towards, k), true
    shares, rates = rng.dirichlet(np.ones(k - 1), size=k).cumsum(axis=1), 0.3 * rng.uniform(0.2, 1.8, k)
    towards = 1 + (rng.random(n)[:, None] > shares[true]).sum(axis=1).clip(max=k - 2)
    yield "by class 30 %", features, _moved(true, rng.random(n) < rates[true], towards, k), true
    other = out_of_fold(RandomForestClassifier(40, min_samples_leaf=10, random_state=seed), features, true)
    yield "near boundaries 12 %", features, _near_boundaries(other, true, 0.12, rng), true
    yield "no class 10 %", *_foreign(features, true, rng)
    yield "clean", features, true, true


def _moved(true: np.ndarray, some: np.ndarray, by: np.ndarray, k: int) -> np.ndarray:
    return np.where(some, (true + by) % k, true)


def _near_boundaries(probs: np.ndarray, true: np.ndarray, rate: float, rng: np.random.Generator) -> np.ndarray:
    """Labels drawn from another model's probabilities, made so sharp that this rate of them is wrong."""
    logs, low, high = np.log(np.maximum(probs, 1e-6)), 0.05, 20.0
    for _ in range(40):
        power = (low + high) / 2
        drawn = np.exp(power * (logs - logs.max(axis=1, keepdims=True)))
        drawn /= drawn.sum(axis=1, keepdims=True)
        too_many = 1 - drawn[np.arange(len(true)), true].mean() > rate
        low, high = (power, high) if too_many else (low, power)
    return (rng.random(len(true))[:, None] > drawn.cumsum(axis=1)).sum(axis=1).clip(max=probs.shape[1] - 1)


def _foreign(
    features: np.ndarray, true: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of four classes or more, one is left out and its rows are given others; of fewer, columns of rows are mixed."""
    n, k = len(true), int(true.max()) + 1
    if k < 4:
        rows = rng.permutation(n)[: n // 10]
        mixed = np.column_stack([rng.permutation(column) for column in features[rows].T])
        scrambled, known = features.copy(), true.copy()
        scrambled[rows], known[rows] = mixed, FOREIGN
        return scrambled, true, known
    within, outside = np.flatnonzero(true < k - 1), np.flatnonzero(true == k - 1)
    rows = np.concatenate([within, rng.permutation(outside)[: len(within) // 9]])
    given = np.where(true[rows] == k - 1, rng.integers(0, k - 1, len(rows)), true[rows])
    return features[rows], given, np.where(true[rows] == k - 1, FOREIGN, true[rows])


def planted_sets() -> Iterator[LabelledSet]:
    """Tables with four models, sentences with two."""
    sources = [(name, partial(table, name), simple_models()) for name in TABLES]
    sources += [("trec6", trec6, text_models()), ("subjectivity", subjectivity, text_models())]
    for seed, (name, load, models) in enumerate(sources):
        features, true = load()
        features, true = _some(features, true, seed)
        for kind, x, given, known in planted(features, true, seed):
            classes = "two classes" if given.max() == 1 else "more classes"
            for model, estimator in models.items():
                yield LabelledSet(
                    f"{kind}, {classes}", f"{name}, {model}", given, out_of_fold(estimator, x, given), known
                )


def _some(features: np.ndarray, true: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rows = np.random.default_rng(seed).permutation(len(true))[:ROWS]
    return features[rows], true[rows]


def trec6() -> tuple[np.ndarray, np.ndarray]:
    features = np.load(folder("text_trec6") / "emb_minilm_train.npy").astype(np.float64)
    with (folder("text_trec6") / "train.csv").open(encoding="utf-8", newline="") as file:
        return features, np.unique([row["label"] for row in csv.DictReader(file)], return_inverse=True)[1]


def subjectivity() -> tuple[np.ndarray, np.ndarray]:
    features = np.load(folder("text_subjectivity") / "emb_minilm.npy").astype(np.float64)
    with gzip.open(folder("text_subjectivity") / "data.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return features, np.array([int(row["label"]) for row in csv.DictReader(file)])


def sets_by_people() -> Iterator[LabelledSet]:
    """Images labelled by crowds: with strong nets, and with simple models on features of the images."""
    labels, nets = (np.load(folder("cifar10n") / name) for name in ("labels.npz", "pred_probs_cv.npz"))
    for net in nets.files:
        given = labels["aggre" if net.startswith("aggre") else "worse"]
        for rows in (slice(None), slice(0, 50_000, 16)):
            size = "" if rows == slice(None) else ", few rows"
            yield LabelledSet(
                f"people {net.split('_')[0]}{size}", net, given[rows], nets[net][rows], labels["clean"][rows]
            )
    embeddings = np.load(folder("cifar10n") / "embeddings_effnet_lite0.npz")
    columns = dict(zip(("one", "two", "three"), labels["annotators"].T, strict=True))
    columns |= {"majority": labels["aggre"], "worst": labels["worse"]}
    for seed, (name, given) in enumerate(columns.items()):
        rows = np.random.default_rng(seed).permutation(len(embeddings["index"]))[:2000]
        x, at = embeddings["emb"][rows].astype(np.float64), embeddings["index"][rows]
        for model, estimator in (text_models() | {"neighbours": KNeighborsClassifier(15)}).items():
            probs = out_of_fold(estimator, x / x.std(), given[at])
            yield LabelledSet("people, embeddings", f"{name}, {model}", given[at], probs, labels["clean"][at])
            if model != "neighbours":  # the audit of a model with the embeddings it was trained on, as a second view
                both = gather_evidence(given[at], [probs], features=x).probs
                group = "people, embeddings and model"
                yield LabelledSet(group, f"{name}, {model}", given[at], both, labels["clean"][at])
    yield from _labelme()


def _labelme() -> Iterator[LabelledSet]:
    data = np.load(folder("labelme") / "data.npz")
    features, answers, true = data["X_train"].astype(np.float64), data["answers"], data["y_train"]
    for seed in range(3):
        drawn = np.where(answers >= 0, np.random.default_rng(seed).random(answers.shape), -1).argmax(axis=1)
        given = answers[np.arange(len(true)), drawn].astype(np.int64)
        for model, estimator in (text_models() | {"naive Bayes": GaussianNB(var_smoothing=0.1)}).items():
            probs = out_of_fold(estimator, features / features.std(), given)
            yield LabelledSet("people, crowd", f"labelme {seed}, {model}", given, probs, true.astype(np.int64))


def sets_by_rules() -> Iterator[LabelledSet]:
    """Labels from lists of words and from patterns."""
    with (folder("text_yoruba_news") / "train.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    names = {name: code for code, name in enumerate(sorted({line["weak_label"] for line in lines}))}
    given, true = (np.array([names.get(line[of], FOREIGN) for line in lines]) for of in ("weak_label", "true_label"))
    for pattern, width in (("char_wb", (2, 4)), ("word", (1, 1))):
        counts = TfidfVectorizer(analyzer=pattern, ngram_range=width, min_df=2, sublinear_tf=True)
        features = counts.fit_transform([line["text"] for line in lines])
        for model, estimator in (
            ("logistic", LogisticRegression(max_iter=300, C=10)),
            ("naive Bayes", MultinomialNB(alpha=0.3)),
        ):
            yield LabelledSet(
                "rules, news", f"{pattern}, {model}", given, out_of_fold(estimator, features, given), true
            )
    data = np.load(folder("weak_trec_lfs") / "data.npz")
    votes, true = (np.concatenate([data[f"{part}_{name}"] for part in ("validation", "test")]) for name in ("lf", "y"))
    features = np.concatenate([data[f"{part}_X"] for part in ("validation", "test")]).astype(np.float64)
    counts = (votes[:, :, None] == np.arange(6)).sum(axis=1) + np.random.default_rng(0).random((len(true), 6)) / 2
    some = (votes >= 0).any(axis=1)
    given, known = counts.argmax(axis=1)[some], true[some].astype(np.int64)
    for model, estimator in text_models().items():
        probs = out_of_fold(estimator, features[some] / features.std(), given)
        yield LabelledSet("rules, questions", model, given, probs, known)


def other_sets() -> Iterator[LabelledSet]:
    """Noise by class seen by strong nets; grades; tokens; labels that people looked at again."""
    labels, nets = (np.load(folder("cifar10_synth") / name) for name in ("noisy_labels.npz", "pred_probs_cv.npz"))
    for name in nets.files:
        for rows in (slice(None), slice(0, 50_000, 16)):
            size = "" if rows == slice(None) else ", few rows"
            group = "by class, nets" if (labels[name] != labels["true"]).any() else "clean, nets"
            yield LabelledSet(f"{group}{size}", name, labels[name][rows], nets[name][rows], labels["true"][rows])
    yield from _grades()
    tokens = np.load(folder("ner_conllpp") / "data.npz")
    yield LabelledSet("tokens", "conll", tokens["given"], tokens["pred_probs"], tokens["corrected"])
    reviews = np.array(pl.read_parquet(folder("imdb_test") / "reviews.parquet")["label"])
    digits = np.load(folder("mnist") / "mnist_test.npz")["labels"]
    for name, given, verdicts, probs in (
        ("imdb_test", reviews, "human_verdicts.csv", "pred_probs_cv.npz"),
        ("mnist", digits, "test_human_verdicts.csv", "test_pred_probs_cv.npz"),
    ):
        judged = pl.read_csv(folder(name) / verdicts)
        among, wrong = (judged[column].to_numpy() for column in ("index", "is_error"))
        true = given.astype(np.int64)
        true[among[wrong == 1]] = FOREIGN
        yield LabelledSet("judged again", name, given, np.load(folder(name) / probs)["pred_probs"], true, among)


def _grades() -> Iterator[LabelledSet]:
    table = pl.read_csv(folder("student_grades") / "student-grades.csv")
    grades = sorted(set(table["letter_grade"]))
    given, true = (
        np.array([grades.index(one) for one in table[name]]) for name in ("noisy_letter_grade", "letter_grade")
    )
    exams = table.select("exam_1", "exam_2", "exam_3").to_numpy() / 100
    notes = np.unique(table["notes"].fill_null(""), return_inverse=True)[1]
    features = np.hstack([exams, np.eye(notes.max() + 1)[notes]])
    models = simple_models() | {"boosting": HistGradientBoostingClassifier(max_leaf_nodes=15, random_state=0)}
    for name, model in models.items():
        yield LabelledSet("grades", name, given, out_of_fold(model, features, given), true)


COLUMNS = (
    "group", "sets", "AP", "best score of cleanlab", "F1", "cleanlab", "rate", "true", "covered",
    "flags: sure", "right", "ECE", "width", "recall covered",
)  # fmt: skip


def figures(one: LabelledSet) -> np.ndarray:
    """AP here, F1 here and there, rate, true rate, covered, sure, right, ECE, width of the interval of the rate, and
    whether that of the recall covers; then AP by each score of cleanlab."""
    probs = one.probs.astype(np.float64)
    probs /= probs.sum(axis=1, keepdims=True)
    given, rows = one.given.astype(np.int64), np.arange(len(one.given)) if one.among is None else one.among
    wrong, found = given != one.true, estimate_label_errors(given, probs)
    theirs = find_label_issues(given, probs, n_jobs=1)
    scores = [
        -get_label_quality_scores(given, probs, method=method, adjust_pred_probs=adjusted)
        for method, adjusted in CLEANLAB_SCORES
    ]
    some, true_rate = found.flag[rows], float(wrong.mean())
    planted = bool(wrong[rows].any())
    ranks = [
        average_precision_score(wrong[rows], rank[rows]) if planted else np.nan for rank in (found.log_odds, *scores)
    ]
    flags = [f1(flag[rows], wrong[rows]) if planted else np.nan for flag in (found.flag, theirs)]
    sure, right = (values[rows][some].mean() if some.any() else np.nan for values in (found.score, wrong))
    covered = found.rate_low <= true_rate <= found.rate_high
    error, matrix, flag = calibration_error(found.score[rows], wrong[rows]), found.transition, found.flag
    _, low, high = estimated_recall(Flagging(found, given, probs, matrix, found.log_odds, flag, found.n_errors_high))
    recall = low <= flag[wrong].mean() <= high if wrong.any() else np.nan
    certain = (covered, sure, right, error, found.rate_high - found.rate_low, recall)
    return np.array([ranks[0], *flags, found.rate, true_rate, *certain, *ranks[1:]])


def calibration_error(score: np.ndarray, wrong: np.ndarray) -> float:
    """Mean distance of score and fraction of wrong labels, over bins of equal width."""
    bins = np.minimum((score * BINS).astype(int), BINS - 1)
    sums = np.bincount(bins, weights=score - wrong, minlength=BINS)
    return float(np.abs(sums).sum() / len(score))


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    groups: dict[str, list[np.ndarray]] = {}
    for sets in (planted_sets, sets_by_people, sets_by_rules, other_sets):
        for one in sets():
            groups.setdefault(one.group, []).append(figures(one))
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    lines = []
    for name, rows in groups.items():
        ap, ours, theirs, *rest = np.nanmean(rows, axis=0)
        lines.append(np.array([len(rows), ap, max(rest[8:]), ours, theirs, *rest[:8]]))
        print(f"| {name} | {len(rows)} | {' | '.join(f'{value:.3f}' for value in lines[-1][1:])} |")
    mean = np.nanmean(lines, axis=0)
    near = sum(line[1] > line[2] - NEAR for line in lines)
    print(f"| **mean; {near} within {NEAR} of the best** | | {' | '.join(f'{value:.3f}' for value in mean[1:])} |")


if __name__ == "__main__":
    main()
