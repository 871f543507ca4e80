"""The benchmark as a user calls it: tables, chart and files; refusals lose nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dechaff.benchmarks import NoisePlan, NoiseResults, Sizes, bench_noise
from dechaff.errors import InputError, RunError
from dechaff.recipe.noise_benchmark.methods import DEFAULT, METHODS, PLAIN
from tests.recipe.noise_benchmark.made import TRAINING, blobs

FEW = tuple(method for method in METHODS if method.name in (PLAIN, "label smoothing", DEFAULT))
PLAN = NoisePlan(rates=(0.0, 0.2), sparsities=(0.0,), n_seeds=2, training=TRAINING, methods=FEW)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench") / "results"


@pytest.fixture(scope="module")
def results(folder: Path) -> NoiseResults:
    return bench_noise(blobs(300), blobs(240, "<b>fewer</b>"), plan=PLAN, out=folder, jobs=1)


def test_results_are_written_as_parquet_and_a_chart(results: NoiseResults, folder: Path) -> None:
    for name in ("runs", "methods", "cells"):
        assert_frame_equal(pl.read_parquet(folder / f"{name}.parquet"), getattr(results, name))
    assert results.runs["seed"].unique().sort().to_list() == [0, 1]
    assert len(results.cells) == 2 * 4  # none, by class, by row, human
    assert set(results.methods["method"]) == {method.name for method in FEW}
    assert results.verdict.n_noisy == 6


def test_the_chart_has_a_curve_per_method_and_names_those_that_matter(results: NoiseResults, folder: Path) -> None:
    drawn = (folder / "chart.svg").read_text()
    root = ElementTree.fromstring(drawn)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    curves = root.findall("{*}polyline")
    assert {curve.findtext("{*}title") for curve in curves} == {method.name for method in FEW}
    assert all(len(curve.get("points", "").split()) == 2 for curve in curves)
    named = {text.text for text in root.findall("{*}text[@class='label']")}
    assert named == {method.name for method in FEW}
    assert "--paper:" in drawn
    assert drawn == results.chart()


def test_a_second_call_reads_what_is_there(results: NoiseResults, folder: Path) -> None:
    steps: list[int] = []
    again = bench_noise(
        blobs(300),
        blobs(240, "<b>fewer</b>"),
        plan=PLAN,
        out=folder,
        jobs=1,
        progress=lambda _, n, total: steps.append(n),
    )
    assert_frame_equal(again.runs, results.runs)
    assert steps == [16]


def test_digits_are_the_data_if_none_are_named() -> None:
    small = replace(PLAN, rates=(0.0,), instance_rates=(), n_seeds=1, sizes=Sizes(200, 100))
    assert bench_noise(plan=small, jobs=1).runs["data"].unique().to_list() == ["digits"]


def test_what_cannot_be_run_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="rates must be from 0 to 1, exclusive; found 1"):
        bench_noise(blobs(), plan=replace(PLAN, rates=(1.0,)))
    with pytest.raises(InputError, match="n_seeds must be a whole number, 1 or more; found 0"):
        bench_noise(blobs(), plan=replace(PLAN, n_seeds=0))
    with pytest.raises(InputError, match="at least one rate"):
        bench_noise(blobs(), plan=replace(PLAN, rates=(), instance_rates=()))
    with pytest.raises(InputError, match="have different names; found blobs twice"):
        bench_noise(blobs(), blobs(), plan=PLAN)
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(RunError, match=r"it holds mine\.txt, which is not dechaff's"):
        bench_noise(blobs(), plan=PLAN, out=tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]
