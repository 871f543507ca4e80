"""Random labels and probabilities as they come in small and awkward data: few rows, rare and absent classes, ties."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import starmap
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import cleanlab.benchmarking.noise_generation
    import cleanlab.classification
    import cleanlab.count
    import cleanlab.dataset
    import cleanlab.filter
    import cleanlab.multiannotator
    import cleanlab.multilabel_classification
    import cleanlab.object_detection.filter
    import cleanlab.object_detection.summary
    import cleanlab.rank
    import cleanlab.regression
    import cleanlab.segmentation
    import cleanlab.token_classification
    from cleanlab.experimental import span_classification as _spans  # noqa: F401

theirs: ModuleType = cleanlab
same_cases = settings(max_examples=60, deadline=None, derandomize=True)
fewer_cases = settings(max_examples=30, deadline=None, derandomize=True)
"""For tests of many parameters: some thousands together."""


@dataclass(frozen=True)
class Rows:
    labels: np.ndarray
    probs: np.ndarray

    @property
    def k(self) -> int:
        return self.probs.shape[1]


@st.composite
def rows(draw: Callable[..., Any], *, ties: bool = False, absent: bool = True, most: int = 60) -> Rows:
    """2 to `most` rows of 2 to 8 classes, in either precision; with `ties`, of probabilities in steps of an eighth."""
    k = draw(st.integers(2, 8))
    n = draw(st.integers(max(2, 0 if absent else k), most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shares = rng.dirichlet(np.full(k, draw(st.sampled_from([0.3, 1.0, 10.0]))))
    true = rng.choice(k, n, p=shares)
    labels = np.where(rng.random(n) < draw(st.sampled_from([0.0, 0.2, 0.6])), rng.integers(0, k, n), true)
    labels[:2] = [0, 1]  # cleanlab refuses labels of one class
    if not absent:
        labels[:k] = np.arange(k)
    made = _steps(rng, true, k) if ties else _smooth(rng, true, k, draw(st.sampled_from([0.5, 2.0, 6.0])))
    return Rows(labels, made.astype(draw(st.sampled_from([np.float64, np.float32]))))


def _smooth(rng: np.random.Generator, true: np.ndarray, k: int, skill: float) -> np.ndarray:
    logits = rng.normal(size=(len(true), k)) + skill * np.eye(k)[true]
    made = np.exp(logits)
    return made / made.sum(axis=1, keepdims=True)


def _steps(rng: np.random.Generator, true: np.ndarray, k: int) -> np.ndarray:
    """Eighths, which every precision holds exactly."""
    return (rng.multinomial(4, np.full(k, 1 / k), len(true)) + 4 * np.eye(k)[true]) / 8


class _ThisProcess:
    """A pool without processes: a copy of this one, with all its tests, takes longer than what it would compute."""

    def __init__(self, _processes: int) -> None: ...

    def starmap(self, work: Callable[..., Any], arguments: Iterable[Any]) -> list[Any]:
        return list(starmap(work, arguments))

    def close(self) -> None: ...

    def join(self) -> None: ...


def quietly(call: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """cleanlab's answer in one process, without warnings of rare classes or division by zero, and from stable sorts.

    numpy's usual sort is stable on some processors, and for few rows, only; where it is not, cleanlab breaks ties by
    what the processor does.
    """
    stable = partial(np.argsort, kind="stable")
    with (
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
        patch("numpy.argsort", stable),
        patch("psutil.cpu_count", lambda **_: 1),
        patch("cleanlab.object_detection.filter.Pool", _ThisProcess),
        patch("cleanlab.object_detection.summary.Pool", _ThisProcess),
    ):
        warnings.simplefilter("ignore")
        return call(*args, **options)
