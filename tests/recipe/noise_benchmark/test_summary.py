"""Ranks, paired intervals and the best of both sides, by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from dechaff.recipe.noise_benchmark.methods import DEFAULT, PLAIN
from dechaff.recipe.noise_benchmark.summary import by_cell, by_method, paired_over_runs

MODEL, DATA = "mixup", "relabel"
SIDES = {PLAIN: "plain", MODEL: "model", DATA: "data", DEFAULT: "data"}


def runs() -> pl.DataFrame:
    accuracies = {  # by rate, method: two seeds
        (0.0, PLAIN): (0.90, 0.90), (0.0, MODEL): (0.80, 0.80), (0.0, DATA): (0.85, 0.85), (0.0, DEFAULT): (0.90, 0.90),
        (0.4, PLAIN): (0.60, 0.62), (0.4, MODEL): (0.70, 0.72), (0.4, DATA): (0.74, 0.78), (0.4, DEFAULT): (0.70, 0.73),
    }  # fmt: skip
    return pl.DataFrame(
        {
            "data": "made", "noise": "by class" if rate else "none", "rate": rate, "sparsity": 0.0,
            "seed": seed, "method": method, "side": SIDES[method], "accuracy": accuracy,
            "accuracy_last": accuracy - 0.1,
        }
        for (rate, method), both in accuracies.items()
        for seed, accuracy in enumerate(both)
    )  # fmt: skip


def test_methods_are_ranked_by_their_means_in_each_cell() -> None:
    table = by_method(runs())
    ranks = dict(zip(table["method"], table["mean_rank"], strict=True))
    assert ranks == {DATA: 2.0, DEFAULT: 1.75, PLAIN: 2.75, MODEL: 3.5}
    assert table["method"][0] == DEFAULT
    of_data = table.row(by_predicate=pl.col("method") == DATA, named=True)
    assert of_data["none"] == pytest.approx(0.85)
    assert of_data["by class, 40 %"] == pytest.approx(0.76)
    assert of_data["accuracy_last"] == pytest.approx(of_data["accuracy"] - 0.1)
    assert of_data["gain"] == pytest.approx(np.mean([-0.05, -0.05, 0.14, 0.16]))


def test_the_best_of_both_sides_are_paired_over_the_seeds_of_a_cell() -> None:
    clean, noisy = by_cell(runs()).rows(named=True)
    assert (clean["best_data"], clean["best_model"]) == (DEFAULT, MODEL)
    assert (noisy["best_data"], noisy["best_model"]) == (DATA, MODEL)
    assert noisy["difference"] == pytest.approx(0.05)
    assert noisy["low"] < 0.05 < noisy["high"]
    assert (clean["default_gain"], clean["default_low"], clean["default_high"]) == (0, 0, 0)


def test_one_seed_has_no_interval() -> None:
    found = paired_over_runs(np.array([0.8]), np.array([0.7]))
    assert found.mean == pytest.approx(0.1)
    assert (found.low, found.high) == (None, None)
