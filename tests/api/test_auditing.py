from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import dechaff
from dechaff.api.reading import run_folder
from dechaff.core.threads import usual_threads
from dechaff.errors import InputError, RunError
from dechaff.recipe.tasks.classification import ClassificationTask
from dechaff.recipe.tasks.positives.task import PUTask


def _texts(n: int = 60) -> dict[str, list[str]]:
    rng = np.random.default_rng(0)
    labels = ["good" if row % 2 else "bad" for row in range(n)]
    words = {"good": ["bright", "lovely", "warm"], "bad": ["dull", "cold", "grim"]}
    fill = ["film", "story", "house", "music", "long", "evening"]
    texts = [
        " ".join([*rng.choice(fill, 5), *rng.choice(words[label], 3), f"n{row}"]) for row, label in enumerate(labels)
    ]
    return {"review": texts, "label": labels}


def test_the_folder_one_stands_in_has_a_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "photos" / "cats").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "photos")
    assert run_folder(".", None) == tmp_path / "photos.dechaff"
    monkeypatch.chdir("cats")
    assert run_folder("..", None) == tmp_path / "photos.dechaff"


@pytest.mark.parametrize(
    ("pattern", "folder"),
    [
        ("parts/*.csv", "parts.dechaff"),
        ("parts/2024-[01]?.csv", "parts/2024.dechaff"),
        ("years/*/part-0.csv", "years.dechaff"),
        ("v1.2/part-*.parquet", "v1.2/part.dechaff"),
    ],
)
def test_the_run_of_a_pattern_has_a_name_without_wildcards(
    pattern: str, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_folder(pattern, None).absolute() == tmp_path / folder


@pytest.mark.parametrize("options", [{"seed": -1}, {"threads": 0}])
def test_a_number_that_means_nothing_is_refused(options: dict[str, int], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must be a whole number"):
        dechaff.audit(_texts(), label="label", out=tmp_path / "run", **options)
    with pytest.raises(InputError, match="rounds must be a whole number, 1 or more"):
        dechaff.run_recipe(_texts(), label="label", rounds=0, out=tmp_path / "run")


@pytest.mark.parametrize(
    ("command", "task"),
    [(dechaff.audit, ClassificationTask), (dechaff.run_recipe, ClassificationTask), (dechaff.pu, PUTask)],
)
def test_threads_are_obeyed_while_the_data_are_read(
    command: Callable[..., object], task: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(*given: object) -> None:
        raise InputError("threads while reading", "be shown", str(usual_threads()), "Look at them.")

    monkeypatch.setattr(task, "opened", opened)
    with pytest.raises(InputError, match="threads while reading must be shown; found 3"):
        command(_texts(), label="label", threads=3)


def test_decisions_that_do_not_fit_are_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "said.csv").write_text("row,action,label\n9999,drop,\n")
    with pytest.raises(InputError, match=r"row in line 2 of said\.csv"):
        dechaff.audit(_texts(), label="label", out=tmp_path / "run", decisions=tmp_path / "said.csv")
    assert not (tmp_path / "run").exists()


def test_a_place_where_no_folder_can_be_made_is_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    seen: list[str] = []
    with pytest.raises(RunError, match="not a folder"):
        dechaff.audit(
            _texts(), label="label", out=tmp_path / "file" / "run", progress=lambda *step: seen.append(step[0])
        )
    assert not seen


def test_a_pipeline_that_reads_texts_itself_judges_labels(tmp_path: Path) -> None:
    pipeline = make_pipeline(CountVectorizer(), LogisticRegression())
    data = _texts(120)
    data["label"][4] = "good"
    found = dechaff.audit(data, label="label", model=pipeline, out=tmp_path / "run")
    assert [finding["row"] for finding in found.run.findings.filter(code="L001").to_dicts()] == ["4"]


def _audited_file(folder: Path) -> Path:
    folder.mkdir()
    file = folder / "reviews.csv"
    lines = [f"{text},{label}" for text, label in zip(*_texts().values(), strict=True)]
    file.write_text("\n".join(["review,label", *lines]) + "\n")
    return file


def test_a_run_finds_its_file_from_another_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _audited_file(tmp_path / "data")
    monkeypatch.chdir(file.parent)
    dechaff.audit("reviews.csv", label="label")
    monkeypatch.chdir(tmp_path)
    assert dechaff.apply("data/reviews.dechaff", "improved.csv").read_text() == file.read_text()
    file.rename(tmp_path / "moved.csv")
    with pytest.raises(RunError, match="--source FILE"):
        dechaff.apply("data/reviews.dechaff", "improved.csv")
    assert dechaff.apply("data/reviews.dechaff", "again.csv", source="moved.csv").exists()


def test_the_command_of_a_run_can_be_typed_and_knows_no_clock(tmp_path: Path) -> None:
    file = _audited_file(tmp_path / "data")
    found = dechaff.audit(file, label="label", threads=1, out=tmp_path / "run")
    assert found.metrics.command == f"dechaff audit {file} --label label --policy conservative --seed 0"
    page = (tmp_path / "run" / "report.html").read_text()
    assert found.run.options["started"] not in page
    assert f"scikit-learn {found.run.options['environment']['scikit-learn']}" in page


def test_an_audit_shows_itself_in_one_line(tmp_path: Path) -> None:
    shown = repr(dechaff.audit(_texts(), label="label", out=tmp_path / "run"))
    assert "60 rows" in shown
    assert str(tmp_path / "run") in shown
    assert len(shown) < 300


def test_nobody_says_that_given_probabilities_were_trained_here(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 120)
    wrong = rng.random(120) < 0.1
    p = np.where(labels ^ wrong, 0.85, 0.2)
    np.savez(tmp_path / "given.npz", labels=labels, pred_probs=np.column_stack([1 - p, p]))
    audit = dechaff.audit(tmp_path / "given.npz")
    assert audit.metrics.baseline.folds is None
    page = (tmp_path / "given.dechaff" / "report.html").read_text()
    assert "Model: given probabilities." in page
    assert "Scores on rows that the model had not seen" not in page


def test_an_audit_counts_its_findings_as_its_report_does(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 120)
    p = np.where(labels == 1, 0.85, 0.2)
    np.savez(tmp_path / "given.npz", labels=labels, pred_probs=np.column_stack([1 - p, p]))
    audit = dechaff.audit(tmp_path / "given.npz")
    assert "R001" in audit.findings["code"].to_list()
    assert " 0 findings" in repr(audit)


@pytest.mark.parametrize("policy", [dechaff.Policy("mine", 95, 0.5), dechaff.Policy("mine", 0.95, -1)])
def test_a_policy_has_bounds_that_are_probabilities(policy: dechaff.Policy) -> None:
    with pytest.raises(InputError, match=r"of the policy 'mine' must be a probability from 0 to 1; found (95|-1)"):
        dechaff.audit(_texts(), label="label", policy=policy)


def test_five_obvious_mistakes_in_iris_are_mended_and_nothing_else_is(tmp_path: Path) -> None:
    iris = load_iris()
    rows = np.arange(len(iris.data)) != 142  # equal to an earlier row
    true = iris.target_names.astype(str)[iris.target[rows]]
    columns = dict(zip(iris.feature_names, iris.data[rows].T, strict=True))
    given = true.copy()
    given[[3, 40, 60, 110, 140]] = ["versicolor", "versicolor", "virginica", "setosa", "setosa"]
    for name, labels in (("wrong", given), ("right", true)):
        found = dechaff.audit(columns | {"species": labels}, label="species", out=tmp_path / name)
        assert list(found.apply()["species"]) == list(true)
