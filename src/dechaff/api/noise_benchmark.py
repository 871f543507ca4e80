"""The noisy-label benchmark as a user calls it: data in, tables, chart and Parquet files out."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from dechaff.checks import check_count
from dechaff.core.outputs import check_folder, write_outputs
from dechaff.core.progress import Progress, silent
from dechaff.core.threads import usual_threads
from dechaff.errors import InputError
from dechaff.recipe.noise_benchmark.methods import DEFAULT, PLAIN
from dechaff.recipe.noise_benchmark.problem import BenchmarkData
from dechaff.recipe.noise_benchmark.run_cells import NoisePlan, run_cells
from dechaff.recipe.noise_benchmark.sources import benchmark_data
from dechaff.recipe.noise_benchmark.summary import Verdict, by_cell, by_method, curves_of, verdict_of
from dechaff.records.run import parquet_bytes
from dechaff.report.html.charts.noise import Curve, draw_noise_curves

_WHOLE = NoisePlan()
CELLS = "cells"
"""Folder of the finished cells, inside that of the results."""


@dataclass(frozen=True)
class NoiseResults:
    """The accuracies of all methods on all cells, with the tables and the chart that follow from them."""

    runs: pl.DataFrame
    """One row per data set, noise, seed and method: setting, epoch, agreement with the noisy validation labels, and
    accuracy on clean test rows at the picked and at the last epoch."""

    @cached_property
    def methods(self) -> pl.DataFrame:
        """One row per method, the best mean rank first; gains over plain training with 95 % intervals."""
        return by_method(self.runs)

    @cached_property
    def cells(self) -> pl.DataFrame:
        """One row per data set and noise: the best method of each side, and what separates them."""
        return by_cell(self.runs)

    @cached_property
    def verdict(self) -> Verdict:
        """The figures in short."""
        return verdict_of(self.methods, self.cells)

    def chart(self) -> str:
        """Accuracy against the rate of class-conditional noise, as the text of an SVG file."""
        strong = {PLAIN, DEFAULT, self.verdict.best_model, self.verdict.best_data}
        lines = [Curve(name, side, points, name in strong) for name, side, points in curves_of(self.runs)]
        return str(draw_noise_curves(lines))

    def write(self, folder: Path) -> None:
        """Writes runs.parquet, methods.parquet, cells.parquet and chart.svg.

        Raises
        ------
        InputError, RunError
            If a file is there that is not dechaff's, or the folder cannot be written.
        """
        tables = {"runs": self.runs, "methods": self.methods, "cells": self.cells}
        files = {folder / f"{name}.parquet": parquet_bytes(table) for name, table in tables.items()}
        write_outputs({**files, folder / "chart.svg": self.chart().encode()}, "the results")


def bench_noise(
    *data: BenchmarkData | str | Path,
    label: str | None = None,
    plan: NoisePlan = _WHOLE,
    out: str | Path | None = None,
    jobs: int | None = None,
    progress: Progress = silent,
) -> NoiseResults:
    """Compare methods that change the data with methods that change the model, on labels made wrong on purpose.

    Every method trains the same small network with the same number of steps, from the same random weights. Its epoch
    and its setting are those that agree most with noisy validation labels; clean test labels only score the result.

    Parameters
    ----------
    data : data sets with true labels
        `BenchmarkData`, or a source as `benchmark_data` reads it: "digits" (the default), a file or a folder.
    label : column of the labels in files, by default label, labels, target, class or y.
    plan : NoisePlan
        Noise, seeds, sizes, training and methods.
    out : folder for the results, new or of an earlier call
        Finished cells are kept there, and not run again: a benchmark that was stopped resumes.
    jobs : processes that run cells, by default one per core.
    progress : called after each cell.

    Returns
    -------
    NoiseResults

    Raises
    ------
    DataError, LabelsError
        If a source cannot be used.
    InputError
        If an option is out of range, or two data sets have one name.
    RunError
        If the folder holds other things, or cannot be written.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, section 5. Differs: small networks; one protocol for all methods.

    Examples
    --------
    >>> import numpy as np
    >>> from dechaff.benchmarks import BenchmarkData, NoisePlan, bench_noise
    >>> rng = np.random.default_rng(0)
    >>> labels = np.arange(200) % 2
    >>> plan = NoisePlan(rates=(0.0, 0.3), sparsities=(0.0,), instance_rates=(), n_seeds=2)
    >>> made = BenchmarkData("made", rng.normal(size=(200, 2)) + 3 * labels[:, None], labels)
    >>> results = bench_noise(made, plan=plan, jobs=1)
    >>> len(results.methods), len(results.cells), len(results.runs)
    (26, 2, 104)
    """
    _check_plan(plan)
    if jobs is not None:
        check_count("jobs", jobs, least=1)
    if out is not None:
        check_folder(Path(out), "the results", _is_own, fix="Choose a new or empty folder.")
    sets = [one for source in data or ("digits",) for one in _sets_of(source, label)]
    _check_names(sets)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch if out is None else out) / CELLS
        results = NoiseResults(run_cells(sets, plan, folder, jobs=jobs or usual_threads(), progress=progress))
    if out is not None:
        results.write(Path(out))
    return results


def _sets_of(source: BenchmarkData | str | Path, label: str | None) -> list[BenchmarkData]:
    return [source] if isinstance(source, BenchmarkData) else benchmark_data(source, label=label)


def _is_own(folder: Path) -> bool:
    return (folder / CELLS).is_dir()


def _check_plan(plan: NoisePlan) -> None:
    if not plan.rates and not plan.instance_rates:
        raise InputError("rates", "have at least one rate", "none", "Write (0.0, 0.4), for example.")
    if not plan.sparsities:
        raise InputError("sparsities", "have at least one number", "none", "Write (0.0,), for example.")
    for name, fractions in (("rates", (*plan.rates, *plan.instance_rates)), ("sparsities", plan.sparsities)):
        odd = [one for one in fractions if not 0 <= one < 1]
        if odd:
            raise InputError(name, "be from 0 to 1, exclusive", f"{odd[0]:g}", "Write 0.4 for 40 %.")
    check_count("n_seeds", plan.n_seeds, least=1)
    check_count("the number of rows to learn from", plan.sizes.learn, least=100)
    check_count("the number of rows to test on", plan.sizes.test, least=1)


def _check_names(sets: Sequence[BenchmarkData]) -> None:
    repeated = [name for name, times in Counter(one.name for one in sets).items() if times > 1]
    if repeated:
        fix = "Rename one of the files or folders."
        raise InputError("the data sets", "have different names", f"{repeated[0]} twice", fix)
