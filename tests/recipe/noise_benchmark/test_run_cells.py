"""A benchmark runs every method on every cell, keeps what is finished, and gives the same numbers again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dechaff.core.progress import silent
from dechaff.recipe.noise_benchmark import run_cells as module
from dechaff.recipe.noise_benchmark.methods import DEFAULT, METHODS, PLAIN, Method
from dechaff.recipe.noise_benchmark.problem import BenchmarkData, ByClass, Sizes
from dechaff.recipe.noise_benchmark.run_cells import SCHEMA, Cell, NoisePlan, run_cell, run_cells
from tests.recipe.noise_benchmark.made import TRAINING, blobs

FEW = tuple(method for method in METHODS if method.name in (PLAIN, "label smoothing", "relabel", DEFAULT))
PLAN = NoisePlan(rates=(0.0, 0.4), sparsities=(0.0,), n_seeds=1, training=TRAINING, methods=FEW)


def test_every_method_gives_one_row_of_a_cell() -> None:
    table = run_cell(Cell(blobs(), ByClass(0.2), 0), replace(PLAN, methods=METHODS))
    assert table.schema == pl.Schema(SCHEMA)
    assert table["method"].to_list() == [method.name for method in METHODS]
    assert len(set(table["method"])) == len(METHODS)
    assert table["accuracy"].min() > 0.4  # type: ignore[operator]
    assert table["epoch"].is_between(1, TRAINING.epochs).all()


def test_a_killed_benchmark_goes_on_with_the_cells_that_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[tuple[int, int]] = []
    whole = run_cells([blobs()], PLAN, tmp_path, jobs=1, progress=lambda _, done, total: steps.append((done, total)))
    cells = PLAN.cells([blobs()])
    assert steps == [(done, len(cells)) for done in range(len(cells) + 1)]
    next(iter(tmp_path.iterdir())).unlink()
    ran = []
    monkeypatch.setattr(module, "_run", _noting(module._run, ran))
    assert_frame_equal(run_cells([blobs()], PLAN, tmp_path, jobs=1, progress=silent), whole)
    assert len(ran) == 1


def _noting(run, ran):  # type: ignore[no-untyped-def]
    def noted(*arguments):  # type: ignore[no-untyped-def]
        ran.append(arguments[0])
        return run(*arguments)

    return noted


@pytest.mark.slow
@pytest.mark.parametrize("other", [replace(PLAN, sizes=Sizes(learn=300)), replace(PLAN, methods=FEW[:2])])
def test_other_options_and_other_data_read_no_earlier_cell(tmp_path: Path, other: NoisePlan) -> None:
    few = replace(PLAN, rates=(0.0,), instance_rates=())
    run_cells([blobs()], few, tmp_path, jobs=1, progress=silent)
    before = len(list(tmp_path.iterdir()))
    run_cells([blobs()], replace(few, sizes=other.sizes, methods=other.methods), tmp_path, jobs=1, progress=silent)
    run_cells([blobs(300)], few, tmp_path, jobs=1, progress=silent)
    assert len(list(tmp_path.iterdir())) == 3 * before


def test_cells_are_every_noise_that_the_classes_allow_seed_by_seed() -> None:
    two = BenchmarkData("two", np.zeros((4, 1)), np.array([0, 1, 0, 1]))
    plan = NoisePlan(n_seeds=2)
    assert [noise.rate for noise in plan.noises(two)] == [0.0, 0.2, 0.2, 0.2, 0.2, 0.4, 0.4, 0.4, 0.4, 0.4]
    cells = plan.cells([blobs(), two])
    assert {cell.data.name for cell in cells[: len(cells) // 2]} == {"blobs", "two"}
    assert {cell.seed for cell in cells[: len(cells) // 2]} == {0}
    assert any(cell.noise.kind == "human" for cell in cells)


def test_names_are_unique_and_the_sides_are_both_there() -> None:
    sides = [method.side for method in METHODS]
    assert sides.count("plain") == 1
    assert sides.count("model") == 11
    assert sides.count("data") == 14
    assert all(isinstance(method, Method) for method in METHODS)
