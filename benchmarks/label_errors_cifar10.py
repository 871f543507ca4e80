"""Label errors in CIFAR-10 and in reviewed test sets, from out-of-fold probabilities: here and by cleanlab.

The noise of the confident-learning paper (by class), human labels (CIFAR-10N), the labels as published, and verdicts of
people on reviews (IMDB) and digits (MNIST). Prints one table and intervals, and writes nothing:
``python -m benchmarks.label_errors_cifar10``.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
from pyarrow import parquet
from sklearn.metrics import average_precision_score

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._against_cleanlab import HEADER, Comparison, compare, f1, find_label_issues, folder, print_mean

from dechaff.methods.label_errors.label_error_estimates import estimate_label_errors


def noise_of_the_paper() -> list[Comparison]:
    labels = np.load(folder("cifar10_synth") / "noisy_labels.npz")
    probs = np.load(folder("cifar10_synth") / "pred_probs_cv.npz")
    rows = {
        setting: compare(setting, labels[setting].astype(int), probs[setting], labels["true"].astype(int))
        for setting in probs.files
    }
    for rate in ("0.2", "0.4"):
        print_mean(
            f"mean at noise {rate}", [row for setting, row in rows.items() if setting.startswith(f"noise{rate}")]
        )
    return [row for setting, row in rows.items() if setting != "noise0.0_sparsity0.0"]


def human_labels() -> list[Comparison]:
    labels = np.load(folder("cifar10n") / "labels.npz")
    probs = np.load(folder("cifar10n") / "pred_probs_cv.npz")
    given = {"worst": labels["worse"], "aggre": labels["aggre"]}
    return [
        compare(f"human {net}", given[net.partition("_")[0]].astype(int), probs[net], labels["clean"].astype(int))
        for net in probs.files
    ]


def verdicts(name: str, file: str) -> tuple[np.ndarray, np.ndarray]:
    """Rows that people have judged, and whether the label was wrong."""
    with (folder(name) / file).open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    return np.array([int(row["index"]) for row in rows]), np.array([row["is_error"] == "1" for row in rows])


def judged_by_people(name: str, labels: np.ndarray, file: str, probs: str) -> Comparison:
    """Only rows that cleanlab had flagged were judged, so its F1 has every error among them."""
    given = np.load(folder(name) / probs)
    p = given[given.files[0]]
    rows, wrong = verdicts(name, file)
    true = labels.copy()
    true[rows[wrong]] = (labels[rows[wrong]] + 1) % p.shape[1]  # any other class: only right or wrong is asked
    found = compare(f"{name}, judged rows", labels, p, true, among=rows)
    intervals(name, labels, p, rows, wrong)
    return found


def reviewed() -> list[Comparison]:
    reviews = parquet.read_table(folder("imdb_test") / "reviews.parquet", columns=["label"])
    imdb = reviews["label"].to_numpy().astype(int)
    digits = np.load(folder("mnist") / "mnist_test.npz")["labels"].astype(int)
    return [
        judged_by_people("imdb_test", imdb, "human_verdicts.csv", "pred_probs_cv.npz"),
        judged_by_people("mnist", digits, "test_human_verdicts.csv", "test_pred_probs_cv.npz"),
    ]


def intervals(name: str, labels: np.ndarray, probs: np.ndarray, rows: np.ndarray, wrong: np.ndarray) -> None:
    """Ours less cleanlab's, with the interval of a paired bootstrap over the judged rows."""
    probs = probs / probs.sum(axis=1, keepdims=True)
    judged, theirs = estimate_label_errors(labels, probs), find_label_issues(labels, probs, n_jobs=1)[rows]
    doubt, score, flag = 1 - probs[rows, labels[rows]], judged.score[rows], judged.flag[rows]
    rng = np.random.default_rng(0)
    draws = [rng.integers(0, len(rows), len(rows)) for _ in range(2000)]
    by_name = {
        "AP less that of self-confidence": [
            average_precision_score(wrong[d], score[d]) - average_precision_score(wrong[d], doubt[d]) for d in draws
        ],
        "F1 less that of the default filter": [f1(flag[d], wrong[d]) - f1(theirs[d], wrong[d]) for d in draws],
    }
    for what, gaps in by_name.items():
        low, high = np.quantile(gaps, [0.025, 0.975])
        print(f"{name}: {what} {np.mean(gaps):+.3f} ({low:+.3f} to {high:+.3f})")


def main() -> None:
    """Print the table."""
    print(HEADER)
    print_mean("mean of four noisy settings", noise_of_the_paper())
    print_mean("mean of human labels", human_labels())
    reviewed()


if __name__ == "__main__":
    main()
