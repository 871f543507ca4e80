"""Runs all methods on all cells, and keeps what is finished in a folder, so that a killed benchmark resumes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.utils.parallel import Parallel, delayed

from dechaff.core.files import write_whole
from dechaff.core.progress import Progress
from dechaff.methods.noise_robust.network import Training
from dechaff.models.single_threaded import single_threaded
from dechaff.recipe.noise_benchmark.methods import METHODS, Method
from dechaff.recipe.noise_benchmark.problem import (
    BenchmarkData,
    ByClass,
    ByInstance,
    Learnt,
    Noise,
    OfData,
    Problem,
    Sizes,
    learnt,
    problem_of,
)

_VERSION = 2
"""Raised if the same options give other numbers, so that no cell of an earlier version is read."""
SCHEMA = {
    "data": pl.String,
    "noise": pl.String,
    "rate": pl.Float64,
    "sparsity": pl.Float64,
    "seed": pl.Int64,
    "wrong_labels": pl.Float64,
    "method": pl.String,
    "side": pl.String,
    "setting": pl.String,
    "epoch": pl.Int64,
    "agreement": pl.Float64,
    "accuracy": pl.Float64,
    "accuracy_last": pl.Float64,
}
"""One row per data set, noise, seed and method. ``agreement`` is with the noisy validation labels; both accuracies are
on clean test rows, at the epoch picked by the agreement and at the last epoch of the picked setting."""


@dataclass(frozen=True)
class Cell:
    """One data set with one noise and one seed."""

    data: BenchmarkData
    noise: Noise
    seed: int


@dataclass(frozen=True)
class NoisePlan:
    """What is run."""

    rates: tuple[float, ...] = (0.0, 0.2, 0.4, 0.7)
    sparsities: tuple[float, ...] = (0.0, 0.2, 0.4, 0.6)
    instance_rates: tuple[float, ...] = (0.4,)
    n_seeds: int = 3
    sizes: Sizes = field(default_factory=Sizes)
    training: Training = field(default_factory=Training)
    methods: tuple[Method, ...] = METHODS

    def noises(self, data: BenchmarkData) -> list[Noise]:
        """All kinds of noise that this data set can have: labels of few classes allow only low rates."""
        most = 1 - 1 / data.n_classes
        by_class = [ByClass(r, s) for r, s in product(self.rates, self.sparsities) if 0 < r < most]
        clean = [ByClass(0.0)] if 0.0 in self.rates else []
        own = [OfData(name, float((labels != data.labels).mean())) for name, labels in data.noisy.items()]
        return [*clean, *by_class, *(ByInstance(rate) for rate in self.instance_rates if rate < most), *own]

    def cells(self, data: Sequence[BenchmarkData]) -> list[Cell]:
        """All cells: every noise and data set with the first seed, then with the second one, and so on."""
        seeds = range(self.n_seeds)
        return [Cell(one, noise, seed) for seed in seeds for one in data for noise in self.noises(one)]


def run_cells(
    data: Sequence[BenchmarkData], plan: NoisePlan, folder: Path, *, jobs: int, progress: Progress
) -> pl.DataFrame:
    """The results of all cells, in the order of `NoisePlan.cells`; those that the folder holds are not run again."""
    cells = plan.cells(data)
    digests = {one.name: _digest(one, plan) for one in data}
    places = [folder / f"{_name(cell, digests[cell.data.name])}.parquet" for cell in cells]
    todo = [number for number, place in enumerate(places) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    progress("cells", len(cells) - len(todo), len(cells))
    work = (delayed(_run)(cells[number], plan, places[number]) for number in todo)
    for done, _ in enumerate(Parallel(n_jobs=jobs, return_as="generator_unordered")(work), len(cells) - len(todo) + 1):
        progress("cells", done, len(cells))
    return pl.concat([pl.read_parquet(place) for place in places])


def _digest(data: BenchmarkData, plan: NoisePlan) -> str:
    """Of all that decides the numbers of a data set's cells, but for the noise and the seed."""
    arrays = (data.features, data.labels, *data.noisy.values())
    digest = hashlib.sha256(b"".join(np.ascontiguousarray(one).tobytes() for one in arrays))
    methods = [method.name for method in plan.methods]
    digest.update(repr((_VERSION, plan.sizes, plan.training, methods)).encode())
    return digest.hexdigest()[:12]


def _name(cell: Cell, digest: str) -> str:
    """The name of a cell's file."""
    noise = f"{cell.noise.kind}-{cell.noise.rate:.4f}-{cell.noise.sparsity:.4f}"
    readable = "".join(one if one.isalnum() or one in "-." else "_" for one in f"{cell.data.name}-{noise}")
    return f"{readable[-80:]}-{cell.seed}-{digest}"


def _run(cell: Cell, plan: NoisePlan, place: Path) -> None:
    with single_threaded():
        table = run_cell(cell, plan)
    stream = BytesIO()
    table.write_parquet(stream)
    write_whole(place, stream.getvalue())


def run_cell(cell: Cell, plan: NoisePlan) -> pl.DataFrame:
    """One row per method, as in `SCHEMA`."""
    problem = problem_of(cell.data, cell.noise, seed=cell.seed, sizes=plan.sizes, training=plan.training)
    noise = {"noise": cell.noise.kind, "rate": cell.noise.rate, "sparsity": cell.noise.sparsity}
    about = {"data": cell.data.name, **noise, "seed": cell.seed, "wrong_labels": problem.noise_rate}
    rows = []
    for method in plan.methods:
        words, found = _best(method, problem)
        scores = {"agreement": found.valid, "accuracy": found.picked.mean(), "accuracy_last": found.last.mean()}
        row = {"method": method.name, "side": method.side, "setting": words, "epoch": found.epoch}
        rows.append({**about, **row, **scores})
    return pl.DataFrame(rows, schema=SCHEMA)


def _best(method: Method, problem: Problem) -> tuple[str, Learnt]:
    """The setting whose picked epoch agrees most with the validation labels; of equals the first."""
    tried: list[tuple[str, Learnt]] = []
    for setting in method.settings(problem):
        tuned = replace(problem, training=replace(problem.training, decay=setting.decay))
        tried.append((setting.words, learnt(tuned, setting.trainer, setting.rows)))
    return max(tried, key=lambda one: one[1].valid)
