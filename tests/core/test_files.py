import errno
import os

import pytest

from dechaff.core.files import begin_to_disk, move_together, write_last, write_together, write_whole
from dechaff.errors import RunError


def test_a_file_is_written_and_nothing_else_stays(tmp_path):
    write_whole(tmp_path / "a.txt", b"one")
    write_whole(tmp_path / "a.txt", b"two")
    assert (tmp_path / "a.txt").read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_new_file_has_the_usual_permissions(tmp_path):
    (tmp_path / "plain").touch()
    write_whole(tmp_path / "a.txt", b"")
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_full_disk_is_named_and_the_old_file_stays(tmp_path, monkeypatch):
    target = tmp_path / "a.txt"
    target.write_bytes(b"old")

    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="disk is full") as caught:
        write_whole(target, b"new")
    assert caught.value.fix
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_an_interrupt_leaves_no_temporary_file(tmp_path, monkeypatch):
    def interrupted(_handle):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "a.txt", b"new")
    assert os.listdir(tmp_path) == []


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(RunError, match="no folder"):
        write_whole(tmp_path / "no" / "a.txt", b"")


def test_files_that_belong_together_are_replaced_all_or_none(tmp_path):
    write_together({tmp_path / "a": b"1", tmp_path / "b": b"1"})
    with pytest.raises(RunError):
        write_together({tmp_path / "a": b"2", tmp_path / "no" / "b": b"2"})
    assert {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == {"a": b"1", "b": b"1"}


def test_files_are_moved_together_and_a_full_disk_moves_none(tmp_path, monkeypatch):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    paths = [here / "one", here / "two"]
    for path in paths:
        path.write_text(path.name)

    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(RunError, match="disk is full"):
            move_together(paths, there)
    assert sorted(os.listdir(here)) == ["one", "two"]
    move_together(paths, there)
    assert (there / "two").read_text() == "two"
    assert not os.listdir(here)


def test_what_is_written_last_stands_once_the_block_names_it(tmp_path):
    with write_last(tmp_path / "a", b"changes") as named:
        assert [name for name in os.listdir(tmp_path) if not name.startswith(".")] == []
        named(tmp_path / "b")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"b": b"changes"}


def test_what_is_written_last_is_gone_where_the_block_fails(tmp_path):
    def failing():
        with write_last(tmp_path / "a", b"changes"):
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        failing()
    assert os.listdir(tmp_path) == []


def test_a_file_that_is_begun_to_be_written_to_disk_is_what_it_was(tmp_path):
    (tmp_path / "a").write_bytes(b"some" * 5000)
    begin_to_disk(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"some" * 5000


def test_a_file_that_cannot_be_begun_to_be_written_is_waited_for_later(tmp_path, monkeypatch):
    def refused(*_):
        raise OSError(errno.EINVAL, "no such hint")

    monkeypatch.setattr(os, "posix_fadvise", refused, raising=False)
    monkeypatch.setattr(os, "POSIX_FADV_DONTNEED", 4, raising=False)
    (tmp_path / "a").write_bytes(b"some")
    begin_to_disk(tmp_path / "a")
    begin_to_disk(tmp_path / "moved on")
    assert (tmp_path / "a").read_bytes() == b"some"
