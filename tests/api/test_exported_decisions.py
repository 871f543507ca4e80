"""The exported decisions are the same, however many rows are written at a time."""

import csv
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import dechaff
from dechaff.records.decided_rows import decided_pieces
from dechaff.records.run import Run


@pytest.fixture(scope="module")
def found() -> dechaff.Audit:
    x = np.linspace(-3, 3, 120)
    label = np.where(x > 0, "high", "low")
    label[[5, 30, 100, 119]] = ["high", "high", "low", "low"]
    table = {"x": x, "label": label}
    return dechaff.audit(table, label="label", model=LogisticRegression(), policy="bold", only="L001")


def test_decisions_are_written_some_rows_at_a_time(
    found: dechaff.Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = found.export_decisions(tmp_path / "whole.csv").read_bytes()
    monkeypatch.setattr(Run, "pieces", lambda run: decided_pieces(run.scores_path, run.decisions_path, piece_rows=7))
    assert found.export_decisions(tmp_path / "pieces.csv").read_bytes() == whole
    lines = list(csv.DictReader(whole.decode().splitlines()))
    assert {"5", "30", "100", "119"} <= {line["row"] for line in lines}
    assert [int(line["row"]) for line in lines] == sorted(int(line["row"]) for line in lines)
    assert all(float(line["x"]) == np.linspace(-3, 3, 120)[int(line["row"])] for line in lines)
    assert found.import_decisions(tmp_path / "pieces.csv") == 0


def test_without_decisions_the_first_line_is_written(
    found: dechaff.Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "pieces", lambda run: iter(()))
    written = found.export_decisions(tmp_path / "none.csv").read_text(encoding="utf-8")
    assert written == "row,action,label,given,code,score,why,group,key\n"
