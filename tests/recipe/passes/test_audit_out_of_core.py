from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.api import out_of_core as api_out_of_core
from dechaff.api.auditing import apply
from dechaff.data.open import open_data
from dechaff.data.write import write_csv_table
from dechaff.errors import DataError, InputError, RunError, SourceChangedError
from dechaff.recipe.outcome.apply import changes_of, improved_rows
from dechaff.records import run as records_run
from dechaff.records.decided_rows import decided_pieces
from dechaff.records.run import Run
from dechaff.surfaces.cli.main import main
from tests.recipe.passes.reviews import LEAST, TOLD, N, folder, in_memory, out_of_core, rows, write_csv

EXACT = ("D001", "D002", "D003", "L003", "L004", "C002", "C003", "F001", "F003")


def findings(audit: dechaff.Audit, codes: tuple[str, ...]) -> pl.DataFrame:
    return audit.findings.filter(pl.col("code").is_in(codes))


def f1_of(audit: dechaff.Audit) -> float:
    flagged = {int(row) for row in audit.findings.filter(pl.col("code") == "L001")["row"]}
    wrong = rows()[1]
    return 2 * len(flagged & wrong) / (len(flagged) + len(wrong))


def test_a_run_out_of_core_is_a_run_like_any_other() -> None:
    audit = out_of_core()
    names = {path.name for path in audit.folder.iterdir()}
    assert {"options.json", "findings.parquet", "scores.parquet", "metrics.json", "report.html"} <= names
    assert {"examples.json", "decisions.sqlite", "probs"} <= names
    assert "passes" not in names
    assert audit.scores.height == audit.metrics.dataset.rows == N


def test_every_pass_tells_how_far_it_is(tmp_path: Path) -> None:
    audit, told = out_of_core(), list(TOLD)
    apply(audit.folder, tmp_path / "new.csv", progress=lambda *one: told.append(one))
    last = {step: (done, total) for step, done, total in told if total}
    long = {"opening", "hashing", "reading", "looking at every row", "near copies of texts", "judging every row"}
    long |= {
        "equal rows",
        "copies",
        "training",
        "label errors",
        "label errors, one by one",
        "decisions",
        "writing the improved data",
    }
    assert long <= set(last)
    assert all(last[step][0] == last[step][1] for step in long)
    assert all(0 <= done <= total for _, done, total in told)


def test_no_row_is_shown_as_the_one_most_like_itself() -> None:
    shown = [one for some in out_of_core().run.examples.values() for one in some if one.neighbours]
    assert shown
    assert all(one.row not in [other.row for other in one.neighbours] for one in shown)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["html", "md", "json"])
@pytest.mark.parametrize("verb", ["audit", "pu"])
def test_the_sample_is_said_in_every_form_of_the_report(verb: str, form: str, tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    if verb == "audit":
        run = out_of_core()
    else:
        made = [{**row, "label": row["label"] if row["label"] == "good" else ""} for row in rows()[0]]
        run = dechaff.pu(write_csv(path, made), label="label", memory=LEAST, out=tmp_path / "run", threads=1)
    assumed = {one.what: one.value for one in run.metrics.assumptions}
    assert assumed["sample"] == "900 of 900 rows"
    assert main(["report", str(run.folder), "--format", form, "-o", str(tmp_path / "report")]) == 0
    assert "a sample of 900 of 900 rows" in (tmp_path / "report").read_text()


def test_a_sample_that_is_small_because_rows_are_long_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not any("rows only" in limit for limit in out_of_core().metrics.limits)
    monkeypatch.setattr(api_out_of_core, "sample_rows", lambda memory, of_row: 500)
    audit = dechaff.audit(folder() / "reviews.csv", label="label", memory=LEAST, out=tmp_path / "run", threads=1)
    assert any("because the rows are long" in limit for limit in audit.metrics.limits)


@pytest.mark.parametrize("code", EXACT)
def test_what_does_not_rest_on_a_model_is_the_same_as_in_memory(code: str) -> None:
    one, other = findings(in_memory(), (code,)), findings(out_of_core(), (code,))
    assert other.equals(one)


def test_scores_that_rest_on_no_model_and_keys_are_the_same_as_in_memory() -> None:
    exact = ["row", "key", "given", *(name for name in out_of_core().scores.columns if name[:4] in EXACT)]
    assert out_of_core().scores.select(exact).equals(in_memory().scores.select(exact))


def test_label_errors_are_found_about_as_well_as_in_memory() -> None:
    assert f1_of(out_of_core()) > f1_of(in_memory()) - 0.05
    assert f1_of(out_of_core()) > 0.85


def test_the_improved_file_has_the_bytes_that_memory_gives_for_the_same_decisions(tmp_path: Path) -> None:
    run = out_of_core().run
    dechaff.apply(run.folder, tmp_path / "new.csv")
    data = open_data(folder() / "reviews.csv", label="label").train
    changes = list(changes_of(run, lambda name: iter(())))
    applied = improved_rows(run, changes, data.positions, len(data))
    assert (tmp_path / "new.csv").read_bytes() == data.source.improved(applied.keep, applied.labels)
    (all_rows,) = changes
    assert len(all_rows.lines) > 20
    write_csv_table(tmp_path / "memory.changes.csv", all_rows.columns(), "the list of changes")
    assert (tmp_path / "new.changes.csv").read_bytes() == (tmp_path / "memory.changes.csv").read_bytes()


def test_apply_never_has_all_rows_or_decisions_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = shutil.copytree(out_of_core().folder, tmp_path / "run")
    source = folder() / "reviews.csv"
    row = out_of_core().findings["row"][0]
    (tmp_path / "edited.csv").write_text(f"row,action,label\n{row},drop,\n", encoding="utf-8")
    at_once = apply(run, tmp_path / "at_once.csv", decisions=tmp_path / "edited.csv", source=source)

    def refused(*_: object) -> None:
        raise AssertionError("all of them")

    for whole in ("decided", "events", "scores"):
        monkeypatch.setattr(Run, whole, property(refused) if whole == "scores" else refused)
    monkeypatch.setattr(records_run, "decided_pieces", partial(decided_pieces, piece_rows=100))
    shutil.copytree(out_of_core().folder, run, dirs_exist_ok=True)
    in_pieces = apply(run, tmp_path / "in_pieces.csv", decisions=tmp_path / "edited.csv", source=source)
    assert in_pieces.read_bytes() == at_once.read_bytes()
    lists = [tmp_path / f"{name}.changes.csv" for name in ("at_once", "in_pieces")]
    assert lists[0].read_bytes() == lists[1].read_bytes()


def test_apply_names_a_table_of_scores_that_lacks_rows(tmp_path: Path) -> None:
    run = shutil.copytree(out_of_core().folder, tmp_path / "run")
    pl.read_parquet(run / "scores.parquet").head(700).write_parquet(run / "scores.parquet")
    with pytest.raises(RunError, match=r"scores\.parquet has 700 lines for"):
        apply(run, tmp_path / "new.csv", source=folder() / "reviews.csv")
    assert not (tmp_path / "new.csv").exists()
    assert not list(tmp_path.glob(".*"))


def test_apply_refuses_a_place_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Cannot write .*: there is no folder"):
        out_of_core().apply(tmp_path / "nowhere" / "new.csv")


def test_apply_refuses_a_file_that_has_changed(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "reviews.csv", rows()[0][:-1])
    with pytest.raises(SourceChangedError):
        dechaff.apply(out_of_core().folder, tmp_path / "new.csv", source=path)
    assert not (tmp_path / "new.csv").exists()


def test_arrays_cannot_be_handed_in_where_data_are_read_out_of_core(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="left out if the data are processed out of core"):
        dechaff.audit(
            folder() / "reviews.csv", label="label", probs=[[0.5, 0.5]] * N, memory=LEAST, out=tmp_path / "run"
        )


def test_files_of_other_columns_are_refused_by_name(tmp_path: Path) -> None:
    made = rows()[0]
    write_csv(tmp_path / "a.csv", made[:100])
    write_csv(tmp_path / "b.csv", [{"text": row["review"], "label": row["label"]} for row in made[100:200]])
    with pytest.raises(DataError, match=r"b\.csv must have the columns of a\.csv"):
        dechaff.audit(tmp_path, label="label", out=tmp_path / "run")


@pytest.mark.slow
def test_permuted_rows_give_the_same_sample_and_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_out_of_core, "sample_rows", lambda *sizes: 300)
    named = [{"id": f"r{number:03d}", **row} for number, row in enumerate(rows()[0])]
    order = np.random.default_rng(0).permutation(N)
    copies = np.flatnonzero((order >= N - 40) | ((order >= N - 540) & (order < N - 500)))
    order[copies] = np.sort(order[copies])  # of equal rows, the first is kept
    audits = []
    for name, some in {"given": named, "permuted": [named[row] for row in order.tolist()]}.items():
        path = write_csv(tmp_path / f"{name}.csv", some)
        audits.append(dechaff.audit(path, label="label", id="id", memory=LEAST, threads=1))
    given, permuted = audits
    assert given.metrics.sample.rows == permuted.metrics.sample.rows < N / 2
    what = ["code", "row", "field", "given", "suggested"]
    assert sorted(given.findings[what].rows()) == sorted(permuted.findings[what].rows())
    # The model multiplies the rows of a part together, so the last digits of float32 depend on their order.
    scores = [audit.scores.sort("row")["L001"].to_numpy() for audit in audits]
    np.testing.assert_allclose(scores[0], scores[1], atol=1e-5)
