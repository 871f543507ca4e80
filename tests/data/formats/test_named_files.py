from __future__ import annotations

from pathlib import Path

import pytest

from dechaff.data.formats.files import named_files, open_files
from dechaff.errors import DataError


def test_a_path_a_folder_and_a_pattern_name_files(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "notes.txt", "[c].csv"):
        (tmp_path / name).touch()
    (tmp_path / "folder.csv").mkdir()

    def is_csv(file: Path) -> bool:
        return file.suffix == ".csv"

    assert [file.name for file in named_files(tmp_path, is_csv)] == ["[c].csv", "a.csv", "b.csv"]
    assert [file.name for file in named_files(str(tmp_path / "?.csv"), is_csv)] == ["a.csv", "b.csv"]
    assert named_files(tmp_path / "notes.txt", is_csv) == (tmp_path / "notes.txt",)
    assert named_files(tmp_path / "[c].csv", is_csv) == (tmp_path / "[c].csv",)
    assert named_files(tmp_path / "none", is_csv) == ()


@pytest.mark.parametrize(("train", "test"), [("train", "test"), ("credit", "credit_test"), ("train-1", "val-1")])
def test_a_folder_that_holds_the_test_file_too_is_refused(tmp_path: Path, train: str, test: str) -> None:
    for name in (train, test, f"{train}_contest"):  # a contest is no test
        (tmp_path / f"{name}.csv").write_text("x,label\n1,a\n2,b\n")
    with pytest.raises(DataError, match=f"(?s){test}.csv beside .*--test .*{test}.csv"):
        open_files(tmp_path)
    assert len(open_files(tmp_path / "*.csv").files) == 3
    (tmp_path / f"{test}.csv").unlink()
    assert len(open_files(tmp_path).files) == 2
