"""One label in several spellings: the same in memory and out of core, applied, undone, exported and imported."""

from __future__ import annotations

import csv
from collections import Counter
from functools import cache
from pathlib import Path

import polars as pl
import pytest

import dechaff
from dechaff.errors import LabelsError
from tests.recipe.passes.reviews import LEAST, folder, rows, write_csv

ODD = {"Positive": 12, "positive ": 9, "postiive": 1, "p\u043esitive": 2, "unknown": 2}
NAMES = {"good": "positive", "bad": "negative", "": ""}


def _rows() -> list[dict[str, str]]:
    made = [{**row, "label": NAMES[row["label"]]} for row in rows()[0]]
    good = iter([row for row in made[:300] if row["label"] == "positive"])
    for label, count in ODD.items():
        for _ in range(count):
            next(good)["label"] = label
    return made


@cache
def _source() -> Path:
    return write_csv(folder() / "spelled.csv", _rows())


@cache
def _audits() -> tuple[dechaff.Audit, dechaff.Audit]:
    path = _source()
    audits = [dechaff.audit(path, label="label", out=folder() / "spelled-memory", threads=1)]
    audits += [dechaff.audit(path, label="label", out=folder() / "spelled-passes", threads=1, memory=LEAST)]
    return audits[0], audits[1]


def _labels(path: Path) -> Counter[str]:
    with path.open(newline="", encoding="utf-8") as file:
        return Counter(row["label"] for row in csv.DictReader(file))


def test_the_spellings_of_a_class_are_one_finding_in_memory_and_in_passes() -> None:
    one, other = (audit.findings.filter(pl.col("code") == "L006") for audit in _audits())
    assert other.equals(one)
    (found,) = one.rows(named=True)
    assert (found["field"], found["suggested"], found["row"]) == ("positive", "positive", "")
    assert found["why"].startswith("These 5 spellings are one label: positive, Positive, 'positive ', p\u043esitive")
    assert found["fix"] == "Merge them into positive: 24 rows."
    assert all(audit.metrics.dataset.classes == ("negative", "positive") for audit in _audits())
    assert all(audit.findings.filter(pl.col("code") == "L003").height == 7 for audit in _audits())


def test_the_improved_file_has_one_spelling_and_the_changes_name_the_old_one(tmp_path: Path) -> None:
    for audit in _audits():
        dechaff.apply(audit.folder, tmp_path / "new.csv")
        assert set(_labels(tmp_path / "new.csv")) == {"positive", "negative", "", "unknown"}
        changes = pl.read_csv(tmp_path / "new.changes.csv", infer_schema=False)
        merged = changes.filter(pl.col("code") == "L006")
        assert set(merged["old"]) <= set(ODD)
        assert set(merged["new"]) == {"positive"}
        assert set(merged["why"]) == {"another spelling of positive"}


def test_merges_are_the_same_rows_in_memory_and_in_passes() -> None:
    one, other = ({event.row for event in audit.run.events() if event.code == "L006"} for audit in _audits())
    assert len(one & other) > 20
    names = [audit.scores.select("row", "given") for audit in _audits()]
    assert names[0].equals(names[1])


def test_a_merge_is_undone_in_the_exported_decisions(tmp_path: Path) -> None:
    audit = dechaff.audit(_source(), label="label", out=tmp_path / "run", threads=1)
    audit.export_decisions(tmp_path / "decisions.csv")
    lines = pl.read_csv(tmp_path / "decisions.csv", infer_schema=False)
    some = lines.filter((pl.col("code") == "L006") & (pl.col("given") == "Positive"))
    assert some.height > 0
    kept = lines.with_columns(
        action=pl.when(pl.col("row").is_in(some["row"].to_list())).then(pl.lit("keep")).otherwise("action")
    )
    kept.write_csv(tmp_path / "edited.csv")
    audit.import_decisions(tmp_path / "edited.csv")
    dechaff.apply(audit.folder, tmp_path / "new.csv")
    assert _labels(tmp_path / "new.csv")["Positive"] == some.height
    assert _labels(tmp_path / "new.csv")["positive "] == 0


def test_a_policy_that_changes_nothing_sets_the_spellings_for_review(tmp_path: Path) -> None:
    audit = dechaff.audit(_source(), label="label", out=tmp_path / "run", threads=1, policy="review")
    assert {event.action for event in audit.run.events() if event.code == "L006"} == {"review"}
    dechaff.apply(audit.folder, tmp_path / "new.csv")
    assert _labels(tmp_path / "new.csv") == _labels(_source())


def test_labelled_positives_have_one_spelling_too(tmp_path: Path) -> None:
    made = [{**row, "label": "" if row["label"] in ("negative", "unknown") else row["label"]} for row in _rows()[:300]]
    path = write_csv(tmp_path / "positives.csv", made)
    for memory in (None, LEAST):
        audit = dechaff.pu(path, label="label", out=tmp_path / f"run-{memory}", threads=1, memory=memory)
        assert audit.findings.filter(pl.col("code") == "L006").height == 1
        dechaff.apply(audit.folder, tmp_path / "new.csv")
        assert set(_labels(tmp_path / "new.csv")) == {"positive", ""}


def test_a_test_file_of_another_coding_is_refused_before_the_work(tmp_path: Path) -> None:
    coded = [{**row, "label": str(int(row["label"] == "good"))} for row in rows(seed=1)[0][:80]]
    path = write_csv(tmp_path / "coded.csv", coded)
    for memory in (None, LEAST):
        with pytest.raises(LabelsError, match="negative, positive; found only 0, 1"):
            dechaff.audit(_source(), label="label", test=path, out=tmp_path / "run", memory=memory)
    with pytest.raises(LabelsError, match="negative, positive; found only 0, 1"):
        dechaff.prove(_source(), _source(), path, label="label")


@pytest.mark.parametrize("memory", [None, LEAST])
def test_held_out_rows_stay_as_they_came_and_count_as_their_class(memory: str | None, tmp_path: Path) -> None:
    source = _source()
    audit = dechaff.audit(source, label="label", test_size=0.5, out=tmp_path / "run", threads=1, memory=memory)
    assert audit.metrics.dataset.classes == ("negative", "positive")
    dechaff.apply(audit.folder, tmp_path / "new.csv")
    merged = [event.row for event in audit.run.events() if event.code == "L006"]
    odd = sum(_labels(source)[label] - _labels(tmp_path / "new.csv")[label] for label in ODD if label != "unknown")
    assert 0 < len(merged) <= odd < 24
