"""``dechaff recipe --augment``: new rows are kept only if sealed test rows confirm them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

import dechaff
from dechaff.core.progress import silent
from dechaff.data.dataset import Dataset
from dechaff.data.open import open_data
from dechaff.errors import InputError
from dechaff.estimators.augmentation import study
from dechaff.methods.augmentation.operation import RowChange
from dechaff.methods.proof.paired_interval import Interval
from dechaff.models.estimator import as_model
from dechaff.recipe.augment import proved_augmentation
from dechaff.recipe.augment.augmented_table import AugmentedData
from dechaff.recipe.prove.training import Trainings
from dechaff.records.augment_options import AugmentOptions
from dechaff.report.html import render_html
from dechaff.report.record import open_record

MODEL = "sklearn.discriminant_analysis:LinearDiscriminantAnalysis"
COLUMNS = [f"x{one}" for one in range(12)]


def points(y: np.ndarray, seed: int) -> pl.DataFrame:
    X = np.random.default_rng(seed).normal(size=(len(y), len(COLUMNS))) + 0.5 * y[:, None]
    return pl.DataFrame(dict(zip(COLUMNS, X.T.round(3), strict=True)))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training file so small that the model overfits, and a file of test rows."""
    folder = tmp_path_factory.mktemp("recipe")
    for name, n, seed in (("train", 40, 0), ("test", 400, 1)):
        y = np.arange(n) % 2
        key = pl.Series("k", [f"{name}{one}" for one in range(n)])
        points(y, seed).with_columns(key, pl.Series("label", np.where(y, "a", "b"))).write_csv(folder / f"{name}.csv")
    return folder


def search(*, right: bool) -> object:
    """A search that accepts an operation whose new rows have the right labels, or the wrong ones."""

    def found(rows: Dataset, *given: object) -> AugmentedData:
        interval = Interval(0.1, 0.05, 0.15)
        candidate = study.Candidate(RowChange("noise", "table", lambda rows, strength, rng: rows), 1.0)
        tested = study.Tested(candidate, *[interval] * 6, 0.5, 0.6)
        parents = np.repeat(np.arange(len(rows)), 10)
        is_a = rows.codes[parents] == rows.class_names.index("a")
        made = points((is_a if right else ~is_a).astype(int), 2)
        return AugmentedData(study.AugmentationStudy((study.Tried(candidate),), tested, 10), made, parents, rows)

    return found


@pytest.mark.parametrize("right", [True, False])
def test_new_rows_are_kept_if_sealed_rows_confirm_them(
    place: Path, monkeypatch: pytest.MonkeyPatch, right: bool
) -> None:
    monkeypatch.setattr(proved_augmentation, "augmented_data", search(right=right))
    opened = open_data(place / "train.csv", label="label", id="k", test=place / "test.csv")
    assert opened.test is not None
    tests, model = (opened.test,), as_model(LinearDiscriminantAnalysis())
    by = Trainings(model, "accuracy", 5, 0, silent, 1)
    step = proved_augmentation.proved_augmentation(opened.train, lambda: tests, by, model, AugmentOptions())
    assert step.facts.sealed is not None
    assert (step.facts.sealed.verdict == "better") is right
    assert (step.kept is not None) is right
    assert step.facts.accepted == ("noise" if right else "")
    assert step.found is not None
    assert len(step.found.parents) == step.facts.new_rows == (400 if right else 0)
    if step.kept is None:
        assert step.facts.words.startswith("noise helps on held-out training rows, but is not kept")
        return
    assert step.kept.ids[40] == f"{opened.train.ids[0]}+1"
    assert set(np.bincount(step.kept.groups)) == {11}, "a row and its children are one group"
    cells = step.kept.table["x0"]
    assert cells.values[41] == float(cells.raw[41])


@pytest.mark.slow
def test_the_new_rows_of_a_recipe_are_in_its_data_its_proof_and_its_report(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proved_augmentation, "augmented_data", search(right=True))
    done = dechaff.run_recipe(
        place / "train.csv", label="label", id="k", test=place / "test.csv", model=MODEL, rounds=1, augment=True,
        out=tmp_path / "run", only=["L001"], threads=1, choose_features=True,
    )  # fmt: skip
    assert done.proof is not None
    features = done.audit.run.metrics.features
    assert features is not None
    assert [one.column for one in features.columns] == COLUMNS
    assert "Columns and features for the model" in (tmp_path / "run" / "report.html").read_text()
    facts = done.audit.run.metrics.augmentation
    assert facts is not None
    written = pl.read_csv(done.audit.apply(tmp_path / "out.csv"))
    assert done.proof.changes.added == facts.new_rows == 400
    assert len(written) - len(pl.read_csv(place / "train.csv")) + done.proof.changes.dropped == 400
    assert any("data augmentation" in note for note in done.proof.notes)
    assert "better, so they are kept" in render_html(open_record(done.audit.run))
    assert dechaff.predict(done.audit.folder, place / "test.csv").height == 400


def test_augmentation_needs_test_rows(place: Path) -> None:
    with pytest.raises(InputError, match="augment must come with test rows"):
        dechaff.run_recipe(place / "train.csv", label="label", augment=True)


@pytest.mark.slow
def test_a_recipe_whose_data_cannot_take_new_rows_says_so_and_goes_on(place: Path) -> None:
    train, test = (pl.read_csv(place / name) for name in ("train.csv", "test.csv"))
    done = dechaff.run_recipe(
        train, label="label", id="k", test=test, model=MODEL, rounds=1, augment=True, only=["L001"]
    )
    facts = done.audit.run.metrics.augmentation
    assert facts is not None
    assert facts.words.startswith("No augmentation: data to which rows are added must be")
    assert done.proof is not None
