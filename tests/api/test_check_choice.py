"""Audits of some checks, and audits within a time budget."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression

import dechaff
from dechaff.api import auditing, reading
from dechaff.errors import InputError
from dechaff.methods.duplicates import near_records
from dechaff.recipe.explore import outliers, two_samples, view
from dechaff.records import check_choice
from dechaff.surfaces.cli.main import main

RNG = np.random.default_rng(0)
X = RNG.normal(size=200).round(4)
ROWS = pl.DataFrame({"x": X, "y": RNG.normal(size=200).round(4), "label": np.where(X > 0, "high", "low")}).vstack(
    pl.DataFrame({"x": [0.5, 0.5, 400.0], "y": [0.25, 0.25, 0.75], "label": ["high", "high", "high"]})
)
MODEL = LogisticRegression()


@pytest.fixture(params=["in memory", "out of core"])
def audit(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    if request.param == "out of core":
        monkeypatch.setattr(auditing, "runs_out_of_core", lambda _: True)
    ROWS.write_csv(tmp_path / "rows.csv")

    def run(**options: Any) -> Any:
        return dechaff.audit(tmp_path / "rows.csv", label="label", model=MODEL, out=tmp_path / "run", **options)

    return run


def reasons(done: Any) -> dict[str, str]:
    return {one.code: one.why for one in done.metrics.checks if one.status != "done"}


def test_only_the_chosen_checks_are_run_and_the_others_are_named(audit: Callable[..., Any]) -> None:
    done = audit(only=["d001", "O001"])
    assert set(done.findings["code"]) - {"O001"} == {"D001"}
    assert set(done.scores.columns) & {"L001", "C001", "C003", "O001", "D001", "D002"} == {"O001", "D001"}
    missed = reasons(done)
    assert missed["L001"] == missed["F006"] == "not among the checks of --only"
    assert not set(missed) & {"D001", "O001"}
    assert done.metrics.baseline is None
    page = done.report().read_text(encoding="utf-8")
    assert "not among the checks of --only" in page


def test_a_check_that_is_skipped_changes_no_other(audit: Callable[..., Any]) -> None:
    done = audit(skip="O001,S002")
    found, missed = done.findings, reasons(done)  # the next audit writes to the same folder
    whole = audit()
    assert missed == {**reasons(whole), "O001": "left out by --skip", "S002": "left out by --skip"}
    kept = whole.findings.filter(~pl.col("code").is_in(["O001", "S002"])).drop("finding_id")
    assert found.drop("finding_id").equals(kept)


@pytest.mark.parametrize("code", ["L001", "L005", "L002", "S001"])
def test_a_check_that_needs_a_model_can_be_run_alone(audit: Callable[..., Any], code: str) -> None:
    done = audit(only=code)
    assert set(done.findings["code"]) <= {code, "R001"}
    assert done.metrics.baseline is not None
    assert {one.code for one in done.metrics.checks} - set(reasons(done)) <= {code}


def test_a_skipped_check_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise AssertionError

    for place, name in ((outliers, "rule_of"), (two_samples, "find_differences"), (near_records, "near_records")):
        monkeypatch.setattr(place, name, fails)
    monkeypatch.setattr(view, "find_near", fails)
    monkeypatch.setattr(view, "find_cells", fails)
    done = dechaff.audit(ROWS, label="label", model=MODEL, skip=["O001", "F006", "S002", "D002", "C001"])
    assert set(reasons(done).values()) == {"left out by --skip"}
    assert any("near copy" in one for one in done.metrics.limits)


def test_what_would_begin_after_the_time_budget_is_said(
    audit: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def choice(*given: Any) -> check_choice.CheckChoice:
        ticks = iter(range(10**6))
        return check_choice.choice_of(*given, clock=lambda: float(next(ticks)))

    monkeypatch.setattr(reading, "choice_of", choice)
    first, second = (reasons(audit(time_budget=6)) for _ in range(2))
    assert first == second
    assert set(first.values()) == {"its turn came after the time budget of 6 s"}
    assert {"O001", "F006", "S002"} <= set(first)
    assert "C001" in first
    assert reasons(audit(time_budget="10h")) == reasons(audit())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"only": ["L01"]}, "Did you mean L001 (label error)?"),
        ({"skip": ["P001"]}, "one of a check of this command"),
        ({"only": ["D001"], "skip": ["D001"]}, "leave a check to run"),
        ({"time_budget": "soon"}, "Write 10m, 90s or 1h30m"),
    ],
)
def test_a_wrong_choice_is_an_error_before_any_work(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as raised:
        dechaff.audit(ROWS, label="label", **options)
    assert words in str(raised.value)


def test_the_command_line_says_what_was_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ROWS.write_csv(tmp_path / "rows.csv")
    monkeypatch.chdir(tmp_path)
    assert main(["audit", "rows.csv", "--label", "label", "--only", "D001", "--only", "O001", "-q"]) == 0
    shown = capsys.readouterr().out
    assert "Not run" in shown
    assert "not among the checks of --only" in shown


POSITIVES = ROWS.with_columns(
    label=pl.Series(np.where((X > 0) & (np.arange(200) % 2 == 0), "yes", "").tolist() + [""] * 3)
)


@pytest.mark.parametrize("out_of_core", [False, True])
@pytest.mark.parametrize("code", ["D001", "P002"])
def test_an_audit_of_positives_runs_the_chosen_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, *, out_of_core: bool
) -> None:
    monkeypatch.setattr(auditing, "runs_out_of_core", lambda _: out_of_core)
    POSITIVES.write_csv(tmp_path / "rows.csv")
    done = dechaff.pu(tmp_path / "rows.csv", label="label", model=MODEL, out=tmp_path / "run", only=code)
    assert set(done.findings["code"]) <= {code}
    assert {one.code for one in done.metrics.checks} - set(reasons(done)) == {code}
    assert {"P001", "P002", "D001"} & set(done.scores.columns) == {code}
    assert (done.metrics.baseline is None) == (code == "D001")
    assert "not among the checks of --only" in done.report().read_text(encoding="utf-8")
