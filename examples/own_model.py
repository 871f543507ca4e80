"""Your own model: label errors from its out-of-fold probabilities, then reviews of a few rows.

The digits of scikit-learn with 15 % label noise; the "reviewer" knows the true labels.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_predict
from sklearn.svm import SVC

import dechaff


def main() -> None:
    """Predict out of fold, find, review, learn, retrain."""
    data, true = load_digits(return_X_y=True)
    rng = np.random.default_rng(0)
    given = np.where(rng.random(len(true)) < 0.15, rng.integers(0, 10, len(true)), true)

    # Any model will do, as long as the probabilities of a row come from a model that was not trained on it.
    scores = cross_val_predict(SVC(gamma=0.001), data, given, cv=5, method="decision_function")
    found = dechaff.find_label_errors(given, log_probs=scores)
    print(found.worst(5))
    print(f"label noise {found.noise_rate.value:.1%} ({found.noise_rate.low:.1%} to {found.noise_rate.high:.1%})")

    rows = found.next_to_review(50)
    reviews = {int(row): int(true[row]) for row in rows}
    print(f"precision of the flags, from 50 reviews: {found.expected_precision(reviews).value:.0%}")

    updated = found.update(reviews)
    clean = np.where(updated.flag, updated.suggested, given)
    print(f"correct labels before: {(given == true).mean():.1%}, after: {(clean == true).mean():.1%}")


if __name__ == "__main__":
    main()
