"""Segmented images with planted errors, found here and by cleanlab in the same run.

``python -m benchmarks.pixel_errors [images]``, default 200. In a quarter of the images one object is dropped, of
another class, or shifted by 3 to 5 pixels. Prints one table and writes nothing.
"""

from __future__ import annotations

import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.methods.segmentation.made_images import MadeImages, made_images

from dechaff.labels import find_pixel_errors

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from cleanlab.segmentation.filter import find_label_issues
    from cleanlab.segmentation.rank import get_label_quality_scores

SEEDS = range(10, 13)


def ours(made: MadeImages) -> tuple[Any, Any, Any]:
    found = find_pixel_errors(made.labels, made.probs)
    pixels = [found.pixels(place) for place in range(len(found))]
    return found.score, np.stack([one.score for one in pixels]), np.stack([one.flag for one in pixels])


def theirs(made: MadeImages) -> tuple[Any, Any, Any]:
    quality, pixels = get_label_quality_scores(made.labels, made.probs, verbose=False)
    return -quality, -pixels, find_label_issues(made.labels, made.probs, verbose=False)


def theirs_by_count(made: MadeImages) -> tuple[Any, Any, Any]:
    quality, pixels = get_label_quality_scores(made.labels, made.probs, method="num_pixel_issues", verbose=False)
    return -quality, -pixels, find_label_issues(made.labels, made.probs, verbose=False)


def figures(made: MadeImages, image: Any, pixel: Any, flag: Any) -> list[float]:
    wrong = made.labels != made.true
    f1 = 2 * (flag & wrong).sum() / max(1, flag.sum() + wrong.sum())
    return [
        average_precision_score(made.wrong, image),
        roc_auc_score(made.wrong, image),
        average_precision_score(wrong.ravel(), pixel.ravel()),
        f1,
    ]


def main(n: int) -> None:
    print("| | AP images | AUC images | AP pixels | F1 pixels | CPU s |\n|" + "---|" * 6)
    methods = {"dechaff": ours, "cleanlab, softmin": theirs, "cleanlab, num_pixel_issues": theirs_by_count}
    for name, method in methods.items():
        rows = []
        for seed in SEEDS:
            made = made_images(seed, n)
            begun = time.process_time()
            found = method(made)
            rows.append([*figures(made, *found), time.process_time() - begun])
        print(f"| {name} | {' | '.join(f'{one:.3f}' for one in np.mean(rows, axis=0))} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
