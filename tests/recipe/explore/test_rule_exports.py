"""Rules of cells as checks of Pandera and Great Expectations."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from dechaff.methods.cells.broken_encoding import EncodingRule
from dechaff.methods.cells.cell_columns import CellRule
from dechaff.methods.cells.cell_shapes import ShapeRule
from dechaff.methods.cells.date_orders import DateRule
from dechaff.methods.cells.missing_values import MissingRule
from dechaff.methods.cells.non_numbers import NumberRule
from dechaff.methods.cells.order_rules import OrderRule
from dechaff.methods.cells.scale_shifts import RangeRule
from dechaff.methods.cells.soft_dependencies import Decider, DependencyRule
from dechaff.recipe.explore.cell_rules import KeptRules, rules_as_json, rules_from_json
from dechaff.recipe.explore.rule_exports import FORMS

GROUPS = {"Rome": {"Italy": 9}, "Oslo": {"Norway": 8, "Italy": 1}, "Bern": {"Italy": 4, "France": 4}}
RULES: list[CellRule] = [
    EncodingRule("town"),
    MissingRule("pay", {"-9": "stands for nothing"}),
    NumberRule("pay", frozenset(["none"])),
    RangeRule("pay", 0.0, 10.0, (1.0, 9.0), True),
    ShapeRule("code", ("A-00",), ("B-12",), exact=True),
    DateRule("day", "ymd", "-", True),
    OrderRule("start", "end", 2.0),
    DependencyRule("land", (Decider("town", 0.95, True, GROUPS),)),
]
FINE = {"pay": "7", "code": "C-31", "day": "2024-03-01", "start": "3", "end": "2", "town": "Rome", "land": "Italy"}
WRONG = [{"pay": "-9"}, {"pay": "7l"}, {"pay": "99"}, {"code": "C31"}, {"day": "1.3.2024"}, {"start": "9"},
         {"land": "Norway"}]  # fmt: skip
KEPT = [{"pay": "none"}, {"pay": ""}, {"pay": "12"}, {"land": ""}, {"town": "Bern", "land": "Spain"}]


def kept(rules: list[CellRule] = RULES) -> KeptRules:
    return rules_from_json(rules_as_json(rules))


@pytest.mark.parametrize("form", FORMS)
def test_the_files_are_python_for_any_names_and_say_what_is_left_out(form: str) -> None:
    text = FORMS[form](kept())
    compile(text, "checks.py", "exec")
    assert "# - town contains no characters that are read in the wrong encoding." in text
    assert "town decides land." in text
    odd = '"""\n{x}\\'
    compile(FORMS[form](kept([MissingRule(odd, {odd: odd}), EncodingRule(odd), OrderRule(odd, odd, 1.0)])), "x", "exec")


def test_rows_are_compared_as_the_rules_say() -> None:
    found: dict[str, object] = {}
    exec(FORMS["pandera"](kept()).split("import pandera")[0], found)
    follows, far_below = found["follows"], found["far_below"]
    town, land = pd.Series(["Rome", "Rome", "Bern", "Rome"]), pd.Series(["Italy", "Norway", "Spain", ""])
    assert follows(town, land, {"Rome": "Italy"}).tolist() == [True, False, True, True]  # type: ignore[operator]
    one, two = pd.Series(["3", "9", "x"]), pd.Series(["2", "2", "1"])
    assert far_below(one, two, 2.0, False).tolist() == [False, True, False]  # type: ignore[operator]
    one, two = pd.Series(["2024-03-09", "2024-03-02"]), pd.Series(["2024-03-01"] * 2)
    assert far_below(one, two, 2.0, True).tolist() == [True, False]  # type: ignore[operator]


@pytest.mark.slow
@pytest.mark.parametrize(("form", "module"), [("pandera", "pandera"), ("great-expectations", "great_expectations")])
def test_the_libraries_find_what_is_wrong(tmp_path: Path, form: str, module: str) -> None:
    pytest.importorskip(module)
    (tmp_path / "checks.py").write_text(FORMS[form](kept()))
    for number, (changed, code) in enumerate([*((one, 1) for one in WRONG), *((one, 0) for one in KEPT)]):
        pl.DataFrame([FINE, FINE | changed]).write_csv(tmp_path / f"{number}.csv")
        done = subprocess.run([sys.executable, "checks.py", f"{number}.csv"], cwd=tmp_path, capture_output=True)
        assert done.returncode == code, (changed, done.stdout, done.stderr)
