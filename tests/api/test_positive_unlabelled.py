from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression

import dechaff
from dechaff.errors import InputError, LabelsError

MODEL = LogisticRegression()


def _rows(n: int = 400) -> dict[str, Any]:
    """Two clouds far apart; half of the positives are labelled."""
    random = np.random.default_rng(3)
    y = random.random(n) < 0.5
    x = (random.normal(size=n) + 6 * y).round(4)
    labelled = y & (random.random(n) < 0.5)
    return {"x": x.tolist(), "z": random.normal(size=n).round(4).tolist(), "s": np.where(labelled, "yes", "").tolist()}


def _frame(*, other: Any = None) -> pd.DataFrame:
    rows = _rows()
    frame = pd.DataFrame({**rows, "s": ["yes" if one else other for one in rows["s"]]})
    frame.index = pd.Index([f"r{row}" for row in range(len(frame))], name="who")
    return frame


def _file(folder: Path) -> Path:
    path = folder / "data.csv"
    pl.DataFrame(_rows()).write_csv(path, quote_style="never")
    return path


@pytest.fixture(scope="module")
def of_file(tmp_path_factory: pytest.TempPathFactory) -> dechaff.Audit:
    """The run of a file, beside which it stands."""
    return dechaff.pu(_file(tmp_path_factory.mktemp("file")), label="s", model=MODEL, policy="balanced")


def test_a_file_comes_back_with_its_labels_completed_and_all_else_as_it_was(
    of_file: dechaff.Audit, tmp_path: Path
) -> None:
    path, found = of_file.folder.with_name("data.csv"), of_file
    assert path.read_bytes() == _file(tmp_path).read_bytes()
    assert found.folder == path.with_name("data.dechaff")
    written = dechaff.apply(found.folder, tmp_path / "improved.csv")
    old, new = pl.read_csv(path), pl.read_csv(written)
    changed = (old["s"].fill_null("") != new["s"].fill_null("")).to_numpy()
    assert changed.sum() > 50
    assert set(new["s"].filter(changed)) == {"yes"}
    assert (new["x"].to_numpy()[changed] > 2.5).all()
    assert old.drop("s").equals(new.drop("s"))
    lines = pl.read_csv(tmp_path / "improved.changes.csv")
    assert (set(lines["change"]), set(lines["code"])) == ({"relabelled"}, {"P001"})


def test_the_run_can_be_opened_again_and_says_how_it_was_made(of_file: dechaff.Audit) -> None:
    again = dechaff.open_run(of_file.folder)
    assert again.metrics.positives == of_file.metrics.positives
    assert (again.run.options["positive"], again.run.options["scheme"]) == ("yes", "single-training-set")
    assert again.metrics.command.startswith(
        f"dechaff pu {of_file.folder.with_name('data.csv')} --label s --positive yes --scheme"
    )
    assert "Labels to review first" in again._repr_html_()


@pytest.mark.slow
@pytest.mark.parametrize("other", [None, "no"])
def test_a_frame_comes_back_as_a_frame_with_its_index(other: str | None, tmp_path: Path) -> None:
    frame = _frame(other=other)
    found = dechaff.pu(frame, label="s", positive="yes", model=MODEL, policy="balanced", out=tmp_path / "run")
    improved = found.apply()
    assert isinstance(found.findings, pd.DataFrame)
    assert found.scores.index.equals(frame.index)
    assert improved.index.equals(frame.index)
    assert set(found.findings["row"]) <= set(frame.index)
    assert (improved["s"] == "yes").sum() > (frame["s"] == "yes").sum()
    left = improved["s"][improved["s"] != "yes"]
    assert left.isna().all() if other is None else (left == "no").all()


@pytest.mark.slow
def test_labels_may_stand_beside_the_data(tmp_path: Path) -> None:
    rows = _rows()
    features = np.column_stack([rows["x"], rows["z"]])
    marks = np.where(np.array(rows["s"]) == "yes", 1, -1)
    found = dechaff.pu((features, marks), model=MODEL, policy="balanced", out=tmp_path / "run")
    _, completed = found.apply()
    assert set(completed.tolist()) == {1, -1}
    assert (completed == 1).sum() > (marks == 1).sum()


@pytest.mark.slow
def test_of_two_samples_the_unlabelled_one_has_the_share_of_the_population(tmp_path: Path) -> None:
    facts = dechaff.pu(_rows(), label="s", model=MODEL, scheme="case-control", out=tmp_path / "run").metrics.positives
    assert facts.class_prior == pytest.approx(facts.hidden / facts.unlabelled)


@pytest.mark.slow
def test_sealed_rows_are_neither_judged_nor_changed(tmp_path: Path) -> None:
    rows = _rows()
    rows["part"] = ["test" if row % 4 == 0 else "train" for row in range(len(rows["s"]))]
    found = dechaff.pu(rows, label="s", split="part", model=MODEL, policy="bold", out=tmp_path / "run")
    assert len(found.scores) == 300
    improved = found.apply()
    assert improved["s"][::4] == rows["s"][::4]
    assert improved["s"] != rows["s"]


@pytest.mark.slow
def test_every_file_but_the_options_is_the_same_for_any_number_of_threads(tmp_path: Path) -> None:
    rows = {name: values[:160] for name, values in _rows().items()}
    folders = [dechaff.pu(rows, label="s", threads=n, out=tmp_path / str(n)).folder for n in (1, 3)]
    names = sorted(path.name for path in folders[0].iterdir() if path.name != "options.json")
    assert {"findings.parquet", "scores.parquet", "metrics.json", "report.html", "decisions.sqlite"} <= set(names)
    assert [one for one in names if (folders[0] / one).read_bytes() != (folders[1] / one).read_bytes()] == []


@pytest.mark.slow
def test_what_people_decide_is_applied(tmp_path: Path) -> None:
    frame = _frame()
    first = frame.index[frame["s"].isna()][0]
    (tmp_path / "said.csv").write_text(f"row,action,label\n{first},relabel,yes\n")
    options: dict[str, Any] = {"policy": "review", "decisions": tmp_path / "said.csv", "out": tmp_path / "run"}
    found = dechaff.pu(frame, label="s", model=MODEL, **options)
    assert found.changes["row"].tolist() == [first]
    assert found.apply()["s"][first] == "yes"


@pytest.mark.slow
def test_a_model_with_class_weights_is_noticed_and_changes_nothing(tmp_path: Path) -> None:
    model = LogisticRegression(class_weight="balanced")
    found = dechaff.pu(_rows(), label="s", model=model, policy="bold", out=tmp_path / "run")
    wrong = {one.name for one in found.metrics.positives.diagnoses if one.undermines}
    assert "model uncalibrated" in wrong
    assert len(found.changes) == 0


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"scheme": "other"}, InputError, 'scheme must be "single-training-set" or "case-control"'),
        ({"positive": "ja"}, LabelsError, "contain the positive label 'ja'"),
        ({"policy": "rash"}, InputError, "policy must be one of"),
        ({"seed": -1}, InputError, "seed must be a whole number"),
    ],
)
def test_what_cannot_be_used_is_refused_before_any_folder_is_written(
    options: dict[str, Any], error: type[Exception], words: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=words):
        dechaff.pu(_rows(), label="s", out=tmp_path / "run", **options)
    assert not (tmp_path / "run").exists()


def _answers(names: tuple[Any, Any], positive: str | None, folder: Path) -> dict[str, Any]:
    rows = _rows(300)
    frame = pd.DataFrame({**rows, "s": [names[one != "yes"] for one in rows["s"]]})
    found = dechaff.pu(frame, label="s", positive=positive, out=folder)
    return msgspec.structs.asdict(msgspec.structs.replace(found.metrics.positives, positive="", other=""))


@pytest.fixture(scope="module")
def usual_answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return _answers(("yes", None), None, tmp_path_factory.mktemp("usual") / "run")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("yes", "no", "positive"), [("ja", None, None), (True, False, None), (1, 0, None), ("a", "b", "a"), ("b", "a", "b")]
)
def test_answers_do_not_depend_on_what_the_two_kinds_are_called(
    yes, no, positive, usual_answers: dict[str, Any], tmp_path: Path
) -> None:
    assert _answers((yes, no), positive, tmp_path / "run") == usual_answers
