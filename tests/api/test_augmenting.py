"""``dechaff augment``: new rows are written if they help, and stay with their parents."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.naive_bayes import GaussianNB

import dechaff
from dechaff.api import augmenting
from dechaff.api.augmenting import augment
from dechaff.data.columns.roles import ColumnRoles
from dechaff.data.dataset import Dataset
from dechaff.data.formats.files import open_files
from dechaff.data.open import open_data
from dechaff.errors import DataError, InputError, LabelsError
from dechaff.estimators.augmentation import study
from dechaff.methods.augmentation.operation import RowChange
from dechaff.methods.augmentation.usual_operations import OF_TABLES
from dechaff.methods.proof.paired_interval import Interval
from dechaff.models.estimator import as_model
from dechaff.recipe.augment import augmented_table
from dechaff.recipe.augment.augmented_table import AugmentedData, augmented_data
from dechaff.recipe.augment.kept_augmentation import augmentation_facts
from dechaff.recipe.outcome.row_store import RowStore
from dechaff.recipe.passes.request import ReadRequest
from dechaff.recipe.passes.scan import scan
from dechaff.recipe.prove.parts import ContentSample
from dechaff.records.augment_options import AugmentOptions
from dechaff.surfaces.cli.main import FINE, main

MODEL = "sklearn.discriminant_analysis:LinearDiscriminantAnalysis"


def written(folder: Path, n: int = 60) -> Path:
    """A table with nearly as many columns as rows, on which the model overfits."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    X = rng.normal(size=(n, 40)) + 0.5 * y[:, None]
    columns = {f"x{at}": values.round(2) for at, values in enumerate(X.T)}
    table = {"key": [f"r{one}" for one in range(n)], **columns, "size": rng.integers(1, 9, n)}
    pl.DataFrame({**table, "label": np.where(y, "a", "b")}).write_csv(folder / "d.csv")
    return folder / "d.csv"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the table and its augmented form."""
    folder = tmp_path_factory.mktemp("augment")
    found = augment(written(folder), label="label", id="key", model=MODEL, copies=2, repeats=2)
    assert found.output is not None, found.study.words
    assert "refused" in found.table().columns
    return folder


@pytest.mark.slow
def test_new_rows_have_their_parent_its_label_and_the_form_of_its_cells(place: Path) -> None:
    before, after = pl.read_csv(place / "d.csv"), pl.read_csv(place / "d_augmented.csv")
    n = len(before)
    assert len(after) == 3 * n
    assert after.columns == [*before.columns, "aug_of"]
    assert after["key"].n_unique() == 3 * n
    old, new = after[:n], after[n:]
    assert old["aug_of"].to_list() == old["key"].to_list()
    assert old.drop("aug_of").equals(before)
    labels = dict(before.select("key", "label").iter_rows())
    assert [labels[one] for one in new["aug_of"]] == new["label"].to_list()
    assert new["key"][0] == f"{new['aug_of'][0]}+1"
    assert before["size"].dtype == new["size"].dtype
    assert (new["x0"].round(2) == new["x0"]).all()


@pytest.mark.slow
def test_parent_and_child_are_one_group_wherever_the_file_is_read(place: Path) -> None:
    opened = open_data(place / "d_augmented.csv", label="label", test_size=0.3)
    assert opened.test is not None
    assert "aug_of" not in opened.train.table.names
    assert any(one.value == "aug_of" for one in opened.train.assumptions)
    parents = pl.read_csv(place / "d_augmented.csv")["aug_of"].to_numpy()
    assert not set(parents[opened.train.positions]) & set(parents[opened.test.positions])
    assert len(set(opened.train.groups.tolist())) == len(set(parents[opened.train.positions]))
    assert open_data(place / "d_augmented.csv", label="label", drop=["aug_of"]).train.groups.max() == -1


def test_the_command_says_when_nothing_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    pl.DataFrame({"x": rng.normal(size=40).round(3), "label": ["a", "b"] * 20}).write_csv("n.csv")
    words = ["augment", "n.csv", "--label", "label", "--quiet", "--copies", "1", "--repeats", "1", "--model"]
    assert main([*words, "sklearn.naive_bayes:GaussianNB", "--json"]) == FINE
    said = json.loads(capsys.readouterr().out)
    assert "No augmentation" in said["result"]
    assert "mixup 0.3" in {one["operation"] for one in said["tried"]}
    assert said["output"] is None
    assert not Path("n_augmented.csv").exists()


def test_data_that_cannot_be_augmented_are_errors(tmp_path: Path) -> None:
    table = {"x": np.arange(30.0), "c": ["u", "v", "w"] * 10, "label": ["a", "b"] * 15}
    file = tmp_path / "t.csv"
    pl.DataFrame(table).write_csv(file)
    with pytest.raises(InputError, match="repeats"):
        augment(file, label="label", repeats=0)
    with pytest.raises(InputError, match="max_flip_rate must be a fraction from 0 to 1; found 7"):
        augment(file, label="label", max_flip_rate=7)
    with pytest.raises(LabelsError, match="at least 20 labelled"):
        augment(_file(tmp_path, {name: cells[:10] for name, cells in table.items()}), label="label")
    no_numbers = augment(_file(tmp_path, {name: table[name] for name in ("c", "label")}), label="label")
    assert no_numbers.study.words == "No augmentation: there is no column of numbers or text."
    given = replace(open_data(file, label="label").train, features=np.zeros((30, 2)))
    with pytest.raises(DataError, match="before they are turned into features"):
        augmented_data(given, None, AugmentOptions())  # type: ignore[arg-type]


def test_out_of_core_parent_and_child_are_on_one_side(tmp_path: Path) -> None:
    parents = [f"r{one}" for one in range(60)]
    key = [*parents, *(f"{one}+1" for one in parents)]
    x = np.random.default_rng(0).normal(size=120)
    table = {"key": key, "x": x, "label": ["a", "b"] * 60, "aug_of": [*parents, *parents]}
    files = open_files(_file(tmp_path, table))
    roles = ColumnRoles(label="label", id="key")
    scanned = scan(ReadRequest(source=files, roles=roles, test_size=0.3), RowStore(None, 120))
    test = scanned.held_out.mask(0, 120)
    assert 20 < test.sum() < 60
    assert (test[:60] == test[60:]).all()
    sampled = ContentSample.of(files, label="label", id="key", most=60).rows(files.parts[0].read())
    assert 20 < len(sampled) < 100
    assert set(sampled[sampled < 60] + 60) == set(sampled[sampled >= 60])


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_new_rows_of_a_run_are_a_finding_written_with_the_rest_and_taken_back(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pl.DataFrame({"x": [one / 10 for one in range(40)], "label": ["a", "b"] * 20, "k": [*range(40)]})
    file, out = tmp_path / f"d.{form}", tmp_path / f"e.{form}"
    table = table.cast({"k": pl.String}) if form == "parquet" else table
    _write(table, file)
    run = dechaff.audit(file, label="label", id="k", model=GaussianNB())
    read = {"csv": pl.read_csv, "jsonl": pl.read_ndjson, "parquet": pl.read_parquet}[form]
    plain: pl.DataFrame = read(run.apply(out))
    monkeypatch.setattr(augmenting, "augmented_data", _made)
    with pytest.raises(InputError, match="Pass the model again"):
        augment(file, run=run.folder)
    found = augment(file, label="label", run=run.folder, model=GaussianNB())
    assert found.run == run.folder
    (finding,) = [one for one in dechaff.open_run(run.folder).findings.to_dicts() if one["code"] == "A001"]
    assert finding["field"] == "noise 2"
    assert run.run.events()[-1].action == "add"
    added: pl.DataFrame = read(dechaff.apply(run.folder, out)).cast({"aug_of": pl.String})
    n = len(plain)
    assert added[:n].drop("aug_of").equals(plain.cast({"k": added["k"].dtype}))
    assert added["aug_of"][:n].to_list() == added["k"][:n].cast(pl.String).to_list()
    new = added[n:]
    parents = {str(one["k"]): one for one in plain.to_dicts()}
    assert new["aug_of"].to_list() == ["3", "3", "8"]
    assert new["k"].to_list() == ["3+1", "3+2", "8+1"]
    assert new["x"].to_list() == [0.5, 0.6, 0.7]
    assert [parents[one]["label"] for one in new["aug_of"]] == new["label"].to_list()
    changes = pl.read_csv(out.with_name("e.changes.csv"))
    assert changes.filter(change="added")["row"].to_list() == ["3+1", "3+2", "8+1"]
    again = dechaff.open_run(run.folder)
    again.decide(["A001-000001"], "keep")
    assert read(again.apply(out)).equals(plain)
    again.undo()
    assert read(again.apply(out)).cast({"aug_of": pl.String}).equals(added)
    opened = open_data(out, label="label")
    assert len(set(opened.train.groups.tolist())) == n
    (tmp_path / "said.csv").write_text("row,action,label\n3,drop,\n8,relabel,b\n")
    again.import_decisions(tmp_path / "said.csv")
    left: pl.DataFrame = read(again.apply(out))[n - 1 :]
    assert left.select("k", "label").rows() == [("8+1", "b")], "children are dropped and relabelled with their parents"


def test_each_operation_has_examples_whether_or_not_it_helps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(rows: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
        raise ValueError("no")

    tried = (OF_TABLES[0], RowChange("failing", "table", failing))
    monkeypatch.setattr(augmented_table, "operations_for", lambda *given: tried)
    x = np.random.default_rng(0).normal(size=24).round(2)
    data = open_data(_file(tmp_path, {"x": x, "label": ["a", "b"] * 12}), label="label").train
    found = augmented_data(data, as_model(GaussianNB()), AugmentOptions(copies=1, repeats=1))
    facts = augmentation_facts(found, "naive Bayes")
    shown = [one for one in facts.tried if one.examples]
    assert [one.operation for one in shown] == [facts.tried[0].operation]
    assert "failing" in {one.operation for one in facts.tried}
    assert len(shown[0].examples) == 6
    (name, before, after) = shown[0].examples[0].cells[0]
    assert (name, float(before)) == ("x", x[int(shown[0].examples[0].row)])
    assert after != before


def _made(train: Dataset, model: object, options: AugmentOptions) -> AugmentedData:
    """Three new rows, whatever would be found."""
    interval = Interval(0.1, 0.05, 0.15)
    candidate = study.Candidate(RowChange("noise", "table", lambda rows, strength, rng: rows, (1.0, 2.0)), 2.0)
    tested = study.Tested(candidate, interval, interval, interval, interval, interval, interval, 0.5, 0.6)
    place = {name: at for at, name in enumerate(train.ids.tolist())}
    parents = np.array([place["3"], place["3"], place["8"]])
    frame = pl.DataFrame({"x": [0.5, 0.6, 0.7]})
    searched = study.AugmentationStudy(
        (study.Tried(candidate, study.FlipRate(1, 20, 0.0, 0.2), interval, interval, 2),), tested, 1
    )
    return AugmentedData(searched, frame, parents, train)


def _write(table: pl.DataFrame, file: Path) -> None:
    {".csv": table.write_csv, ".jsonl": table.write_ndjson, ".parquet": table.write_parquet}[file.suffix](file)


def test_a_run_that_cannot_take_new_rows_is_an_error(tmp_path: Path) -> None:
    table = pl.DataFrame({"k": np.arange(40), "x": np.arange(40.0), "label": ["a", "b"] * 20})
    table.write_parquet(tmp_path / "d.parquet")
    run = dechaff.audit(tmp_path / "d.parquet", label="label", id="k", model=GaussianNB(), only=["D001"]).folder
    with pytest.raises(DataError, match="the id column 'k' must be text"):
        augment(tmp_path / "d.parquet", run=run)
    table.write_ipc(tmp_path / "other.arrow")
    other = dechaff.audit(tmp_path / "other.arrow", label="label", model=GaussianNB(), only=["D001"]).folder
    with pytest.raises(DataError, match="one CSV, JSON Lines or Parquet file"):
        augment(tmp_path / "other.arrow", run=other)
    with pytest.raises(InputError, match="the run must be one of"):
        augment(tmp_path / "other.parquet", run=run)
    with pytest.raises(InputError, match="the output must be left out"):
        augment(tmp_path / "d.parquet", run=run, output=tmp_path / "o.csv")


def _file(folder: Path, table: dict[str, object]) -> Path:
    file = folder / f"{len(list(folder.iterdir()))}.csv"
    pl.DataFrame(table).write_csv(file)
    return file
