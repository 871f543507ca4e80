"""``dechaff bench``."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Group, Parameter
from rich.console import Console

from dechaff.report.words import one_line, percent
from dechaff.surfaces.cli.console import print_json, print_next, say, shown_progress, stdout, table
from dechaff.surfaces.cli.main import FINE
from dechaff.surfaces.cli.options import Output

if TYPE_CHECKING:
    from dechaff.api.noise_benchmark import NoiseResults

_RATES, _SPARSITIES = (0.0, 0.2, 0.4, 0.7), (0.0, 0.2, 0.4, 0.6)
_SIDES = {"plain": "nothing", "model": "the model", "data": "the data"}


@Parameter(name="*", group=Group("Noise and training", sort_key=1))
@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """Which noise is made, and what learns from it."""

    label: str | None = None
    """Column of the labels."""
    rates: tuple[float, ...] = _RATES
    """Fraction of wrong labels; repeatable."""
    sparsities: tuple[float, ...] = _SPARSITIES
    """Fraction of pairs of classes that are never mistaken; repeatable."""
    seeds: int = 3
    """Number of repetitions, each with other noise, splits and weights."""
    rows: int = 1500
    """Most rows to learn from, a fifth of them for validation; at most as many test the result."""
    linear: bool = False
    """Train a linear model instead of a network with a hidden layer."""


def bench(
    kind: Literal["noise"],
    /,
    *data: str,
    benchmark: Benchmark = Benchmark(),
    out: Annotated[Path, Parameter(name=["--out", "-o"])] = Path("noise-benchmark"),
    jobs: int | None = None,
    output: Output = Output(),
) -> int:
    """Compare methods for noisy labels on your own data: changing the data against changing the model.

    Labels are made wrong on purpose. Every method trains the same small network for as many steps; its epoch and its
    setting are picked by noisy validation labels, and clean test rows score the result. Finished cells are kept in
    the folder, so that a benchmark that was stopped resumes when the command is repeated.

    Parameters
    ----------
    kind
        The benchmark: noise.
    data
        Data sets with true labels: digits (of scikit-learn, the default), a table, an npz with labels and features,
        or a folder (of tables, of arrays, of images, CIFAR-10N, the binary version of CIFAR-10).
    out
        Folder of the tables as Parquet, and of the chart.
    jobs
        Number of processes. Default: one per core.
    """
    from dechaff.api.noise_benchmark import bench_noise  # loads what the work needs, which --help does not
    from dechaff.methods.noise_robust.network import Training
    from dechaff.recipe.noise_benchmark.problem import Sizes
    from dechaff.recipe.noise_benchmark.run_cells import NoisePlan

    asked, sizes = benchmark, Sizes(benchmark.rows, benchmark.rows)
    training = Training(hidden=0) if asked.linear else Training()
    plan = NoisePlan(asked.rates, asked.sparsities, n_seeds=asked.seeds, sizes=sizes, training=training)
    with shown_progress(quiet=output.quiet) as progress:
        results = bench_noise(*data, label=asked.label, plan=plan, out=out, jobs=jobs, progress=progress)
    if output.json:
        tables = {"methods": results.methods.to_dicts(), "cells": results.cells.to_dicts()}
        print_json({"verdict": asdict(results.verdict), **tables})
        return FINE
    _print_results(stdout(), results)
    if not output.quiet:
        print_next(f"open {one_line(str(out / 'chart.svg'))}")
    return FINE


_FEW_COLUMNS = 8
"""Columns of the table of methods that come before the accuracy by kind and rate of noise."""


def _print_results(console: Console, results: NoiseResults) -> None:
    verdict, methods = results.verdict, results.methods
    overall = table("method", "changes", "mean rank", "accuracy", "last epoch", "gain over plain")
    levels = methods.columns[_FEW_COLUMNS:]
    per_level = table("accuracy", *levels)
    for row in methods.iter_rows(named=True):
        gain = f"{100 * row['gain']:+.1f}"
        if row["gain_high"] is not None:
            gain += f"\xa0±\xa0{100 * (row['gain_high'] - row['gain']):.1f}"
        means = [percent(row[name]) for name in ("accuracy", "accuracy_last")]
        overall.add_row(row["method"], _SIDES[row["side"]], f"{row['mean_rank']:.1f}", *means, gain)
        per_level.add_row(row["method"], *("" if row[one] is None else percent(row[one]) for one in levels))
    for one in (overall, per_level):
        console.print(one)
        say(console, "")
    if verdict.n_noisy:
        ahead = f"In {verdict.n_data_ahead} of {verdict.n_noisy} cells with noise"
        say(console, f"{ahead}, the best method that changes the data is above the best that changes the model.")
    say(
        console,
        f"dechaff's default has mean rank {verdict.default_rank:.1f}; the best is {verdict.first}. In "
        f"{verdict.n_default_worse} of {verdict.n_cells} cells it is significantly below plain training.",
    )
