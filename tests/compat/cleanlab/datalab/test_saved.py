"""Findings that come back from a folder as they were."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas
import pytest

from dechaff.compat.cleanlab.datalab.datalab import Datalab
from dechaff.errors import DataError, InputError
from tests.compat.cleanlab.datalab.test_datalab import rows


def looked(index: list[str] | None = None) -> tuple[pandas.DataFrame, Datalab]:
    features, labels, probs = rows()
    data = pandas.DataFrame({"y": np.array(["ant", "bee", "cat"])[labels]}, index=index)
    lab = Datalab(data, label_name="y", verbosity=0)
    lab.find_issues(pred_probs=probs, features=features)
    return data, lab


@pytest.mark.parametrize("index", [None, [f"row {i}" for i in range(300)]])
def test_what_was_found_comes_back(tmp_path: Path, index: list[str] | None) -> None:
    data, lab = looked(index)
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
    _, lab = looked()
    with pytest.raises(InputError, match="path must be a new folder"):
        lab.save(tmp_path)
    lab.save(tmp_path, force=True)
    assert Datalab.load(tmp_path).issues.equals(lab.issues)


def test_what_does_not_fit_together_is_refused(tmp_path: Path) -> None:
    data, lab = looked()
    lab.save(tmp_path / "lab")
    with pytest.raises(InputError, match="data must have the labels that were saved"):
        Datalab.load(tmp_path / "lab", data.iloc[::-1])
    with pytest.raises(DataError, match=r"hold datalab\.json"):
        Datalab.load(tmp_path)
    (tmp_path / "lab" / "datalab.json").write_text(json.dumps({"dict": [["label_name", None]]}))
    with pytest.raises(DataError, match=r"be as Datalab\.save wrote it"):
        Datalab.load(tmp_path / "lab")
    dated = Datalab(data.set_index(pandas.date_range("2020", periods=300)), label_name="y", verbosity=0)
    with pytest.raises(InputError, match="text, numbers and tables of them; found Timestamp"):
        dated.save(tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_labels_of_other_names_are_other_labels_whatever_their_codes(tmp_path: Path) -> None:
    data, lab = looked()
    lab.save(tmp_path / "lab")
    renamed = data.replace({"ant": "a", "bee": "b", "cat": "c"})
    with pytest.raises(InputError, match="data must have the labels that were saved"):
        Datalab.load(tmp_path / "lab", renamed)


def test_an_index_of_several_levels_is_not_saved_as_another(tmp_path: Path) -> None:
    data, _ = looked()
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
