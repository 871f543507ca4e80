from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.data.open import open_data
from dechaff.errors import DataError, InputError, RunError
from dechaff.recipe import audit_out_of_core
from dechaff.recipe.baseline import fold_models as models
from dechaff.recipe.passes import memory
from tests.recipe.passes.reviews import LEAST, folder, out_of_core, rows, write_csv


def test_a_stopped_run_goes_on_after_the_last_pass_and_ends_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out_of_core()
    source, run = folder() / "reviews.csv", tmp_path / "run"
    with monkeypatch.context() as patched:
        patched.setattr(audit_out_of_core, "predict", _stop)
        with pytest.raises(KeyboardInterrupt):
            dechaff.audit(source, label="label", memory=LEAST, out=run, threads=1)
    assert not (run / "options.json").exists()
    with pytest.raises(RunError, match=r"the audit was stopped before it was complete.\nRun the command again"):
        dechaff.open_run(run)
    told: list[str] = []
    again = dechaff.audit(
        source, label="label", memory=LEAST, out=run, threads=1, progress=lambda step, *_: told.append(step)
    )
    assert "audit of the sample: finished before, not done again" in told
    for name in ("findings.parquet", "scores.parquet", "decisions.sqlite", "metrics.json", "examples.json"):
        assert (run / name).read_bytes() == (out_of_core().folder / name).read_bytes(), name
    assert again.scores.equals(out_of_core().scores)


def _stop(*given: object, **named: object) -> None:
    raise KeyboardInterrupt


def test_a_file_that_changed_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, told = rows()[0], list[str]()
    source, run = tmp_path / "a.csv", tmp_path / "run"
    monkeypatch.setattr(audit_out_of_core, "fit", _stop)
    for some in (made, made[:-1]):
        write_csv(source, some)
        with pytest.raises(KeyboardInterrupt):
            dechaff.audit(
                source, label="label", memory=LEAST, out=run, threads=1, progress=lambda step, *_: told.append(step)
            )
    assert not any("finished before" in step for step in told)


@pytest.mark.slow
def test_a_stopped_run_goes_on_with_its_own_sample_where_less_memory_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dechaff.api.out_of_core.needed_in_memory", lambda files: 2**60)
    for place in range(2):
        write_csv(tmp_path / f"part-{place}.csv", rows()[0])
    source, told = str(tmp_path / "part-*.csv"), list[str]()
    monkeypatch.setattr(audit_out_of_core, "predict", _stop)
    for free in (8 * 2**30, 2 * 2**30):
        monkeypatch.setattr(memory, "free_memory", lambda free=free: free)
        monkeypatch.setattr(memory, "MOST_SAMPLED", free // 2**20)  # rows so long that memory decides
        with pytest.raises(KeyboardInterrupt):
            dechaff.audit(source, label="label", threads=1, progress=lambda step, *_: told.append(step))
    assert "comparing rows: finished before, not done again" in told


def test_test_rows_that_changed_are_compared_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, told = rows()[0], list[str]()
    source, test = write_csv(tmp_path / "a.csv", made), tmp_path / "test.csv"
    monkeypatch.setattr(audit_out_of_core, "predict", _stop)
    for some in (made[:5], made[5:12]):
        write_csv(test, some)
        with pytest.raises(KeyboardInterrupt):
            dechaff.audit(
                source, label="label", test=test, memory=LEAST, threads=1, progress=lambda step, *_: told.append(step)
            )
    assert not any("finished before" in step for step in told)


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": "lable"},
        {"test_size": 10**6},
        {"test_size": -1},
        {"test_size": 0.2, "split": "label"},
        {"memory": "much"},
        {"decisions": "nowhere.csv"},
    ],
)
def test_a_run_that_cannot_begin_leaves_nothing_behind(wrong: dict[str, object], tmp_path: Path) -> None:
    source, run = write_csv(tmp_path / "a.csv", rows()[0]), tmp_path / "run"
    with pytest.raises(InputError):
        dechaff.audit(source, **{"label": "label", "memory": LEAST, "out": run, **wrong})
    assert not run.exists()


def test_test_rows_are_named_in_one_way_and_their_columns_are_looked_at_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, test = write_csv(tmp_path / "a.csv", rows()[0]), write_csv(tmp_path / "test.csv", [{"text": "a"}])
    with pytest.raises(InputError, match="must be chosen in one way; found test and test_size"):
        dechaff.audit(source, label="label", memory=LEAST, test=test, test_size=0.2)
    monkeypatch.setattr(audit_out_of_core, "fit", _stop)
    with pytest.raises(DataError, match="be those of the training data; found no text column 'review' among text"):
        dechaff.audit(source, label="label", memory=LEAST, test=test)


def test_a_run_that_is_stopped_before_its_first_pass_is_finished_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, run, told = write_csv(tmp_path / "a.csv", rows()[0]), tmp_path / "run", list[str]()
    monkeypatch.setattr(audit_out_of_core, "scan", _stop)
    with pytest.raises(KeyboardInterrupt):
        dechaff.audit(source, label="label", memory=LEAST, out=run, progress=lambda step, *_: told.append(step))
    assert not run.exists()
    assert not any("stopped" in step for step in told)


def test_a_run_that_cannot_begin_leaves_an_older_one_as_it_was(tmp_path: Path) -> None:
    run = shutil.copytree(out_of_core().folder, tmp_path / "run")
    before = sorted(path.name for path in run.iterdir())
    with pytest.raises(InputError):
        dechaff.audit(folder() / "reviews.csv", label="lable", memory=LEAST, out=run)
    assert sorted(path.name for path in run.iterdir()) == before
    assert dechaff.open_run(run).findings.equals(out_of_core().findings)


@pytest.mark.slow
def test_a_decision_about_no_row_of_the_data_does_not_spoil_the_run(tmp_path: Path) -> None:
    source, run = write_csv(tmp_path / "a.csv", rows()[0]), tmp_path / "run"
    (tmp_path / "said.csv").write_text("row,action,label\n9999,drop,\n")
    with pytest.raises(InputError, match="row in line 2"):
        dechaff.audit(source, label="label", memory=LEAST, out=run, threads=1, decisions=tmp_path / "said.csv")
    assert (run / "report.html").is_file()


@pytest.mark.slow
def test_a_second_audit_into_the_same_folder_names_the_rows_of_the_second_file(tmp_path: Path) -> None:
    for name in ("old", "new"):
        named = [{"id": f"{name} {row}", **one} for row, one in enumerate(rows()[0])]
        source = write_csv(tmp_path / "a.csv", named)
        audit = dechaff.audit(source, label="label", id="id", memory=LEAST, out=tmp_path / "run", threads=1)
    assert audit.scores["row"].to_list() == [f"new {row}" for row in range(len(named))]
    assert audit.findings.filter(pl.col("row").str.starts_with("old")).is_empty()


def test_no_row_is_judged_by_a_model_that_learnt_from_it_or_from_its_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[int, set[int]] = {}
    fold_of: dict[int, int] = {}
    original = models.fold_models

    def watched(sample, of_rows, model, encoded, among, how):  # type: ignore[no-untyped-def]
        for fold in range(5):
            seen[fold] = set(sample.positions[(of_rows != fold) & among & (sample.codes >= 0)].tolist())
        fold_of.update(zip(sample.positions.tolist(), of_rows.tolist(), strict=True))
        return original(sample, of_rows, model, encoded, among, how)

    monkeypatch.setattr(models, "fold_models", watched)
    dechaff.audit(folder() / "reviews.csv", label="label", memory=LEAST, out=tmp_path / "run", threads=1)
    texts = [row["review"].removesuffix(" once more") for row in rows()[0]]
    for row, text in enumerate(texts):
        learnt = {texts[other] for other in seen[fold_of[row]]}
        assert row not in seen[fold_of[row]]
        assert text not in learnt


def test_sealed_rows_are_compared_and_nothing_else(tmp_path: Path) -> None:
    made = rows()[0]
    test = [*made[:5], {"review": "a text that stands here alone and nowhere else", "label": "neither of them"}]
    source, sealed = write_csv(tmp_path / "a.csv", made), write_csv(tmp_path / "test.csv", test)
    audit = dechaff.audit(source, label="label", test=sealed, memory=LEAST, out=tmp_path / "run", threads=1)
    leaks = audit.findings.filter(pl.col("code") == "D004")
    assert {int(row) for row in leaks["row"]} >= set(range(5))
    assert audit.metrics.dataset.test_rows == 6
    assert audit.metrics.dataset.classes == ("bad", "good")


def test_a_split_column_seals_rows_and_apply_leaves_them_as_they_are(tmp_path: Path) -> None:
    made = [{**row, "split": "test" if place % 9 == 0 else "train"} for place, row in enumerate(rows()[0])]
    source = write_csv(tmp_path / "a.csv", made)
    audit = dechaff.audit(source, label="label", split="split", memory=LEAST, out=tmp_path / "run", threads=1)
    assert audit.scores.height == sum(row["split"] == "train" for row in made)
    assert not {int(row) for row in audit.scores["row"]} & set(range(0, len(made), 9))
    audit.apply(tmp_path / "new.csv")
    kept = pl.read_csv(tmp_path / "new.csv").filter(pl.col("split") == "test")
    assert kept.rows() == pl.read_csv(source).filter(pl.col("split") == "test").rows()


@pytest.mark.parametrize("size", [0.2, 150])
def test_the_rows_that_are_held_out_are_those_of_an_audit_in_memory(size: float, tmp_path: Path) -> None:
    source = write_csv(tmp_path / "a.csv", rows()[0])
    audit = dechaff.audit(source, label="label", test_size=size, memory=LEAST, out=tmp_path / "run", threads=1)
    in_memory = open_data(source, label="label", test_size=size)
    codes = in_memory.train.codes
    assert audit.scores["row"].to_list() == in_memory.train.ids.tolist()
    assert audit.metrics.dataset.test_rows == len(in_memory.test) > 120
    assert audit.metrics.dataset.class_counts == tuple(np.bincount(codes[codes >= 0]).tolist())
    leaks = audit.findings.filter(pl.col("code") == "D004")
    assert leaks["score"].max() < 1  # equal rows are held out together, near ones are not


def test_nothing_is_left_in_the_folder_of_the_data() -> None:
    out_of_core()
    assert sorted(os.listdir(folder())) == ["memory", "passes", "reviews.csv"]


def test_a_named_id_column_that_repeats_somewhere_is_refused_in_the_first_pass(tmp_path: Path) -> None:
    made = [{"name": f"n{place % 890}", **row} for place, row in enumerate(rows()[0])]
    source, steps = write_csv(tmp_path / "a.csv", made), set[str]()
    with pytest.raises(DataError, match=r"'name'.*'n0' in row 0 and in row 890"):
        dechaff.audit(
            source, label="label", id="name", memory=LEAST, out=tmp_path / "run", threads=1,
            progress=lambda step, done, total: steps.add(step),
        )  # fmt: skip
    assert not any(step.startswith(("audit of", "looking")) for step in steps), steps


def test_a_column_that_only_looks_like_an_id_and_repeats_somewhere_is_none(tmp_path: Path) -> None:
    made = [{"id": f"n{place % 890}", **row} for place, row in enumerate(rows()[0])]
    source = write_csv(tmp_path / "a.csv", made)
    audit = dechaff.audit(source, label="label", memory=LEAST, out=tmp_path / "run", threads=1)
    assert audit.scores["row"].to_list() == list(map(str, range(len(made))))


def test_names_of_rows_stand_everywhere(tmp_path: Path) -> None:
    made = [{"id": f"n{place}", **row} for place, row in enumerate(rows()[0])]
    source = write_csv(tmp_path / "a.csv", made)
    audit = dechaff.audit(source, label="label", memory=LEAST, out=tmp_path / "run", threads=1)
    assert audit.scores["row"].to_list() == [row["id"] for row in made]
    assert set(audit.findings["row"]) - {""} <= set(audit.scores["row"])
    audit.apply(tmp_path / "new.csv")
    assert set(audit.changes["row"]) <= {row["id"] for row in made}
