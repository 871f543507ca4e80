"""Findings about cells (C001), and about a value of a column (C002): accepting or editing one writes the cells."""

from __future__ import annotations

import shutil

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.errors import InputError, RunError


def _table():
    random = np.random.default_rng(0)
    city = random.choice(["Berlin", "Paris", "Rome"], 300).astype(object)
    city[[3, 40]], city[5], city[[9, 60]] = "berlin ", "PARIS", "n/a"
    size = random.normal(20, 3, 300).round(1)
    size[7] = 1999.0
    label = np.where(size + random.normal(0, 2, 300) > 20, "long", "short")
    return pl.DataFrame({"city": city.astype(str), "size": size, "label": label})


@pytest.fixture(scope="module", params=["memory", "csv", "parquet", "out of core"])
def audited(request, tmp_path_factory):
    """The folder of a run with its data, and what was audited."""
    folder = tmp_path_factory.mktemp("audited")
    if request.param == "parquet":
        _table().write_parquet(folder / "rows.parquet", row_group_size=50)
    elif request.param != "memory":
        _table().write_csv(folder / "rows.csv")
    names = {"csv": "rows.csv", "parquet": "rows.parquet", "out of core": "rows.cs?"}
    name = names.get(request.param)
    dechaff.audit(str(folder / name) if name else _table(), label="label", out=folder / "run", threads=1)
    return folder, name


@pytest.fixture
def audit(audited, tmp_path):
    """The same audit in a folder of its own, before any decision."""
    folder, name = audited
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return dechaff.open_run(tmp_path / "run", source=str(tmp_path / name) if name else _table())


def _findings(audit, code):
    """By what is given; of cells that hold the same, the first."""
    items = sorted(audit.queue(codes=code, size=1000).items, key=lambda item: item.finding_id)
    return {item.given: item for item in reversed(items) if code == "C001" or not item.row}


def _improved(audit, tmp_path):
    if audit.data is not None and audit.data.source.path is None:
        return audit.apply()
    path = tmp_path / ("new.parquet" if (tmp_path / "rows.parquet").exists() else "new.csv")
    several = "?" in str(audit.run.options["source"])
    audit.apply(tmp_path / "new" if several else path)
    path = tmp_path / "new" / "rows.csv" if several else path
    return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)


def test_an_accepted_spelling_is_written_and_undone(audit, tmp_path):
    found = _findings(audit, "C001")
    both = [item.finding_id for item in audit.queue(codes="C001").items if item.given == "berlin "]
    assert audit.preview(None, both).changes == {"edit": 2}
    for one in both:
        audit.decide(one, "accept", reviewer="ann")
    other = {item.given: item.status for item in _findings(audit, "C001").values()}
    assert (found["PARIS"].suggested, other["PARIS"]) == ("Paris", "open"), "another cell of the same column"
    assert other["berlin "] == "accepted"
    assert audit.row(str(audit.run.scores["row"][3])).cells[0].text == "Berlin"
    changes = pl.DataFrame(audit.changes).filter(pl.col("change") == "edited")
    assert changes.select("old", "new", "column", "code").unique().rows() == [("berlin ", "Berlin", "city", "C001")]
    assert len(changes) == 2
    expected = _table().with_columns(pl.col("city").replace("berlin ", "Berlin"))
    dropped = _dropped(audit)
    kept = [row for row in range(300) if row not in dropped]
    assert _improved(audit, tmp_path).equals(expected[kept])
    audit.undo(reviewer="ann")
    assert len(pl.DataFrame(audit.changes).filter(pl.col("change") == "edited")) == 1


def _dropped(audit):
    rows = pl.DataFrame(audit.changes).filter(pl.col("change") == "dropped")["row"].to_list()
    return [audit.run.scores["row"].to_list().index(row) for row in rows]


def test_a_placeholder_is_emptied_and_a_far_number_is_corrected(audit, tmp_path):
    far, nothing = _findings(audit, "C001")["1999.0"], _findings(audit, "C002")["n/a"]
    assert (far.accepts, far.suggested, nothing.accepts) == ("edit", "19.99", "edit")
    audit.decide(far.finding_id, "edit", "19.9", reviewer="ann")
    audit.decide(nothing.finding_id, "accept", reviewer="ann")
    new = _improved(audit, tmp_path)
    assert 1999.0 not in new["size"].to_list()
    assert "n/a" not in new["city"].to_list()
    assert (new["size"] == 19.9).sum() == (_table()["size"] == 19.9).sum() + 1
    audit.decide(far.finding_id, "open", reviewer="ann")
    assert set(pl.DataFrame(audit.changes).filter(pl.col("change") == "edited")["column"]) == {"city"}


def test_a_cell_that_was_edited_on_its_own_keeps_its_text(audit, tmp_path):
    row = str(audit.run.scores["row"][9])
    audit.decide(audit.row(row).key, "edit", "Rome", field="city", reviewer="ann")
    audit.decide(_findings(audit, "C002")["n/a"].finding_id, "edit", "Oslo", reviewer="ann")
    assert audit.row(row).cells[0].text == "Rome"
    new = pl.DataFrame(audit.changes).filter(pl.col("change") == "edited")["new"].to_list()
    assert new == ["Rome", "Oslo"]


@pytest.mark.parametrize("decision", ["relabel", "exclude"])
def test_what_only_a_row_can_become_is_refused(audit, decision):
    one = _findings(audit, "C002")["n/a"].finding_id
    with pytest.raises(InputError, match="be about rows"):
        audit.decide(one, decision, "long" if decision == "relabel" else "")
    with pytest.raises(InputError, match="be about rows"):
        audit.decide(one, "edit", "7", field="size")


def test_a_word_for_a_cell_of_a_column_of_numbers_is_refused(audit):
    row = audit.row(str(audit.run.scores["row"][3])).key
    with pytest.raises(InputError, match="be a number, as size holds numbers"):
        audit.decide(row, "edit", "big", field="size")
    with pytest.raises(InputError, match="be a number"):
        audit.decide(_findings(audit, "C001")["1999.0"].finding_id, "edit", "big")
    audit.decide(row, "edit", "", field="size")
    assert audit.row(row).cells[1].text == ""


def test_data_that_have_gone_are_said_and_nothing_is_lost(tmp_path):
    _table().write_csv(tmp_path / "rows.csv")
    audit = dechaff.audit(tmp_path / "rows.csv", label="label", out=tmp_path / "run", threads=1)
    audit.decide(_findings(audit, "C002")["n/a"].finding_id, "accept", reviewer="ann")
    (tmp_path / "rows.csv").unlink()
    with pytest.raises(RunError):
        _ = dechaff.open_run(tmp_path / "run").changes
    assert len([one for one in dechaff.open_run(tmp_path / "run").log() if one.source == "human"]) == 1
