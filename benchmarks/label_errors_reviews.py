"""What reviews teach: average precision on rows that nobody has read, after 0, 100, 300 and 1,000 reviews.

CIFAR-10 with the noise of the confident-learning paper and with human labels, all 50,000 rows; reviews are drawn by
`next_to_review` and answered with the true label; means over seeds. The second table says how often intervals hold
what they promise, the third how many planted errors come back, beside the share of the real ones that is flagged.
Prints three tables and writes nothing: ``python -m benchmarks.label_errors_reviews [SEEDS]``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.shared_data import shared

import dechaff

REVIEWS = (100, 300, 1000)
BUDGET = 1000


@dataclass(frozen=True)
class Case:
    """Labels of 50,000 rows, what a model says of them, and the truth."""

    name: str
    labels: np.ndarray
    probs: np.ndarray
    true: np.ndarray

    @property
    def wrong(self) -> np.ndarray:
        """Whether the given label is not the true one."""
        return self.labels != self.true


def cases() -> Iterator[Case]:
    paper = np.load(shared("cifar10_synth") / "noisy_labels.npz")
    probs = np.load(shared("cifar10_synth") / "pred_probs_cv.npz")
    for name in probs.files:
        if not name.startswith("noise0.0"):
            yield Case(name, paper[name].astype(int), probs[name], paper["true"].astype(int))
    human = np.load(shared("cifar10n") / "labels.npz")
    probs = np.load(shared("cifar10n") / "pred_probs_cv.npz")
    for net in probs.files:
        labels = human["worse" if net.startswith("worst") else "aggre"]
        yield Case(f"human {net}", labels.astype(int), probs[net], human["clean"].astype(int))


@dataclass(frozen=True)
class Lesson:
    """One draw of reviews: figures before and after, all of them on rows that nobody has read."""

    ap_before: float
    ap_after: float
    f1_before: float
    f1_after: float
    expected: float
    """Errors left by the scores, over those that are left."""
    precision_held: bool
    precision_width: float
    again_held: bool
    """The interval of the flags that the same reviews have taught."""
    rate_held: bool
    budget_held: bool


def lesson(found: dechaff.labels.LabelErrors, case: Case, number: int) -> Lesson:
    rows = found.next_to_review(number)
    reviews = (rows, case.true[rows])
    learned = found.update(reviews)
    rest = np.ones(len(case.labels), dtype=bool)
    rest[rows] = False
    wrong = case.wrong[rest]
    precision, again = found.expected_precision(reviews), learned.expected_precision()
    budget = learned.review_budget([BUDGET])
    hits = case.wrong[learned.ranked[np.isin(learned.ranked, rows, invert=True)][:BUDGET]].sum()
    return Lesson(
        average_precision_score(wrong, found.log_odds[rest]),
        average_precision_score(wrong, learned.log_odds[rest]),
        f1(found.flag[rest], wrong),
        f1(learned.flag[rest], wrong),
        float(learned.score[rest].sum() / wrong.sum()),
        precision.low <= case.wrong[found.flag].mean() <= precision.high,
        precision.high - precision.low,
        again.low <= case.wrong[learned.flag].mean() <= again.high,
        learned.noise_rate.low <= case.wrong.mean() <= learned.noise_rate.high,
        bool(budget.low[0] <= hits <= budget.high[0]),
    )


def f1(flag: np.ndarray, wrong: np.ndarray) -> float:
    return float(2 * (flag & wrong).sum() / max(1, flag.sum() + wrong.sum()))


def lessons(case: Case, seeds: int) -> dict[int, list[Lesson]]:
    drawn = [dechaff.find_label_errors(case.labels, case.probs, seed=seed) for seed in range(seeds)]
    return {number: [lesson(found, case, number) for found in drawn] for number in REVIEWS}


def print_taught(taught: dict[str, dict[int, list[Lesson]]]) -> None:
    print("| data | reviews | AP before | after | worst seed | F1 before | after | expected / true errors |")
    print("|---|---|---|---|---|---|---|---|")
    for name, by_number in taught.items():
        for number, some in by_number.items():
            before, after = mean(some, "ap_before"), mean(some, "ap_after")
            worst = min(one.ap_after - one.ap_before for one in some)
            print(
                f"| {name} | {number} | {before:.4f} | {after:.4f} ({after - before:+.4f}) | {worst:+.4f} "
                f"| {mean(some, 'f1_before'):.3f} | {mean(some, 'f1_after'):.3f} | {mean(some, 'expected'):.3f} |"
            )


def print_held(taught: dict[str, dict[int, list[Lesson]]]) -> None:
    print(
        f"\n| reviews | precision | its width | precision after learning | noise rate | errors in the next {BUDGET} |"
    )
    print("|---|---|---|---|---|---|")
    for number in REVIEWS:
        some = [one for by_number in taught.values() for one in by_number[number]]
        held = [mean(some, name) for name in ("precision_held", "again_held", "rate_held", "budget_held")]
        print(
            f"| {number} | {held[0]:.2f} | {mean(some, 'precision_width'):.3f} | {held[1]:.2f} | {held[2]:.2f} "
            f"| {held[3]:.2f} |"
        )


def print_planted(some: list[Case]) -> None:
    print("\n| data | flagged share of the wrong labels | by planted errors (95 %) |")
    print("|---|---|---|")
    for case in some:
        found = dechaff.find_label_errors(case.labels, case.probs)
        print(f"| {case.name} | {found.flag[case.wrong].mean():.3f} | {found.estimated_recall()!r} |")


def mean(some: list[Lesson], name: str) -> float:
    return float(np.mean([getattr(one, name) for one in some]))


def main() -> None:
    """Print the tables."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    some = list(cases())
    taught = {case.name: lessons(case, seeds) for case in some}
    print_taught(taught)
    print_held(taught)
    print_planted(some)


if __name__ == "__main__":
    main()
