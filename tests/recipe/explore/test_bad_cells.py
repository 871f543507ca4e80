"""C001 in an audit: wrong cells, the rules that they contradict, in memory and out of core."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.api import auditing, out_of_core
from dechaff.errors import RunError
from dechaff.methods.cells.cell_columns import CellColumn, CellColumns
from dechaff.recipe.explore.cell_errors import check_cells, find_cells
from dechaff.recipe.explore.cell_rules import KINDS, rules_as_json, rules_from_json

N = 600
WRONG = [
    ("r003", "land", "Austria", "Germany"),
    ("r150", "town", "Drseden", "Dresden"),
    ("r500", "weight", "710.0", "71"),
]


def orders() -> pl.DataFrame:
    """Towns with their lands, weights and labels, and three wrong cells."""
    rng = np.random.default_rng(0)
    lands = {
        "Hamburg": "Germany",
        "Dresden": "Germany",
        "Vienna": "Austria",
        "Salzburg": "Austria",
        "Lausanne": "Suisse",
    }
    town = rng.choice(list(lands), N).astype(object)
    town[3], town[150] = "Hamburg", "Dresden"
    land = np.array([lands[one] for one in town], dtype=object)
    town[150], land[3] = "Drseden", "Austria"
    weight = rng.normal(70, 5, N).round(1)
    weight[500] = 710.0
    return pl.DataFrame(
        {
            "name": [f"r{row:03d}" for row in range(N)],
            "town": town.astype(str),
            "land": land.astype(str),
            "weight": weight,
            "kind": np.where(rng.random(N) < 0.4, "new", "old"),
        }
    )


def bad_cells(audit: dechaff.Audit) -> list[tuple[str, ...]]:
    found = audit.findings.filter(pl.col("code") == "C001").sort("row")
    return found.select("row", "field", "given", "suggested").rows()


@pytest.mark.parametrize("sampled", [N, N // 2])
def test_out_of_core_the_same_cells_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sampled: int) -> None:
    orders().write_csv(tmp_path / "orders.csv")
    found = []
    for limited in (False, True):
        monkeypatch.setattr(auditing, "runs_out_of_core", lambda job, limited=limited: limited)
        monkeypatch.setattr(out_of_core, "sample_rows", lambda *sizes: sampled)
        audit = dechaff.audit(tmp_path / "orders.csv", label="kind", id="name", out=tmp_path / f"run{limited}")
        assert bad_cells(audit) == WRONG
        rules = (audit.folder / "cell_rules.json").read_text(encoding="utf-8")
        found.append((audit.findings.filter(pl.col("code") == "C001").sort("row").drop("finding_id"), rules))
    (one, rules), (two, rules_too) = found
    if sampled == N:
        assert one.equals(two)
        assert rules == rules_too


def columns(frame: pl.DataFrame) -> CellColumns:
    return {name: CellColumn.of(name, frame[name].cast(str).to_numpy()) for name in frame.columns}


def test_rules_come_back_from_json_and_are_said_of_new_rows() -> None:
    learned = find_cells(columns(orders().drop("name")))
    rules = rules_from_json(rules_as_json(learned.rules)).applied
    assert rules == learned.rules
    new = pl.DataFrame({"town": ["Vienna", "Hamburg", "Salzbrg"], "land": ["Germany", "Germany", "Austria"]})
    right = {cell: doubt.suggested for cell, doubt in check_cells(rules, columns(new)).flagged.items()}
    assert right == {(0, "land"): "Austria", (2, "town"): "Salzburg"}


def test_every_kind_of_rule_has_a_sentence_and_can_be_switched_off() -> None:
    kept = json.loads(rules_as_json(find_cells(columns(orders())).rules))
    lines = kept["rules"]
    assert all(line["says"].endswith(".") and line["rule"] in KINDS for line in lines)
    off = [line | {"on": line["rule"] != "range"} for line in lines]
    rules = rules_from_json(json.dumps(kept | {"rules": off})).applied
    assert len(rules) == len(lines) - sum(line["rule"] == "range" for line in lines) < len(lines)


@pytest.mark.parametrize(
    "text",
    ["", "{}}", "[1]", '{"rules": [1]}', '{"rules": [{"rule": "range", "says": "", "learned": {"low": 1}}]}'],
)
def test_a_file_that_holds_no_rules_is_refused(text: str) -> None:
    with pytest.raises(RunError, match="rules of cells"):
        rules_from_json(text)
