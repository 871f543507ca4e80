"""A curriculum on noisy labels: rows whose labels are suspect come last. Does it help, by its order or by its pacing?

Run: python examples/curriculum.py
"""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier

from dechaff.curriculum import Curriculum, CurriculumClassifier, FixedSteps, compare_curricula, noise_last


def main() -> None:
    """Compare four ways to train the same trees on labels of which 40 % are wrong."""
    random = np.random.default_rng(0)
    true = random.integers(0, 3, 600)
    X = random.normal(size=(600, 3)) + 4 * np.eye(3)[true]
    given = np.where(random.random(600) < 0.4, (true + 1) % 3, true)

    # Each step adds a tree. The trees are grown on the 60 % of the rows whose labels are least suspect.
    curriculum = Curriculum(pacing=FixedSteps(start=0.6, full=1.0))
    model = CurriculumClassifier(ExtraTreesClassifier(10), hardness=noise_last, curriculum=curriculum)
    found = compare_curricula(model, (X[:300], given[:300]), (X[300:], true[300:]), n_seeds=4)

    arms = {
        "suspect labels last": found.curriculum,
        "random order": found.random,
        "suspect labels first": found.hard_first,
        "all rows at once": found.plain,
    }
    for name, accuracy in arms.items():
        print(f"{name:22} {accuracy.mean:.3f}")
    print(found.words)


if __name__ == "__main__":
    main()
