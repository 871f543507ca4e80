"""What the results of all cells say: accuracies and ranks of methods, and the best of both sides against each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from dechaff.recipe.noise_benchmark.methods import DEFAULT, PLAIN
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
    return pl.DataFrame([_of_cell(dict(zip(CELL, key, strict=True)), some) for key, some in _cells(runs)])


@dataclass(frozen=True)
class Paired:
    """A mean difference with its 95 % interval."""

    mean: float
    low: float
    high: float


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
        return Paired(mean, -np.inf, np.inf)
    margin = float(t.ppf(0.975, n - 1) * differences.std(ddof=1) / np.sqrt(n))
    return Paired(mean, mean - margin, mean + margin)


def _cells(runs: pl.DataFrame) -> list[tuple[tuple[object, ...], pl.DataFrame]]:
    return [*runs.group_by(*CELL, maintain_order=True)]


def _level() -> pl.Expr:
    """The name of a kind and rate of noise, as in ``class-conditional 40 %``."""
    percent = (pl.col("rate") * 100).round().cast(pl.Int64).cast(pl.String)
    named = pl.concat_str(pl.col("noise"), pl.lit(" "), percent, pl.lit(" %"))
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
