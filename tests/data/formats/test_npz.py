import pickle

import numpy as np
import pytest

from dechaff.data.open import open_data
from dechaff.errors import DataError, LabelsError, ProbsError

PROBS = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], dtype=np.float16)


def saved(tmp_path, save=np.savez, **arrays):
    save(tmp_path / "a.npz", **arrays)
    return tmp_path / "a.npz"


def test_labels_and_probabilities_are_read(tmp_path):
    path = saved(tmp_path, labels=np.array([0, 1, -1], dtype=np.int8), pred_probs=PROBS, ids=np.array([7, 8, 9]))
    train = open_data(path).train
    assert train.class_names == ("0", "1")
    assert train.codes.tolist() == [0, 1, -1]
    assert train.ids.tolist() == ["7", "8", "9"]
    np.testing.assert_allclose(train.probs.sum(axis=1), 1, atol=1e-12)


def test_columns_follow_the_sorted_class_names(tmp_path):
    path = saved(tmp_path, labels=np.array([0, 1, 0]), pred_probs=PROBS, class_names=np.array(["zebra", "ant"]))
    train = open_data(path).train
    assert train.class_names == ("ant", "zebra")
    assert train.codes.tolist() == [1, 0, 1]
    np.testing.assert_allclose(train.probs[:, 1], [0.9, 0.2, 0.6], atol=1e-3)


def test_a_class_without_rows_keeps_its_column(tmp_path):
    path = saved(tmp_path, labels=np.array([0, 2, 0]), pred_probs=np.full((3, 3), 1 / 3))
    assert open_data(path).train.class_names == ("0", "1", "2")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_members_and_types_come_back(tmp_path, save):
    path = saved(
        tmp_path,
        save,
        labels=np.array([0, 1, 0], dtype=np.int8),
        pred_probs=PROBS,
        features=np.eye(3, dtype=np.float32),
        class_names=np.array(["x", "y"]),
        other=np.arange(5),
    )
    source = open_data(path).train.source
    assert source.improved(np.ones(3, bool), {}) == path.read_bytes()
    source.write(tmp_path / "b.npz", keep=np.array([True, False, True]), labels={0: "y"})
    with np.load(tmp_path / "a.npz") as old, np.load(tmp_path / "b.npz") as new:
        assert new.files == old.files
        assert [new[name].dtype for name in new.files] == [old[name].dtype for name in old.files]
        assert new["labels"].tolist() == [1, 0]
        assert new["features"].shape == (2, 3)
        assert new["other"].shape == (5,)
        assert new["class_names"].tolist() == ["x", "y"]


def test_text_labels_may_grow(tmp_path):
    path = saved(tmp_path, labels=np.array(["a", "bcd", "a"]), pred_probs=PROBS)
    source = open_data(path).train.source
    source.write(tmp_path / "b.npz", keep=np.ones(3, bool), labels={0: "bcd"})
    with np.load(tmp_path / "b.npz") as new:
        assert new["labels"].tolist() == ["bcd", "bcd", "a"]


def test_features_alone_are_enough(tmp_path):
    train = open_data(saved(tmp_path, y=np.array([0, 1, 0]), X=np.array([[1, 2], [1, 2], [3, 4]]))).train
    assert train.features.shape == (3, 2)
    assert train.probs is None
    assert train.keys[1] == train.keys[0].replace(":0", ":1")


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was opened",))


def test_pickles_are_refused_and_never_opened(tmp_path):
    path = saved(tmp_path, labels=np.array([0, 1]), pred_probs=np.array([Bomb(), None], dtype=object))
    with pytest.raises(DataError, match="pickled objects"):
        open_data(path)
    (tmp_path / "b.npz").write_bytes(pickle.dumps([1]))
    with pytest.raises(DataError, match="npz file"):
        open_data(tmp_path / "b.npz")


def test_bad_files_are_refused(tmp_path):
    cases = [
        (DataError, "pred_probs or features", {"labels": np.array([0, 1])}),
        (LabelsError, "array of labels", {"pred_probs": PROBS}),
        (LabelsError, "one-dimensional", {"labels": PROBS, "pred_probs": PROBS}),
        (DataError, "3 rows, one for each label", {"labels": np.array([0, 1, 0]), "pred_probs": PROBS[:2]}),
        (ProbsError, "at least 0", {"labels": np.array([0, 1]), "pred_probs": np.array([[1.5, -0.5], [0, 1]])}),
        (ProbsError, "finite", {"labels": np.array([0, 1]), "pred_probs": np.array([[np.nan, 0.5], [0, 1]])}),
        (ProbsError, "sum to 1", {"labels": np.array([0, 1]), "pred_probs": np.array([[0.5, 0.4], [0, 1]])}),
        (LabelsError, "2 in row 1", {"labels": np.array([0, 2]), "pred_probs": PROBS[:2], "class_names": ["a", "b"]}),
        (LabelsError, "two classes", {"labels": np.array([1, 1]), "pred_probs": PROBS[:2]}),
        (ProbsError, "3 classes", {"labels": np.array(["a", "b", "c"]), "pred_probs": PROBS}),
        (DataError, "ids.*unique", {"labels": np.array([0, 1, 0]), "pred_probs": PROBS, "ids": [1, 1, 2]}),
    ]
    for error, found, arrays in cases:
        with pytest.raises(error, match=found):
            open_data(saved(tmp_path, **arrays))
    whole = saved(tmp_path, labels=np.array([0, 1, 0]), pred_probs=PROBS).read_bytes()
    (tmp_path / "a.npz").write_bytes(whole[:-30])
    with pytest.raises(DataError, match="truncated or damaged"):
        open_data(tmp_path / "a.npz")


def test_a_test_file_has_its_columns_in_the_order_of_the_training_file(tmp_path):
    np.savez(tmp_path / "train.npz", labels=np.array(["b", "c", "b"]), pred_probs=PROBS)
    np.savez(
        tmp_path / "test.npz",
        labels=np.array(["a", "b", "c"]),
        pred_probs=np.eye(3),
        class_names=np.array(["a", "b", "c"]),
    )
    opened = open_data(tmp_path / "train.npz", test=tmp_path / "test.npz")
    assert opened.train.class_names == opened.test.class_names == ("b", "c", "a")
    assert opened.train.probs[:, 2].tolist() == [0, 0, 0]
    assert opened.test.codes.tolist() == opened.test.probs.argmax(axis=1).tolist() == [2, 0, 1]


def test_a_text_file_called_npz_is_not_said_to_hold_pickles(tmp_path) -> None:
    (tmp_path / "notes.npz").write_text("hello")
    with pytest.raises(DataError, match="it is not a zip archive") as error:
        open_data(tmp_path / "notes.npz")
    assert "pickle" not in str(error.value)
