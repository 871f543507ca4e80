"""A small data set of three overlapping classes, for the benchmark's tests."""

from __future__ import annotations

import numpy as np

from dechaff.methods.noise_robust.network import Training
from dechaff.recipe.noise_benchmark.problem import BenchmarkData, ByClass, Noise, Problem, Sizes, problem_of

TRAINING = Training(hidden=16, epochs=10, batch=32)


def blobs(n: int = 600, name: str = "blobs") -> BenchmarkData:
    rng = np.random.default_rng(0)
    true = np.arange(n) % 3
    features = rng.normal(size=(n, 4)) + 2.5 * np.eye(3, 4)[true]
    own = np.where(rng.random(n) < 0.2, (true + 1) % 3, true)
    return BenchmarkData(name, features, true, {"human": own})


NOISE = ByClass(0.25)


def made_problem(noise: Noise = NOISE, seed: int = 0) -> Problem:
    return problem_of(blobs(), noise, seed=seed, sizes=Sizes(), training=TRAINING)
