from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.api import auditing, out_of_core
from dechaff.recipe.explore.wrong_cells import place_of_number, place_of_value
from dechaff.records.metrics import Example
from dechaff.records.wrong_cells import ValueCount, WrongCells
from tests.recipe.made import column

N = 200


def people() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    town, height = rng.choice(["Hamburg", "Rome"], N, p=[0.7, 0.3]).astype(object), rng.normal(170, 6, N).round(1)
    town[7], height[[3, 50]] = "Hambrug", (1700.0, 1650.0)
    return pl.DataFrame({"town": town.tolist(), "height": height, "ill": rng.choice(["yes", "no"], N)})


def test_a_value_stands_beside_the_suggested_one_and_the_usual_ones() -> None:
    town = column("town", ["Rome"] * 5 + ["Oslo"] * 3 + ["Rmoe", ""], kind="categorical")
    places = [ValueCount("Rome", 5, "suggested"), ValueCount("Oslo", 3), ValueCount("Rmoe", 1, "wrong")]
    assert list(place_of_value(town, 8, "Rome")) == places
    assert place_of_number(town, 8) is None


@pytest.mark.parametrize("limited", [False, True])
def test_the_report_shows_wrong_cells_in_their_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limited: bool
) -> None:
    people().write_csv(tmp_path / "people.csv")
    monkeypatch.setattr(auditing, "runs_out_of_core", lambda job: limited)
    monkeypatch.setattr(out_of_core, "sample_rows", lambda *sizes: N)
    audit = dechaff.audit(tmp_path / "people.csv", label="ill", only="C001", out=tmp_path / "run")
    height, town = audit.run.metrics.cells
    assert (height.column, height.cells, height.suggested, height.odd) == ("height", 2, 2, (1650.0, 1700.0))
    assert height.quantiles[-1] < 200
    assert height.rules[0].startswith("height lies between")
    hamburg, rome = town.values[:2]
    assert town == WrongCells("town", 1, 1, values=(hamburg, rome, ValueCount("Hambrug", 1, "wrong")), rules=town.rules)
    assert (hamburg.value, rome.value) == ("Hamburg", "Rome")
    strips = {one.row: one.strip for one in audit.run.examples["C001"] if one.field == "height" and one.strip}
    assert sorted((strip.value, strip.suggested) for strip in strips.values()) == [(1650.0, 165.0), (1700.0, 170.0)]
    shown: Example = next(one for one in audit.run.examples["C001"] if one.field == "town")
    assert [one.mark for one in shown.values] == ["suggested", "", "wrong"]
    assert 'id="cells"' in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
