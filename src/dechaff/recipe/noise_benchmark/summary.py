"""What the results of all cells say: accuracies and ranks of methods, and the best of both sides against each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from dechaff.recipe.noise_benchmark.methods import DEFAULT, PLAIN, Side
from dechaff.typing import Numbers

CELL = ("data", "noise", "rate", "sparsity")
"""The columns that name a cell."""


def by_method(runs: pl.DataFrame) -> pl.DataFrame:
    """One row per method, by ascending mean rank.

    ``accuracy`` and ``accuracy_last`` are means over all cells and seeds, with a column per kind and rate of noise.
    ``gain`` is the difference from plain training, paired over all runs, with its 95 % interval. ``mean_rank`` is over
    cells, in each of which methods are ranked by their mean over the seeds; the best has rank 1.
    """
    runs = runs.with_columns(_level())
    levels = runs.select("noise", "rate", "level").unique("level").sort("noise", "rate")["level"].to_list()
    order = [one for one in ("none", *levels) if one in levels]
    wide = runs.pivot("level", index=("method", "side"), values="accuracy", aggregate_function="mean")
    last = runs.group_by("method").agg(pl.col("accuracy").mean(), pl.col("accuracy_last").mean())
    gains = pl.DataFrame([_gain(runs, method) for method in wide["method"]])
    joined = wide.join(last, on="method").join(gains, on="method").join(_mean_ranks(runs), on="method")
    columns = ["method", "side", "mean_rank", "accuracy", "accuracy_last", "gain", "gain_low", "gain_high"]
    return joined.select(*columns, *dict.fromkeys(order)).sort("mean_rank", "method")


def by_cell(runs: pl.DataFrame) -> pl.DataFrame:
    """One row per cell: the best method that changes the data, the best that changes the model, and their difference.

    The best are those of highest mean accuracy over the seeds. ``difference`` is data minus model, paired over the
    seeds, with its 95 % interval; ``default_gain`` is that of dechaff's default over plain training.
    """
    intervals = dict.fromkeys(("low", "high", "default_low", "default_high"), pl.Float64)
    found = [_of_cell(dict(zip(CELL, key, strict=True)), some) for key, some in _cells(runs)]
    return pl.DataFrame(found, schema_overrides=intervals)


@dataclass(frozen=True)
class Verdict:
    """The figures in short. A cell is noisy if its rate is above 0."""

    n_noisy: int
    """Noisy cells."""
    n_data_ahead: int
    """Those in which the best method that changes the data is above the best that changes the model."""
    best_data: str
    """Of the methods that change the data, but for the default, that of the best mean rank."""
    best_model: str
    default_rank: float
    """Mean rank of dechaff's default, among all methods over all cells."""
    first: str
    """The method of the best mean rank."""
    n_cells: int
    n_default_worse: int
    """Cells in which the interval of the default minus plain training is below 0."""


def verdict_of(methods: pl.DataFrame, cells: pl.DataFrame) -> Verdict:
    """From the tables of methods and of cells."""
    noisy = cells.filter(pl.col("rate") > 0)
    ranked = methods.sort("mean_rank", "method")
    others = ranked.filter(pl.col("method") != DEFAULT)
    best = {side: others.filter(pl.col("side") == side)["method"].to_list() for side in ("data", "model")}
    return Verdict(
        n_noisy=len(noisy),
        n_data_ahead=int((noisy["difference"] > 0).sum()),
        best_data=next(iter(best["data"]), ""),
        best_model=next(iter(best["model"]), ""),
        default_rank=float(ranked.filter(pl.col("method") == DEFAULT)["mean_rank"][0]),
        first=str(ranked["method"][0]),
        n_cells=len(cells),
        n_default_worse=int((cells["default_high"] < 0).sum()),
    )


def curves_of(runs: pl.DataFrame) -> list[tuple[str, Side, tuple[tuple[float, float], ...]]]:
    """Of each method its name, side and mean accuracy by the rate of class-conditional noise.

    Only of data sets that have all rates, so that a point differs from its neighbour by the noise alone; if there is
    none, of all.
    """
    by_class = runs.filter(pl.col("noise").is_in(["none", "by class"]))
    n_rates = by_class.group_by("data").agg(pl.col("rate").n_unique())
    whole = n_rates.filter(pl.col("rate") == by_class["rate"].n_unique())["data"].to_list()
    shown = by_class.filter(pl.col("data").is_in(whole)) if whole else by_class
    means = shown.group_by("method", "side", "rate", maintain_order=True).agg(pl.col("accuracy").mean())
    grouped = means.sort("rate", maintain_order=True).group_by("method", "side", maintain_order=True)
    return [(name, side, tuple(some.select("rate", "accuracy").iter_rows())) for (name, side), some in grouped]


@dataclass(frozen=True)
class Paired:
    """A mean difference with its 95 % interval."""

    mean: float
    low: float | None
    high: float | None


def paired_over_runs(after: Numbers, before: Numbers) -> Paired:
    """The mean of paired differences, with the interval of a t-distribution; no interval for one pair.

    Source
    ------
    Student (1908), Biometrika 6.

    Examples
    --------
    >>> found = paired_over_runs(np.array([0.8, 0.9, 0.7]), np.array([0.7, 0.7, 0.6]))
    >>> round(found.mean, 3), round(found.low, 3), round(found.high, 3)
    (0.133, -0.01, 0.277)
    """
    from scipy.stats import t

    differences = np.asarray(after) - np.asarray(before)
    n, mean = len(differences), float(np.mean(differences))
    if n < 2:
        return Paired(mean, None, None)
    margin = float(t.ppf(0.975, n - 1) * differences.std(ddof=1) / np.sqrt(n))
    return Paired(mean, mean - margin, mean + margin)


def _cells(runs: pl.DataFrame) -> list[tuple[tuple[object, ...], pl.DataFrame]]:
    return [*runs.group_by(*CELL, maintain_order=True)]


def _level() -> pl.Expr:
    """The name of a kind and rate of noise, as in ``by class, 40 %``."""
    percent = (pl.col("rate") * 100).round().cast(pl.Int64).cast(pl.String)
    named = pl.concat_str(pl.col("noise"), pl.lit(", "), percent, pl.lit(" %"))
    return pl.when(pl.col("rate") == 0).then(pl.lit("none")).otherwise(named).alias("level")


def _mean_ranks(runs: pl.DataFrame) -> pl.DataFrame:
    means = runs.group_by(*CELL, "method").agg(pl.col("accuracy").mean().round(9))
    ranks = means.with_columns(pl.col("accuracy").rank("average", descending=True).over(CELL).alias("rank"))
    return ranks.group_by("method").agg(pl.col("rank").mean().alias("mean_rank"))


def _accuracies(runs: pl.DataFrame, method: str) -> Numbers:
    return runs.filter(pl.col("method") == method).sort(*CELL, "seed")["accuracy"].to_numpy()


def _gain(runs: pl.DataFrame, method: str) -> dict[str, object]:
    gain = paired_over_runs(_accuracies(runs, method), _accuracies(runs, PLAIN))
    return {"method": method, "gain": gain.mean, "gain_low": gain.low, "gain_high": gain.high}


def _of_cell(cell: dict[str, object], runs: pl.DataFrame) -> dict[str, object]:
    best = {side: _best(runs, side) for side in ("data", "model")}
    against = paired_over_runs(_accuracies(runs, best["data"]), _accuracies(runs, best["model"]))
    default = paired_over_runs(_accuracies(runs, DEFAULT), _accuracies(runs, PLAIN))
    return {
        **cell,
        "best_data": best["data"],
        "best_model": best["model"],
        "difference": against.mean,
        "low": against.low,
        "high": against.high,
        "default_gain": default.mean,
        "default_low": default.low,
        "default_high": default.high,
    }


def _best(runs: pl.DataFrame, side: str) -> str:
    means = runs.filter(pl.col("side") == side).group_by("method").agg(pl.col("accuracy").mean().round(9))
    return str(means.sort("accuracy", "method", descending=(True, False))["method"][0])
