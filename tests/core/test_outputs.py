import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import dechaff
from dechaff.core.files import locked_folder, remove_temporary, temporary_name
from dechaff.core.outputs import RECORD, check_folder, check_output, holds_only, write_outputs
from dechaff.errors import InputError, RunError


def refused(path, why, kind="the report", **more):
    with pytest.raises(InputError, match=re.escape(why)):
        check_output(path, kind, **more)


def test_an_unchanged_result_of_the_same_kind_may_be_replaced(tmp_path):
    target = tmp_path / "a.html"
    for content in (b"1", b"2"):
        write_outputs({target: content}, "the report")
    assert target.read_bytes() == b"2"
    refused(target, "did not write", "the decisions")
    refused(target, "files that were read", inputs=[None, tmp_path / "." / "a.html"])
    target.write_bytes(b"3")
    refused(target, "changed since")


def test_a_result_that_was_moved_with_its_record_may_be_replaced(tmp_path):
    (tmp_path / "old").mkdir()
    write_outputs({tmp_path / "old" / "a.html": b"1"}, "the report")
    (tmp_path / "old").rename(tmp_path / "new")
    check_output(tmp_path / "new" / "a.html", "the report")


@pytest.mark.parametrize("name", ["", ".", "/", "..", "a/.."])
def test_an_output_has_a_name(name):
    refused(name, "must be a name for the report")


def test_only_ordinary_files_are_replaced(tmp_path):
    (tmp_path / "folder").mkdir()
    refused(tmp_path / "folder", "it is a folder")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    refused(tmp_path / "link", "it is a link")
    refused("/dev/null", "not an ordinary file")


def test_what_a_run_has_read_stays(tmp_path):
    target = tmp_path / "improved.csv"
    write_outputs({target: b"x\n"}, "the improved data")
    (tmp_path / "next.dechaff").mkdir()
    for name in ("source", "test"):
        (tmp_path / "next.dechaff" / "options.json").write_text(json.dumps({name: "improved.csv"}))
        refused(target, "the source or the test file of", "the improved data")
    (tmp_path / "next.dechaff" / "options.json").write_text("[1]")
    check_output(target, "the improved data")


def test_a_record_of_somebody_else_stays_and_allows_nothing(tmp_path):
    (tmp_path / "mine").write_text("mine")
    for make in (lambda path: path.write_text("mine"), lambda path: path.symlink_to(tmp_path / "mine")):
        make(tmp_path / RECORD)
        write_outputs({tmp_path / "a.html": b"1"}, "the report")
        assert (tmp_path / "mine").read_text() == (tmp_path / RECORD).read_text() == "mine"
        refused(tmp_path / "a.html", "did not write")
        for name in ("a.html", RECORD):
            (tmp_path / name).unlink()


def test_results_are_all_free_or_none_is_written(tmp_path):
    (tmp_path / "b").write_text("mine")
    with pytest.raises(InputError, match="did not write"):
        write_outputs({tmp_path / "a": b"1", tmp_path / "b": b"1"}, "the report")
    assert os.listdir(tmp_path) == ["b"]


def test_a_folder_of_results_holds_nothing_else(tmp_path):
    folder = tmp_path / "improved"
    folder.mkdir()

    def check():
        own = lambda one: holds_only(one, "the improved data", beside=tmp_path)  # noqa: E731
        check_folder(folder, "the improved data", own, fix="Choose another.")

    check()
    temporary_name(folder / "a.csv").touch()
    check()
    write_outputs({folder / "a.csv": b"1"}, "the improved data", beside=tmp_path)
    check()
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(RunError, match=r"holds a\.csv, which is not"):
        check()


def test_rests_of_killed_processes_are_removed_and_nothing_else(tmp_path):
    (tmp_path / ".mine.tmp").touch()
    temporary_name(tmp_path / "a.html").touch()
    temporary_name(tmp_path / "images").mkdir()
    remove_temporary(tmp_path)
    assert os.listdir(tmp_path) == [".mine.tmp"]


def test_a_folder_has_one_writer(tmp_path):
    pytest.importorskip("fcntl")
    code = (
        "import sys, dechaff.core.files as f\n"
        "with f.locked_folder(f.Path(sys.argv[1])): print('in', flush=True); input()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "run")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with other:
        assert other.stdout.readline() == b"in\n"
        with pytest.raises(RunError, match="is writing there"), locked_folder(tmp_path / "run"):
            pass
        other.kill()
    with locked_folder(tmp_path / "run"):
        assert os.listdir(tmp_path / "run") == []


def test_a_folder_that_was_made_for_nothing_is_removed(tmp_path):
    with pytest.raises(ValueError, match="no"), locked_folder(tmp_path / "a" / "b"):
        raise ValueError("no")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("part", ["surfaces", "compat", "api"])
def test_files_that_users_name_are_written_by_one_function(part):
    """Other ways to write are for files inside of run folders: ``Audit.report`` has the only one in these layers."""
    writes = re.compile(
        r"write_whole\(|write_together\(|write_text\(|write_bytes\(|\.to_csv\(|open\([^)]*['\"][wax]b?['\"]"
    )
    found = {
        path.name: len(writes.findall(re.sub(r"(?m)^\s*>>>.*$", "", path.read_text())))
        for path in (Path(dechaff.__file__).parent / part).rglob("*.py")
    }
    assert {name: n for name, n in found.items() if n} == ({"results.py": 1} if part == "api" else {})
