"""From probabilities to posteriors: the same bits in numpy and natively, of a row alone and among others."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
import pytest

from dechaff.core.kernels.row_posteriors import POSTERIOR_STEPS, NearProbs, deconvolved, most_probable, row_posteriors
from dechaff.errors import InputError
from tests.core.kernels.hard_rows import HardRows, hard_rows
from tests.core.kernels.variants import ALL, natives, used

SEEDS = range(60)
ODD = (0.0, 1e-45, 1e-38, 1e-26, 1.0, 0.25, np.inf, np.nan)


@dataclass(frozen=True)
class Few:
    labels: np.ndarray
    classes: np.ndarray
    probs: np.ndarray
    rest: np.ndarray
    transition: np.ndarray
    brief: np.ndarray

    def of(self, rows: Any) -> Few:
        some = (self.labels[rows], self.classes[:, rows], self.probs[:, rows], self.rest[rows])
        return Few(*some, self.transition, self.brief[rows])

    @property
    def near(self) -> NearProbs:
        with np.errstate(all="ignore"):
            return NearProbs(self.classes, self.probs, self.rest, np.log(self.probs))

    def true(self, steps: int = 8) -> np.ndarray:
        with np.errstate(all="ignore"):
            return deconvolved(self.near, self.transition, brief=self.brief, steps=steps)

    def answers(self, steps: int = 8) -> list[np.ndarray]:
        with np.errstate(all="ignore"):
            found = row_posteriors(self.labels, self.near, self.transition, steps=steps)
        return [self.true(steps), *astuple(found)]


def few(seed: int, *, odd: bool = False) -> Few:
    rng = np.random.default_rng(seed)
    m, n = int(rng.integers(2, 8)), int(rng.choice([0, 1, 2, 15, 16, 17, 33, 500]))
    k = m if rng.random() < 0.5 else m + int(rng.integers(0, 60))
    whole = rng.dirichlet(np.full(k, rng.choice([0.05, 1.0, 30.0])), n)
    whole = np.round(whole * 8) / 8 if rng.random() < 0.3 else whole
    classes = np.argsort(-whole, axis=1, kind="stable")[:, :m].T
    probs = np.take_along_axis(whole, classes.T, 1).T.astype(np.float32)
    rest = np.maximum(1 - probs.sum(axis=0), 0)
    if odd:
        for numbers in (probs, rest):
            spots = rng.random(numbers.shape) < 0.1
            numbers[spots] = rng.choice(ODD, size=int(spots.sum()))
    mixed = 0.8 * np.eye(k) + 0.2 * rng.dirichlet(np.full(k, 0.1), k).T
    transition = np.maximum(mixed, 1e-9).astype(np.float32)
    labels = classes[rng.integers(0, m, n), np.arange(n)]
    return Few(labels, classes, probs, rest, transition, rng.random(n) < 0.5)


def same(kernel: str, left: list[np.ndarray], right: list[np.ndarray]) -> None:
    """The same bits, but for which NaN it is."""
    for one, other in zip(left, right, strict=True):
        assert one.dtype == other.dtype, kernel
        np.testing.assert_array_equal(one, other, kernel)
        np.testing.assert_array_equal(np.signbit(one) & (one == one), np.signbit(other) & (other == other), kernel)


@pytest.mark.parametrize("odd", [False, True])
def test_every_kernel_gives_the_bits_of_numpy(odd: bool) -> None:
    for seed in SEEDS:
        rows = few(seed, odd=odd)
        with used("numpy"):
            plain = rows.answers(steps=seed % 15)
        for kernel in natives():
            with used(kernel):
                same(kernel, rows.answers(steps=seed % 15), plain)


def likely(rows: HardRows, m: int) -> list[np.ndarray]:
    with np.errstate(all="ignore"):
        return list(most_probable(rows.labels, rows.values, m))


def test_most_probable() -> None:
    for seed in range(120):
        rows = hard_rows(seed)
        m = min(rows.k, 7 - seed % 7)
        with used("numpy"):
            plain = likely(rows, m)
        by_column = HardRows(rows.labels, np.asfortranarray(rows.values.astype(rows.values.dtype.newbyteorder("="))))
        for kernel in natives():
            with used(kernel):
                same(kernel, likely(rows, m), plain)
                same(kernel, likely(by_column, m), plain)


@pytest.mark.parametrize("kernel", ALL)
def test_most_probable_are_what_a_sort_gives(kernel: str) -> None:
    with used(kernel):
        for seed in range(40):
            rows = hard_rows(seed, odd=False)
            some = rows.values.sum(axis=1) > 0.5
            labels, values, m = rows.labels[some], rows.values[some], min(rows.k, 7)
            classes, shares = most_probable(labels, values, m)
            for at, (label, row) in enumerate(zip(labels, values.astype(float), strict=True)):
                order = np.argsort(-row, kind="stable")[:m].tolist()
                order = order if label in order else [*order[:-1], label]
                if len(set(row[order])) == m:  # of nearly equal numbers the lower column may come first
                    assert classes[:, at].tolist() == order
                seen = np.maximum(row[classes[:, at]] / row.sum(), 1e-300)
                np.testing.assert_allclose(shares[:m, at], seen, rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("kernel", ALL)
def test_a_row_is_judged_alone_as_among_others(kernel: str) -> None:
    with used(kernel):
        for seed in SEEDS:
            rows = few(seed)
            *together, joint = rows.answers()
            alone = [rows.of(slice(at, at + 1)).answers() for at in range(len(rows.labels))]
            for place, answer in enumerate(together):
                for at, one in enumerate(alone):
                    np.testing.assert_array_equal(one[place][..., 0], answer[..., at])
            np.testing.assert_array_equal(sum((one[-1] for one in alone), np.zeros_like(joint)), joint)


@pytest.mark.parametrize("kernel", ALL)
def test_numbers_may_lie_anywhere_in_memory(kernel: str) -> None:
    with used(kernel):
        for seed in SEEDS:
            rows = few(seed)
            apart = rows.of(slice(None, None, 2))
            copied = apart.of(np.arange(len(apart.labels)))
            short = Few(apart.labels.astype(np.int32), np.asfortranarray(apart.classes.astype(np.int32)),
                        np.asfortranarray(apart.probs), apart.rest, apart.transition, apart.brief)  # fmt: skip
            for one, other in zip(short.answers(), copied.answers(), strict=True):
                np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kernel", ALL)
def test_true_classes_explain_the_given_probabilities(kernel: str) -> None:
    rng = np.random.default_rng(0)
    transition = (0.7 * np.eye(4) + 0.3 * rng.dirichlet(np.ones(4), 4).T).astype(np.float32)
    true = rng.dirichlet(np.ones(4), 200).T
    classes, given = np.tile(np.arange(4)[:, None], 200), (transition @ true).astype(np.float32)
    rows = Few(classes[0], classes, given, np.zeros(200, dtype=np.float32), transition, np.zeros(200, dtype=bool))
    with used(kernel):
        np.testing.assert_allclose(transition @ rows.true(400), given, atol=1e-3)


@pytest.mark.parametrize("kernel", ALL)
def test_each_row_adds_one_to_the_joint(kernel: str) -> None:
    with used(kernel):
        for seed in SEEDS:
            rows = few(seed)
            joint = rows.answers()[-1] / POSTERIOR_STEPS
            counts = np.bincount(rows.labels, minlength=len(joint))
            np.testing.assert_allclose(joint.sum(axis=1), counts, atol=1e-5)


@pytest.mark.parametrize("kernel", ALL)
@pytest.mark.parametrize("label", [-1, 3, 2**40])
def test_a_label_that_is_no_class_is_refused(kernel: str, label: int) -> None:
    labels, probs = np.array([0, label, 1]), np.full((3, 3), 1 / 3, dtype=np.float32)
    near = NearProbs(np.tile(np.arange(3)[:, None], 3), probs, np.zeros(3, dtype=np.float32), np.log(probs))
    with used(kernel):
        with pytest.raises(InputError):
            most_probable(labels, probs, 3)
        with pytest.raises(InputError):
            row_posteriors(labels, near, np.eye(3, dtype=np.float32), steps=8)
