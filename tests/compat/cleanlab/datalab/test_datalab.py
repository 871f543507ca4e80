from __future__ import annotations

import ast
import inspect
import json
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas
import pytest
from scipy.sparse import csr_array

from dechaff.compat.cleanlab import find_label_issues, get_label_quality_scores
from dechaff.compat.cleanlab.datalab.datalab import Datalab
from dechaff.compat.cleanlab.datalab.internal.issue_manager import IssueManager
from dechaff.compat.cleanlab.datalab.internal.issue_manager_factory import register
from dechaff.compat.cleanlab.datalab.issue_types import ISSUE_TYPES
from dechaff.errors import DataError, InputError, ProbsError
from tests.compat.cleanlab.rows import quietly, theirs


def rows(n: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    true = random.integers(0, 3, n)
    features = random.normal(size=(n, 6)) + 3 * np.eye(3)[true].repeat(2, axis=1)
    labels = np.where(np.arange(n) < n // 10, (true + 1) % 3, true)
    probs = np.exp(features[:, ::2] + features[:, 1::2])
    return features, labels, probs / probs.sum(axis=1, keepdims=True)


def looked(**options: Any) -> Datalab:
    features, labels, probs = rows()
    lab = Datalab({"label": labels, "x": features[:, 0]}, label_name="label", verbosity=0)
    lab.find_issues(pred_probs=probs, features=features, **options)
    return lab


def test_label_issues_are_those_of_cleanlabs_datalab() -> None:
    _, labels, probs = rows()
    found = looked().get_issues("label")
    their = quietly(
        theirs.filter.find_label_issues, labels, probs, min_examples_per_class=10, n_jobs=1
    )  # what its Datalab calls
    np.testing.assert_array_equal(found["is_label_issue"], their)
    np.testing.assert_array_equal(found["is_label_issue"], find_label_issues(labels, probs, min_examples_per_class=10))
    np.testing.assert_array_equal(found["label_score"], get_label_quality_scores(labels, probs))
    assert found.columns.tolist() == ["is_label_issue", "label_score", "given_label", "predicted_label"]
    summary = looked().get_issue_summary("label")
    health = quietly(theirs.dataset.overall_label_health_score, labels, probs, verbose=False)
    assert summary["score"].tolist() == pytest.approx([health])


def test_all_kinds_stand_in_one_table_and_one_summary() -> None:
    lab = looked()
    usual = ["null", "label", "outlier", "near_duplicate", "non_iid", "class_imbalance", "underperforming_group"]
    assert lab.issue_summary["issue_type"].tolist() == lab.list_default_issue_types() == usual
    assert lab.list_possible_issue_types() == [*usual, "data_valuation", "identifier_column"]
    assert lab.issue_summary.columns.tolist() == ["issue_type", "score", "num_issues"]
    assert lab.issues.columns.tolist() == [
        column for name in lab.issue_summary["issue_type"] for column in (f"is_{name}_issue", f"{name}_score")
    ]
    assert lab.issues["label_score"].between(0, 1).all()
    assert set(lab.info) == set(lab.issue_summary["issue_type"])
    assert lab.get_issues().equals(lab.issues)
    assert lab.get_issue_summary().equals(lab.issue_summary)
    assert lab.get_info("label")["num_label_issues"] == lab.issues["is_label_issue"].sum()
    assert set(lab.get_info()) == set(lab.info)
    assert lab.class_names == [0, 1, 2]


@pytest.mark.parametrize("d", [6, 40])
def test_copies_are_found_with_their_sets(d: int) -> None:
    features = np.random.default_rng(0).normal(size=(100, d))
    features[7] = features[3]
    lab = Datalab({"x": np.arange(100)}, verbosity=0)
    lab.find_issues(features=features, issue_types={"near_duplicate": {}})
    found = lab.get_issues("near_duplicate")
    assert np.flatnonzero(found["is_near_duplicate_issue"]).tolist() == [3, 7]
    assert found["near_duplicate_score"][3] == 0
    assert found["near_duplicate_score"][0] > 0.3
    assert found["near_duplicate_sets"][3].tolist() == [7]
    assert found["near_duplicate_sets"][0].tolist() == []


def test_an_empty_row_is_a_null_issue_and_a_hole_lowers_the_score() -> None:
    features = np.ones((4, 4))
    features[1], features[2, 0] = np.nan, np.nan
    lab = Datalab({"x": np.arange(4)}, verbosity=0)
    lab.find_issues(features=features, issue_types={"null": {}})
    assert lab.issues["is_null_issue"].tolist() == [False, True, False, False]
    assert lab.issues["null_score"].tolist() == [1.0, 0.0, 0.75, 1.0]


def test_the_rarest_class_is_an_issue_below_a_tenth_of_its_even_share() -> None:
    labels = ["ant"] * 60 + ["bee"] * 60 + ["cat"] * 2
    lab = Datalab({"y": labels}, label_name="y", verbosity=0)
    lab.find_issues(issue_types={"class_imbalance": {}})
    assert lab.issues["is_class_imbalance_issue"].tolist() == [False] * 120 + [True] * 2
    assert lab.get_info("class_imbalance")["Rarest Class"] == "cat"
    assert lab.get_issues("class_imbalance")["given_label"].tolist() == labels
    lab.find_issues(issue_types={"class_imbalance": {"threshold": 0.01}})
    assert not lab.issues["is_class_imbalance_issue"].any()


def test_any_table_will_do_and_the_index_is_kept() -> None:
    _, labels, probs = rows()
    names = np.array(["ant", "bee", "cat"])[labels]
    index = [f"row {i}" for i in range(300)]
    for data in ({"y": names}, [{"y": name} for name in names], pandas.DataFrame({"y": names}, index=index)):
        lab = Datalab(data, label_name="y", verbosity=0)
        lab.find_issues(pred_probs=probs)
        assert lab.get_issues("label")["given_label"].tolist() == names.tolist()
    assert lab.issues.index.tolist() == index


def test_the_callers_options_are_left_as_they_were_and_each_run_uses_its_own_inputs() -> None:
    _, labels, probs = rows()
    options: dict[str, Any] = {"label": {}}
    for given in (probs, np.roll(probs, 1, axis=1)):
        lab = Datalab({"y": labels}, label_name="y", verbosity=0)
        lab.find_issues(pred_probs=given, issue_types=options)
        np.testing.assert_array_equal(lab.issues["label_score"], get_label_quality_scores(labels, given))
    assert options == {"label": {}}


def test_a_filter_can_be_chosen_as_in_cleanlab() -> None:
    _, labels, probs = rows()
    kwargs = {"find_label_issues_kwargs": {"filter_by": "confident_learning"}}
    lab = looked(issue_types={"label": {"clean_learning_kwargs": kwargs}})
    expected = find_label_issues(labels, probs, filter_by="confident_learning")
    np.testing.assert_array_equal(lab.issues["is_label_issue"], expected)


@pytest.mark.parametrize("name", ["spurious_correlations"])
def test_a_kind_that_is_not_here_is_an_error_that_lists_those_that_are(name: str) -> None:
    with pytest.raises(InputError, match=r"name some of null, label, outlier, near_duplicate, .*; found .*does not"):
        looked(issue_types={name: {}})


def test_what_cannot_be_looked_for_is_an_error_and_not_silence() -> None:
    features, labels, probs = rows()
    lab = Datalab({"y": labels}, label_name="y", verbosity=0)
    with pytest.raises(InputError, match="check 'label' needs; found no probs"):
        lab.find_issues(issue_types={"label": {}})
    with pytest.raises(ProbsError, match="row 3"):
        lab.find_issues(pred_probs=np.where(np.arange(300)[:, None] == 3, np.nan, probs))
    with pytest.raises(InputError, match="be a kind that was looked for"):
        lab.get_issues("label")
    with pytest.raises(InputError, match="no kind of issue"):
        lab.get_issues("labels")
    with pytest.raises(InputError, match="features must be a table of numbers"):
        lab.find_issues(features=np.full((300, 2), "a"), issue_types={"near_duplicate": {}})
    with pytest.raises(InputError, match="check 'data_valuation' needs; found no features or knn_graph"):
        lab.find_issues(pred_probs=probs, issue_types={"data_valuation": {}})
    for graph, shown in ((object(), "object"), (csr_array((9, 9)), r"shape \(9, 9\)"), (csr_array((300, 9)), "shape")):
        with pytest.raises(InputError, match=f"knn_graph must be a sparse matrix of 300 rows .*; found {shown}"):
            lab.find_issues(knn_graph=graph)
    with pytest.raises(InputError, match="labels and features"):
        lab.find_issues(features=features[:10])
    with pytest.raises(InputError, match="label_name must be one of y"):
        Datalab({"y": labels}, label_name="z")
    with pytest.raises(InputError, match="task"):
        Datalab({"y": labels}, task="ranking")
    with pytest.warns(UserWarning, match="image_key has no effect"):
        Datalab({"y": labels}, label_name="y", image_key="image")


def test_the_report_names_the_worst_rows(capsys: pytest.CaptureFixture[str]) -> None:
    lab = looked()
    lab.report(num_examples=3)
    said = capsys.readouterr().out
    worst = lab.issues["label_score"].argsort()[:3]
    assert "label: " in said
    assert all(f"\n{row} " in said for row in worst)
    lab.verbosity = 1
    lab.find_issues(issue_types={"class_imbalance": {}})
    assert capsys.readouterr().out == "0 issues found.\n"


def arguments_there() -> dict[str, list[str]]:
    """Those of cleanlab's class, read and not imported: that needs the package datasets."""
    spec = find_spec("cleanlab")
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse((Path(spec.origin).parent / "datalab" / "datalab.py").read_text(encoding="utf-8"))
    (there,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Datalab")
    methods = [node for node in there.body if isinstance(node, ast.FunctionDef)]
    return {one.name: [arg.arg for arg in one.args.args + one.args.kwonlyargs] for one in methods}


@pytest.mark.parametrize(
    "method",
    [
        "__init__",
        "find_issues",
        "report",
        "get_issues",
        "get_issue_summary",
        "get_info",
        "list_possible_issue_types",
        "list_default_issue_types",
        "save",
        "load",
    ],
)
def test_the_arguments_are_cleanlabs(method: str) -> None:
    assert list(inspect.signature(getattr(Datalab, method)).parameters) == arguments_there()[method]


def test_inputs_of_other_rows_and_options_of_another_form_are_refused() -> None:
    features, labels, probs = rows()
    lab = Datalab({"y": labels}, label_name="y", verbosity=0)
    with pytest.raises(InputError, match="300 rows in pred_probs, 5 rows in features"):
        Datalab({"y": labels}, verbosity=0).find_issues(pred_probs=probs, features=features[:5])
    for flat in (features[:, 0], features[:, :0]):
        with pytest.raises(InputError, match="features must be a table, one row per example; found shape"):
            lab.find_issues(features=flat)
    for wrong in (["label"], {"label": None}):
        with pytest.raises(InputError, match="issue_types must be a dict of kinds, each with a dict of its options"):
            lab.find_issues(pred_probs=probs, issue_types=wrong)
    with pytest.raises(InputError, match="label_name must be in every row; 'y' is not; found none in row 1"):
        Datalab([{"y": 1}, {"x": 2}], label_name="y")


def looked_at_frame(index: list[str] | None = None) -> tuple[pandas.DataFrame, Datalab]:
    features, labels, probs = rows()
    data = pandas.DataFrame({"y": np.array(["ant", "bee", "cat"])[labels]}, index=index)
    lab = Datalab(data, label_name="y", verbosity=0)
    lab.find_issues(pred_probs=probs, features=features)
    return data, lab


@pytest.mark.parametrize("index", [None, [f"row {i}" for i in range(300)]])
def test_what_was_found_comes_back(tmp_path: Path, index: list[str] | None) -> None:
    data, lab = looked_at_frame(index)
    lab.save(tmp_path / "lab")
    for again in (Datalab.load(tmp_path / "lab"), Datalab.load(str(tmp_path / "lab"), data)):
        pandas.testing.assert_frame_equal(again.issues, lab.issues)
        pandas.testing.assert_frame_equal(again.issue_summary, lab.issue_summary)
        pandas.testing.assert_frame_equal(again.get_issues("near_duplicate"), lab.get_issues("near_duplicate"))
        assert again.class_names == ["ant", "bee", "cat"]
        np.testing.assert_array_equal(again.labels, lab.labels)
        info, was = again.get_info("label"), lab.get_info("label")
        assert list(info) == list(was)
        np.testing.assert_array_equal(info["noise_matrix"], was["noise_matrix"])
        pandas.testing.assert_frame_equal(info["overlapping_classes"], was["overlapping_classes"])


def test_a_lab_without_labels_and_findings_is_saved_too(tmp_path: Path) -> None:
    Datalab({"x": [1, 2]}).save(tmp_path / "lab")
    again = Datalab.load(tmp_path / "lab")
    assert not again.has_labels
    assert again.issue_summary.empty


def test_a_folder_that_is_there_is_written_into_by_force_only(tmp_path: Path) -> None:
    _, lab = looked_at_frame()
    with pytest.raises(InputError, match="path must be a new folder"):
        lab.save(tmp_path)
    lab.save(tmp_path, force=True)
    assert Datalab.load(tmp_path).issues.equals(lab.issues)


def test_what_does_not_fit_together_is_refused(tmp_path: Path) -> None:
    data, lab = looked_at_frame()
    lab.save(tmp_path / "lab")
    with pytest.raises(InputError, match="data must have the labels that were saved"):
        Datalab.load(tmp_path / "lab", data.iloc[::-1])
    with pytest.raises(DataError, match=r"contain datalab\.json"):
        Datalab.load(tmp_path)
    (tmp_path / "lab" / "datalab.json").write_text(json.dumps({"dict": [["label_name", None]]}))
    with pytest.raises(DataError, match=r"be as Datalab\.save wrote it"):
        Datalab.load(tmp_path / "lab")
    dated = Datalab(data.set_index(pandas.date_range("2020", periods=300)), label_name="y", verbosity=0)
    with pytest.raises(InputError, match="text, numbers and tables of them; found Timestamp"):
        dated.save(tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_labels_of_other_names_are_other_labels_whatever_their_codes(tmp_path: Path) -> None:
    data, lab = looked_at_frame()
    lab.save(tmp_path / "lab")
    renamed = data.replace({"ant": "a", "bee": "b", "cat": "c"})
    with pytest.raises(InputError, match="data must have the labels that were saved"):
        Datalab.load(tmp_path / "lab", renamed)


def test_an_index_of_several_levels_is_not_saved_as_another(tmp_path: Path) -> None:
    data, _ = looked_at_frame()
    levels = pandas.MultiIndex.from_product([range(30), range(10)])
    with pytest.raises(InputError, match="index of the data must be of one level, to be saved; found 2"):
        Datalab(data.set_index(levels), label_name="y", verbosity=0).save(tmp_path / "lab")


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"array": [1], "dtype": "V9"}', '{"array": [1, 2], "dtype": "|O"}', "[1]", "null", "{", ""],
)
def test_a_file_that_somebody_else_wrote_is_told_as_such(text: str, tmp_path: Path) -> None:
    (tmp_path / "datalab.json").write_text(text)
    with pytest.raises(DataError, match=r"be as Datalab\.save wrote it"):
        Datalab.load(tmp_path)


def test_labels_of_whole_numbers_as_objects_and_class_labels_of_hugging_face_are_read() -> None:
    _, labels, probs = rows()

    class HuggingFace(dict):  # type: ignore[type-arg]
        features = {"y": SimpleNamespace(names=["cat", "ant", "bee"])}  # noqa: RUF012

    as_objects = Datalab({"y": pandas.Series(labels, dtype=object)}, label_name="y", verbosity=0)
    named = Datalab(HuggingFace(y=labels), label_name="y", verbosity=0)
    for lab in (as_objects, named):
        lab.find_issues(pred_probs=probs)
        np.testing.assert_array_equal(lab.issues["label_score"], get_label_quality_scores(labels, probs))
    assert named.class_names == ["cat", "ant", "bee"]
    assert named.get_issues("label")["given_label"][0] == named.class_names[labels[0]]


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl", ".parquet"])
def test_a_file_is_read(tmp_path: Path, suffix: str) -> None:
    _, labels, _ = rows()
    frame, file = pandas.DataFrame({"y": labels * 10}), tmp_path / f"data{suffix}"
    write = {".csv": frame.to_csv, ".json": frame.to_json, ".jsonl": frame.to_json, ".parquet": frame.to_parquet}
    options = {".csv": {"index": False}, ".json": {"orient": "records"}, ".jsonl": {"orient": "records", "lines": True}}
    write[suffix](file, **options.get(suffix, {}))
    lab = Datalab(str(file), label_name="y", verbosity=0)
    assert lab.class_names == [0, 10, 20]
    for absent, error, words in (
        (file.with_name("x.csv"), DataError, "must exist"),
        ("hub/name", InputError, "ends in"),
    ):
        with pytest.raises(error, match=words):
            Datalab(str(absent), label_name="y")


def test_no_kinds_at_all_is_warned_of_and_unknown_options_are_errors() -> None:
    lab = looked()
    with pytest.warns(UserWarning, match="issue_types is empty"):
        lab.find_issues(issue_types={})
    with pytest.raises(InputError, match=r"have no options but threshold, k, metric; found 'radius'"):
        looked(issue_types={"near_duplicate": {"radius": 1}})
    with pytest.raises(InputError, match="params must be some of"):
        looked(issue_types={"outlier": {"scale": 1}})
    with pytest.raises(InputError, match="issue_name must name some of"):
        lab.get_info("statistic")


def test_statistics_of_the_data_are_there() -> None:
    found = looked().get_info("statistics")
    assert (found["num_examples"], found["num_classes"], found["class_names"]) == (300, 3, [0, 1, 2])
    assert found["health_score"] == looked().get_issue_summary("label")["score"][0]
    assert found["weighted_knn_graph"].shape == (300, 300)
    assert found["knn_metric"] == "cosine"


def test_kinds_of_issues_that_users_define_are_looked_for() -> None:
    @register
    class Superstition(IssueManager):
        issue_name = "superstition"
        description = "Rows of an unlucky number."

        def find_issues(self, div: int = 13, **_: Any) -> None:
            unlucky = np.arange(len(self.datalab.labels)) % div == 0
            self.issues = pandas.DataFrame({"is_superstition_issue": unlucky, self.issue_score_key: 1.0 - unlucky})
            self.summary, self.info = self.make_summary(score=0.5), {"div": div}

    try:
        lab = looked(issue_types={"superstition": {"div": 7}})
        assert lab.issues["is_superstition_issue"].sum() == 43
        assert lab.get_issue_summary()["score"].tolist() == [0.5]
        assert lab.get_info("superstition") == {"div": 7}
        assert "superstition" in lab.list_possible_issue_types()
        assert "superstition" not in lab.list_default_issue_types()
    finally:
        ISSUE_TYPES.pop("superstition")
    with pytest.raises(InputError, match="have an issue_name"):
        type("Nameless", (IssueManager,), {})
    with pytest.raises(InputError, match="score must be from 0 to 1"):
        Superstition.make_summary(2)
