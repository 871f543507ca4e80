"""``dechaff check``: the rules of an audit, applied to new files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.api.checking import check
from dechaff.errors import RunError
from dechaff.surfaces.cli.main import FINE, GATE_FAILED, UNUSABLE, main

LANDS = {"Hamburg": "Germany", "Dresden": "Germany", "Vienna": "Austria", "Salzburg": "Austria"}


def orders(n: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    town = rng.choice(list(LANDS), n)
    weight = rng.normal(70, 5, n).clip(50, 90).round(1)
    ids = [f"r{row:03d}" for row in range(n)]
    land, kind = [LANDS[one] for one in town], np.where(rng.random(n) < 0.4, "new", "old")
    return pl.DataFrame({"name": ids, "town": town, "land": land, "weight": weight, "kind": kind})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    here = tmp_path_factory.mktemp("audited")
    orders(300, 0).write_csv(here / "orders.csv")
    return dechaff.audit(here / "orders.csv", label="kind", id="name", threads=1).folder


def wrong() -> pl.DataFrame:
    new = orders(40, 1).with_columns(pl.Series("colour", ["red"] * 40)).drop("kind").to_dict(as_series=False)
    new["town"][5], new["land"][5], new["town"][7], new["weight"][9] = "Vienna", "Germany", "Hambrug", 7100.0
    new["land"][7] = "Germany"
    return pl.DataFrame(new)


FOUND = [("r005", "land", "Austria"), ("r007", "town", "Hamburg"), ("r009", "weight", "71")]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_what_breaks_the_rules_is_listed_and_fails_a_build(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    write = {"csv": "write_csv", "parquet": "write_parquet", "jsonl": "write_ndjson"}[suffix]
    getattr(wrong(), write)(tmp_path / f"new.{suffix}")
    words = ["check", str(tmp_path / f"new.{suffix}"), "--rules", str(run)]
    assert main(words) == GATE_FAILED
    said = capsys.readouterr().out
    assert "town decides land." in said
    assert "3 cells of 200 break one of" in said
    assert "New, not checked: colour." in said
    assert main([*words, "--json"]) == GATE_FAILED
    said = json.loads(capsys.readouterr().out)
    assert [(one["row"], one["column"], one["suggested"]) for one in said["cells"]] == FOUND
    assert (said["passed"], said["missing_columns"], said["new_columns"]) == (False, [], ["colour"])
    assert main([*words, "--csv", "-o", str(tmp_path / "broken.csv")]) == GATE_FAILED
    printed = capsys.readouterr()
    assert printed.out == (tmp_path / "broken.csv").read_text()
    assert printed.out.splitlines()[0] == "row,column,given,suggested,rule,why,score"
    assert "colour" in printed.err


def test_clean_rows_pass_and_a_missing_column_does_not(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    orders(40, 2).write_csv(tmp_path / "new.csv")
    assert main(["check", str(tmp_path / "new.csv"), "--rules", str(run)]) == FINE
    orders(40, 2).drop("land").write_csv(tmp_path / "less.csv")
    assert main(["check", str(tmp_path / "less.csv"), "--rules", str(run)]) == GATE_FAILED
    assert "Missing: land." in capsys.readouterr().out


def test_a_rule_is_switched_off_in_a_file_of_rules(run: Path, tmp_path: Path) -> None:
    kept = json.loads((run / "cell_rules.json").read_text())
    for line in kept["rules"]:
        line["on"] = line["rule"] != "dependency"
    (tmp_path / "rules.json").write_text(json.dumps(kept))
    found = check(wrong(), tmp_path / "rules.json")
    assert found.table()["column"].to_list() == ["town", "weight"]
    frame = wrong().to_pandas().set_index("name")
    found = dechaff.open_run(run).check(frame)
    assert found.table()["name"].tolist() == ["r005", "r007", "r009"]
    assert found.repaired().loc["r005", "land"] == "Austria"
    assert not found.passed


def test_what_holds_no_rules_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    orders(40, 2).write_csv(tmp_path / "new.csv")
    assert main(["check", str(tmp_path / "new.csv"), "--rules", str(tmp_path)]) == UNUSABLE
    assert "Cannot find rules of cells" in capsys.readouterr().err
    (tmp_path / "rules.json").write_text("{}")
    with pytest.raises(RunError, match="cannot be read"):
        check(tmp_path / "new.csv", tmp_path / "rules.json")


def test_rules_are_listed_and_written_in_other_forms(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", str(run)]) == FINE
    assert "town decides land.\n" in capsys.readouterr().out
    assert main(["rules", str(run), "--format", "json", "-o", str(tmp_path / "rules.json")]) == FINE
    assert (tmp_path / "rules.json").read_bytes() == (run / "cell_rules.json").read_bytes()
    capsys.readouterr()
    for form in ("pandera", "great-expectations"):
        assert main(["rules", str(run), "--format", form]) == FINE
        compile(capsys.readouterr().out, form, "exec")
