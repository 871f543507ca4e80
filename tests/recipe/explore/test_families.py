"""Rows that augmentation made are no copies of their parents, and follow what is decided of these."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.data.open import open_data
from dechaff.recipe.explore.families import parents_in
from dechaff.recipe.passes import memory
from tests.recipe.passes.reviews import LEAST

COPIES = ("D001", "D002", "D003")
_WORDS = [f"{one}{two}" for one in "bdfgklmnprst" for two in ("ana", "elo", "ima", "oru", "uke")]


def originals(n: int = 60) -> pl.DataFrame:
    """Texts, of which r1 is a copy of r0, r3 a near copy of r2, and r5 a copy of r4 with another label."""
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(_WORDS, 18)) for _ in range(n)]
    labels = ["a", "a", *["a", "b"] * (n // 2 - 1)]
    texts[1], texts[3], texts[5] = texts[0], f"{texts[2]} again", texts[4]
    labels[3], labels[5] = labels[2], "b" if labels[4] == "a" else "a"
    names = [f"r{one}" for one in range(n)]
    return pl.DataFrame({"k": names, "text": texts, "label": labels, "aug_of": names})


def with_children(rows: pl.DataFrame) -> pl.DataFrame:
    """Behind each row a child with the same text, and one with a word more."""
    exact = rows.with_columns(pl.col("k") + "+1")
    near = rows.with_columns(pl.col("k") + "+2", pl.col("text") + " once")
    return pl.concat([rows, exact, near])


def small_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"FEWEST_SAMPLED": 60, "FEWEST_LONG": 60, "FEWEST_BYTES": 1, "MOST_SAMPLED": 60}.items():
        monkeypatch.setattr(memory, name, value)


def found(file: Path, *, limit: str | None) -> dict[str, list[str]]:
    """Code -> the rows of its findings."""
    folder = file.with_name(f"{file.stem}-{limit}")
    run = dechaff.audit(file, label="label", id="k", only=COPIES, memory=limit, out=folder, threads=1)
    assert bool(run.run.options.get("out_of_core")) == (limit == LEAST)
    assert all(one.status == "done" for one in run.metrics.checks if one.code in COPIES)
    findings = run.run.findings
    return {code: sorted(findings.filter(code=code)["row"].to_list()) for code in COPIES}


@pytest.mark.parametrize("limit", [None, LEAST], ids=["in memory", "out of core"])
def test_children_are_copies_neither_of_their_parents_nor_of_one_another(
    tmp_path: Path, limit: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_samples(monkeypatch)
    rows = originals()
    with_children(rows).write_csv(tmp_path / "more.csv")
    after = found(tmp_path / "more.csv", limit=limit)
    assert after == {"D001": ["r0", "r1"], "D002": ["r2", "r3"], "D003": ["r4", "r5"]}


def test_the_parent_is_the_row_of_that_name_else_the_first_of_the_family() -> None:
    table = {"k": ["a+1", "a", "b+1", "b+2", "c"], "x": [1.0, 2.0, 3.0, 4.0, 5.0], "y": list("uvuvu")}
    named = {**table, "aug_of": ["a", "a", "b", "b", ""]}
    assert parents_in(open_data(named, label="y", id="k").train).tolist() == [1, -1, -1, 2, -1]
    nameless = {**named, "k": [1, 1, 1, 2, 2]}
    assert parents_in(open_data(nameless, label="y").train).tolist() == [-1, 0, -1, 2, -1]
    assert parents_in(open_data(table, label="y", id="k").train).tolist() == [-1] * 5


@pytest.mark.parametrize("limit", [None, LEAST], ids=["in memory", "out of core"])
def test_children_are_dropped_and_relabelled_with_their_parents(
    tmp_path: Path, limit: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_samples(monkeypatch)
    rows = originals()[6:]
    file, out = tmp_path / "d.csv", tmp_path / "e.csv"
    with_children(rows).write_csv(file)
    run = dechaff.audit(file, label="label", id="k", only=["D004"], test_size=0.2, memory=limit, threads=1)
    assert run.metrics.checks[0].findings == 0, "parents and children are on one side"
    names = dict(run.run.scores.select("row", "given").iter_rows())
    one, two = [name for name in rows["k"] if name in names][:2]
    new = "b" if names[two] == "a" else "a"
    said = {"row": [one, f"{one}+1", two], "action": ["drop", "keep", "relabel"], "label": ["", "", new]}
    pl.DataFrame(said).write_csv(tmp_path / "said.csv")
    dechaff.apply(run.folder, out, decisions=tmp_path / "said.csv")
    after = dict(pl.read_csv(out).select("k", "label").iter_rows())
    assert set(names) - set(after) == {one, f"{one}+2"}, "a decision about the child itself goes before"
    assert {after[two], after[f"{two}+1"], after[f"{two}+2"]} == {new}
    changes = pl.read_csv(tmp_path / "e.changes.csv").filter(row=f"{one}+2")
    assert changes["why"].to_list() == [f"made from row {one}, which is dropped"]
    counts = dechaff.open_run(run.folder).metrics.decisions
    assert counts is not None
    assert (counts.drop, counts.relabel) == (2, 3)
