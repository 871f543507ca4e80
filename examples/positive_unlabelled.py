"""Positive-unlabelled data: how many positives are among the unlabelled rows, and which.

Tumours of scikit-learn: 40 % of the malignant ones have been diagnosed; the other rows are unlabelled.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import dechaff


def main() -> None:
    """Fit, estimate, diagnose, compare with the truth."""
    data, benign = load_breast_cancer(return_X_y=True)
    malignant = benign == 0
    diagnosed = malignant & (np.random.default_rng(0).random(len(data)) < 0.4)

    model = make_pipeline(StandardScaler(), LogisticRegression())
    pu = dechaff.PUClassifier(model).fit(data, diagnosed)
    print(pu.estimates())
    print(pu.diagnose(data))

    naive = model.fit(data, diagnosed).predict(data)
    print(f"malignant: {malignant.sum()}, diagnosed: {diagnosed.sum()}, estimated: {pu.class_prior_ * len(data):.0f}")
    print(f"F1 if unlabelled is taken as benign: {f1_score(malignant, naive):.2f}")
    print(f"F1 of PUClassifier:                  {f1_score(malignant, pu.predict(data)):.2f}")


if __name__ == "__main__":
    main()
