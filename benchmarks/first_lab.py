"""The first lab: what the tool makes of the raw reviews, with no rule given, scored by the lab's own model.

Word counts -> TF-IDF -> SGDClassifier, mean of ten seeds, accuracy on the clean test file; beside it the raw file, what
cleanlab keeps of it from the same out-of-sample probabilities, and two rules written by hand: drop every row with
markup, turn its label round. The hand-written rule is the truth that repairs are counted against.

    python -m benchmarks.first_lab [DATA]
"""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import polars as pl
from cleanlab.filter import find_label_issues
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import make_pipeline

import dechaff

DATA = Path(os.environ.get("DECHAFF_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
TURNED = {"good": "bad", "bad": "good"}


def accuracy(train: pl.DataFrame, test: pl.DataFrame) -> float:
    scores = []
    for seed in range(10):
        model = make_pipeline(CountVectorizer(), TfidfTransformer(), SGDClassifier(random_state=seed))
        model.fit(train["review"].to_list(), train["label"].to_list())
        scores.append(model.score(test["review"].to_list(), test["label"].to_list()))
    return float(np.mean(scores))


def main() -> None:
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else DATA) / "reviews_lab"
    raw, test = pl.read_csv(folder / "reviews_train.csv"), pl.read_csv(folder / "reviews_test.csv")
    with tempfile.TemporaryDirectory() as place:
        found = dechaff.audit(folder / "reviews_train.csv", label="label", out=Path(place) / "run")
        improved = pl.read_csv(found.apply(Path(place) / "improved.csv"))
        changes = pl.read_csv(Path(place) / "improved.changes.csv")
        first = found.findings.row(0, named=True)
        given = np.load(found.folder / "probs.npz")
        base = dechaff.open_run(found.folder).metrics.slices[0]
    marked = raw["review"].str.contains("<").to_numpy()
    changed = np.zeros(len(raw), dtype=bool)
    changed[changes["row"].cast(pl.Int64).to_numpy()] = True
    dropped = np.zeros(len(raw), dtype=bool)
    dropped[changes.filter(pl.col("change") == "dropped")["row"].cast(pl.Int64).to_numpy()] = True
    issues = find_label_issues(given["labels"], given["pred_probs"].astype(float), n_jobs=1)
    turned = raw.with_columns(
        pl.when(pl.Series(marked)).then(pl.col("label").replace_strict(TURNED)).otherwise("label").alias("label")
    )
    lines = {
        "raw": raw,
        "cleanlab, given dechaff's last probabilities": raw.filter(pl.Series(~issues)),
        "rule by hand: markup dropped": raw.filter(pl.Series(~marked)),
        "rule by hand: markup turned round": turned,
        "improved.csv": improved,
    }
    print("| training data | rows | accuracy on the test file |\n|---|---|---|")
    for name, frame in lines.items():
        print(f"| {name} | {len(frame)} | {accuracy(frame, test):.4f} |")
    print(f"\nfirst finding: {first['code']}: {first['why']}")
    print(f"noise in the slice: {base.noise_rate:.3f} ({base.low:.3f} to {base.high:.3f}), {base.action}")
    print(f"flipped rows (with '<') repaired or dropped: {changed[marked].mean():.4f}")
    print(f"good rows dropped: {dropped[~marked].mean():.4f}")


if __name__ == "__main__":
    main()
