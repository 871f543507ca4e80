from __future__ import annotations

from pathlib import Path

from dechaff.data.formats.files import named_files


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
