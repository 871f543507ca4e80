"""Positive-unlabelled texts in thousands of columns, whose positives are labelled the more often the easier they are.

Bags of words of the kind of Elkan and Noto's documents (``tests/estimators/pu/made_texts.py``): 20,000 words, c from .8
to .95, labels that depend on the text. Everyone gets the same rows and logistic regression on rows of unit length; 70 %
train, the rest test. Compared are Elkan and Noto's g / e1, their weighted method with the true c, the consensus alone,
and what `PUClassifier` does, also with its own default learner. pulearn takes no sparse rows.

    python -m benchmarks.pu_texts [--seeds 3] [--n 7000]

Seeds are odd; the rule was chosen on even ones.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from tests.estimators.pu.made_texts import PUTexts, made_texts

import dechaff

SHARES = (0.8, 0.85, 0.9, 0.95)
SLOPES = (0.0, 1.0, 2.0)


def rows(n: int, seed: int) -> Iterator[dict[str, Any]]:
    """One row of figures for each share of labelled positives, and each way of labelling."""
    for c in SHARES:
        for slope in SLOPES:
            texts = made_texts(n=n, c=c, slope=slope, seed=seed)
            yield {"labels": "depend on x" if slope else "at random", "wanted": c} | figures(texts, seed)


def figures(texts: PUTexts, seed: int) -> dict[str, Any]:
    """F1 on unseen rows of everyone, and the estimates of c."""
    train, test = train_test_split(
        np.arange(len(texts.positive)), test_size=0.3, random_state=seed, stratify=texts.positive
    )
    X, labelled = texts.features[train], texts.labelled[train]
    c = float(labelled.sum() / texts.positive[train].sum())
    base = LogisticRegression(C=10, max_iter=1000)
    ours = dechaff.PUClassifier(base).fit(X, labelled)
    table = ours.estimates(n_bootstraps=50)
    used = next(one for one in table if one.used)
    models = {
        "PUClassifier": ours,
        "default learner": dechaff.PUClassifier().fit(X, labelled),
        "consensus": dechaff.PUClassifier(base, c=table["consensus"].c).fit(X, labelled),
        "true c": dechaff.PUClassifier(base, c=c).fit(X, labelled),
        "g / e1": dechaff.classifiers.ElkanNotoClassifier(base).fit(X, labelled),
        "naive": base.fit(X, labelled),
    }
    scores = {
        f"F1 {name}": float(f1_score(texts.positive[test], model.predict(texts.features[test])))
        for name, model in models.items()
    }
    return {
        "compromise": ours.c_from_ == "compromise",
        "error of c": abs(ours.c_ - c),
        "of the consensus": abs(table["consensus"].c - c),
        "of e1": abs(table["e1"].c - c),
        "covered": used.c_low <= c <= used.c_high,
        **scores,
    }


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--n", type=int, default=7000)
    chosen = parser.parse_args()
    found = pd.DataFrame([row for seed in range(1, 2 * chosen.seeds, 2) for row in rows(chosen.n, seed)])
    for part in (found.groupby(["labels", "wanted"]), found.groupby("labels")):
        table = part.mean(numeric_only=True).reset_index()
        print("| " + " | ".join(table.columns) + " |\n|" + "---|" * table.shape[1])
        for line in table.itertuples(index=False):
            print("| " + " | ".join(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in line) + " |")
        print()


if __name__ == "__main__":
    main()
