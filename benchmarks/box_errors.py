"""Images with planted errors in their boxes, found here and by cleanlab's ObjectLab in the same run.

``python -m benchmarks.box_errors [images]``, default 400. In a fifth of the images one box is missing, moved by a
quarter to a half of its size, or of another class. The detector misses 12 % of the objects, mistakes the class of 7 %,
and sees some that are not there. Prints one table and writes nothing.
"""

from __future__ import annotations

import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.methods.object_detection.made_boxes import made_boxes

from dechaff.labels import find_box_errors

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from cleanlab.object_detection.filter import find_label_issues
    from cleanlab.object_detection.rank import get_label_quality_scores

SEEDS = range(10, 15)
DETECTORS = {"sure, up to .999": 0.999, "timid, up to .8": 0.8}


def timed(call: Any, *args: Any, **options: Any) -> tuple[Any, float]:
    begun = time.process_time()
    return call(*args, **options), time.process_time() - begun


def f1(flag: np.ndarray, wrong: np.ndarray) -> float:
    return float(2 * (flag & wrong).sum() / max(1, flag.sum() + wrong.sum()))


def main(n: int) -> None:
    print("| detector | AP | cleanlab | F1 | cleanlab | seconds | cleanlab |\n|" + "---|" * 7)
    for name, most in DETECTORS.items():
        rows = []
        for seed in SEEDS:
            made = made_boxes(seed, n, most_confident=most)
            found, seconds = timed(find_box_errors, made.labels, made.predictions)
            quality, theirs = timed(get_label_quality_scores, made.labels, made.predictions, verbose=False)
            flags, more = timed(find_label_issues, made.labels, made.predictions)
            precision = [average_precision_score(made.wrong, one) for one in (found.score, -quality)]
            flagged = [f1(found.flag, made.wrong), f1(flags.astype(bool), made.wrong)]
            rows.append([*precision, *flagged, seconds, theirs + more])
        print(f"| {name} | {' | '.join(f'{one:.3f}' for one in np.mean(rows, axis=0))} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
