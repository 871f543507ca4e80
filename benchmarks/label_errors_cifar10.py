"""Label errors in CIFAR-10, found from out-of-fold probabilities of deep nets: here and by cleanlab.

The noise of the confident-learning paper (by class), human labels (CIFAR-10N), and the labels as published. Prints one
table and writes nothing: ``python -m benchmarks.label_errors_cifar10``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._against_cleanlab import HEADER, Comparison, compare, folder, print_mean


def noise_of_the_paper() -> list[Comparison]:
    labels = np.load(folder("cifar10_synth") / "noisy_labels.npz")
    probs = np.load(folder("cifar10_synth") / "pred_probs_cv.npz")
    rows = {
        setting: compare(setting, labels[setting].astype(int), probs[setting], labels["true"].astype(int))
        for setting in probs.files
    }
    return [row for setting, row in rows.items() if setting != "noise0.0_sparsity0.0"]


def human_labels() -> list[Comparison]:
    labels = np.load(folder("cifar10n") / "labels.npz")
    probs = np.load(folder("cifar10n") / "pred_probs_cv.npz")
    given = {"worst": labels["worse"], "aggre": labels["aggre"]}
    return [
        compare(f"human {net}", given[net.partition("_")[0]].astype(int), probs[net], labels["clean"].astype(int))
        for net in probs.files
    ]


def main() -> None:
    """Print the table."""
    print(HEADER)
    print_mean("mean of four noisy settings", noise_of_the_paper())
    print_mean("mean of human labels", human_labels())


if __name__ == "__main__":
    main()
