import errno
import os
import shutil

import numpy as np
import pytest

from dechaff.core.files import is_temporary
from dechaff.data.open import open_data, open_like
from dechaff.errors import DataError, RunError

FILES = {"cat/1.png": b"c1", "cat/2.png": b"c2", "dog/1.png": b"d1", "dog/3.JPG": b"c1"}


def folder(tmp_path, files=FILES):
    root = tmp_path / "pets"
    root.mkdir(exist_ok=True)
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def tree(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_classes_are_folders_and_rows_are_files(tmp_path):
    root = folder(tmp_path, {**FILES, "cat/notes.txt": b"", ".cache/x.png": b""})
    train = open_data(root).train
    assert train.class_names == ("cat", "dog")
    assert train.ids.tolist() == list(FILES)
    assert train.table["image"].kind == "image"
    assert train.table["image"].values[0] == str(root / "cat/1.png")
    assert train.keys[3] == train.keys[0].replace(":0", ":1")


def test_files_are_copied_into_the_folder_of_their_new_class(tmp_path):
    root = folder(tmp_path)
    source = open_data(root).train.source
    source.write(tmp_path / "new", keep=np.array([True, False, True, True]), labels={2: "cat", 3: "cat"})
    assert tree(tmp_path / "new") == {"cat/1.png": b"c1", "cat/dog_1_1.png": b"d1", "cat/3.JPG": b"c1"}
    assert tree(root) == FILES
    assert sorted(os.listdir(tmp_path)) == [".dechaff-outputs", "new", "pets"]


def test_the_output_is_a_new_folder_beside_the_input(tmp_path):
    root = folder(tmp_path)
    source = open_data(root).train.source
    for target in (root, root / "cat", tmp_path):
        with pytest.raises(DataError, match="beside the input"):
            source.write(target, keep=np.ones(4, bool), labels={})
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(RunError, match="new or empty"):
        source.write(tmp_path / "full", keep=np.ones(4, bool), labels={})


def test_a_copy_that_fails_leaves_nothing(tmp_path):
    root = folder(tmp_path)
    source = open_data(root).train.source
    (root / "dog/3.JPG").unlink()
    with pytest.raises(RunError):
        source.write(tmp_path / "new", keep=np.ones(4, bool), labels={})
    assert os.listdir(tmp_path) == ["pets"]


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"a.doc": b""}, "No data files or images found in .*, only a.doc"),
        ({}, "No data files or images found in .*: it is empty"),
        ({"1.png": b"", "cat/1.png": b""}, "1 images beside"),
        ({"train/cat/1.png": b"1", "test/cat/2.png": b"2"}, "parts of a split"),
    ],
)
def test_other_folders_are_refused(tmp_path, files, found):
    with pytest.raises(DataError, match=found):
        open_data(folder(tmp_path, files))


def test_a_test_folder_is_read_by_the_same_classes(tmp_path):
    root = folder(tmp_path, {f"{part}/{name}": data for part in ("train", "test") for name, data in FILES.items()})
    opened = open_data(root / "train", test=root / "test")
    assert opened.test.class_names == opened.train.class_names
    assert opened.test.codes.tolist() == [0, 0, 1, 1]


def test_the_same_output_may_be_written_again_until_a_file_of_it_is_changed_or_added(tmp_path):
    data = open_data(folder(tmp_path)).train
    out = tmp_path / "improved"
    keep = np.ones(len(data), dtype=bool)
    data.source.write(out, keep=keep, labels={})
    keep[0] = False
    data.source.write(out, keep=keep, labels={})
    written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert written == sorted(data.source.files[1:])
    assert not [path for path in tmp_path.iterdir() if is_temporary(path)]
    for name, content in (("cat/mine.png", b"mine"), (written[0], b"edited")):
        (out / name).write_bytes(content)
        with pytest.raises(RunError, match="which is not dechaff's"):
            data.source.write(out, keep=keep, labels={})
        assert (out / name).read_bytes() == content
        (out / "cat/mine.png").unlink(missing_ok=True)


def test_a_full_disk_leaves_no_folder(tmp_path, monkeypatch):
    source = open_data(folder(tmp_path)).train.source

    def full(old, new):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(RunError, match="No space left"):
        source.write(tmp_path / "new" / "improved", keep=np.ones(source.n_rows, dtype=bool), labels={})
    assert not (tmp_path / "new").exists()


def test_without_labels_images_may_lie_anywhere_and_one_may_be_named(tmp_path):
    known = open_data(folder(tmp_path)).train
    flat = tmp_path / "flat"
    (flat / "more").mkdir(parents=True)
    for name in ("b.png", "a.JPG", "more/c.png", "notes.txt"):
        (flat / name).write_bytes(name.encode())
    found = open_like(flat, known.schema, need_label=False)
    assert found.ids.tolist() == ["a.JPG", "b.png", "more/c.png"]
    assert found.codes.tolist() == [-1, -1, -1]
    assert found.class_names == known.class_names
    assert open_like(str(flat / "b.png"), known.schema, need_label=False).ids.tolist() == ["b.png"]
    (tmp_path / "nothing").mkdir()
    with pytest.raises(DataError, match="No data files or images"):
        open_like(tmp_path / "nothing", known.schema, need_label=False)
