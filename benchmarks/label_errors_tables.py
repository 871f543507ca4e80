"""Label errors in small tables and texts, and in clean ones: here and by cleanlab.

Student grades (a fifth of them wrong) from four models, each averaged over fold seeds; then data sets without known
errors, where every flag is one too many. Prints one table and writes nothing.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._against_cleanlab import HEADER, Comparison, compare, folder, print_mean

SEEDS = range(3)
TABLES = {"digits": load_digits, "wine": load_wine, "iris": load_iris, "breast_cancer": load_breast_cancer}


def logistic(seed: int) -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


def boosting(seed: int) -> Any:
    return HistGradientBoostingClassifier(max_leaf_nodes=15, random_state=seed)


def forest(seed: int) -> Any:
    return RandomForestClassifier(200, min_samples_leaf=5, random_state=seed)


def out_of_fold(make: Callable[[int], Any], features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Probabilities of rows that the model has not seen, averaged over the seeds."""
    folds = [StratifiedKFold(5, shuffle=True, random_state=seed) for seed in SEEDS]
    parts = [
        cross_val_predict(make(seed), features, labels, cv=fold, method="predict_proba")
        for seed, fold in zip(SEEDS, folds, strict=True)
    ]
    return np.mean(parts, axis=0)


def student_grades() -> list[Comparison]:
    with (folder("student_grades") / "student-grades.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    notes = sorted({row["notes"] for row in table})
    exams = np.array([[float(row[f"exam_{exam}"]) for exam in (1, 2, 3)] for row in table])
    features = np.hstack([exams, [[float(row["notes"] == note) for note in notes] for row in table]])
    grades = sorted({row["letter_grade"] for row in table})
    given = np.array([grades.index(row["noisy_letter_grade"]) for row in table])
    true = np.array([grades.index(row["letter_grade"]) for row in table])
    probs = {make.__name__: out_of_fold(make, features, given) for make in (logistic, boosting, forest)}
    probs["logistic and boosting"] = (probs["logistic"] + probs["boosting"]) / 2
    return [compare(f"student_grades, {name}", given, one, true) for name, one in probs.items()]


def clean_data() -> None:
    for name, load in TABLES.items():
        features, labels = load(return_X_y=True)
        for make in (logistic, forest):
            compare(f"{name} as it is, {make.__name__}", labels, out_of_fold(make, features, labels), labels)
    embeddings = np.load(folder("text_trec6") / "emb_minilm_train.npy").astype(np.float64)
    with (folder("text_trec6") / "train.csv").open(encoding="utf-8", newline="") as file:
        kinds = np.unique([row["label"] for row in csv.DictReader(file)], return_inverse=True)[1]
    compare("trec6 as it is, logistic", kinds, out_of_fold(logistic, embeddings, kinds), kinds)


def main() -> None:
    """Print the table."""
    print(HEADER)
    print_mean("mean of student_grades", student_grades())
    clean_data()


if __name__ == "__main__":
    main()
