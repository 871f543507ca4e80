"""Files and folders become data sets with classes numbered from 0; what cannot be used is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dechaff.errors import DataError, InputError
from dechaff.recipe.noise_benchmark.sources import benchmark_data
from tests.shared_data import shared

LABELS = np.repeat(["no", "yes"], 30)
NUMBERS = np.random.default_rng(0).normal(size=(60, 3))


def table(path: Path) -> Path:
    lines = [f"{a:.3f},{'red' if a > 0 else 'blue'},{label}" for (a, *_), label in zip(NUMBERS, LABELS, strict=True)]
    path.write_text("\n".join(["a,colour,target", *lines]))
    return path


def test_a_table_becomes_numbers(tmp_path: Path) -> None:
    (data,) = benchmark_data(table(tmp_path / "made.csv"))
    assert (data.name, data.n_classes) == ("made", 2)
    assert data.features.shape[0] == 60
    assert data.features.shape[1] >= 3  # the number, and a column for each colour
    np.testing.assert_array_equal(data.labels, LABELS == "yes")


def test_a_folder_of_tables_is_a_data_set_for_each(tmp_path: Path) -> None:
    for name in ("one", "two"):
        table(tmp_path / f"{name}.csv")
    assert [one.name for one in benchmark_data(tmp_path)] == ["one", "two"]


def test_texts_become_their_leading_components(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    words = [f"word{i}" for i in range(120)]
    texts = [" ".join(rng.choice(words[60:] if label == "yes" else words[:60], 12)) for label in LABELS]
    rows = [f"{text},{label}" for text, label in zip(texts, LABELS, strict=True)]
    (tmp_path / "t.csv").write_text("\n".join(["text,label", *rows]))
    (data,) = benchmark_data(tmp_path / "t.csv")
    assert data.features.shape[0] == 60
    assert 2 <= data.features.shape[1] <= 64


@pytest.mark.parametrize("name", ["features", "X", "images"])
def test_an_npz_holds_labels_and_numbers(tmp_path: Path, name: str) -> None:
    rows = NUMBERS.reshape(60, 3, 1) if name == "images" else NUMBERS
    np.savez(tmp_path / "my_train.npz", labels=LABELS, **{name: rows})
    np.savez(tmp_path / "my_test.npz", labels=LABELS, **{name: rows})
    for source in (tmp_path, tmp_path / "my_train.npz"):
        (data,) = benchmark_data(source)
        assert data.name == "my_train"
        np.testing.assert_array_equal(data.features, NUMBERS)


def test_a_table_may_come_with_an_embedding_of_its_rows(tmp_path: Path) -> None:
    table(tmp_path / "train.csv")
    np.save(tmp_path / "emb_train.npy", NUMBERS)
    (data,) = benchmark_data(tmp_path)
    assert data.name == tmp_path.name
    np.testing.assert_array_equal(data.features, NUMBERS)
    np.save(tmp_path / "emb_train.npy", NUMBERS[:9])
    with pytest.raises(DataError, match=r"one row for each label; found shapes \(9, 3\) and \(60,\)"):
        benchmark_data(tmp_path)


def test_human_labels_come_along(tmp_path: Path) -> None:
    clean = np.repeat(np.arange(2, dtype=np.int8), 40)
    worse = clean.copy()
    worse[:10] = 1
    index = np.arange(10, 75)
    np.savez(tmp_path / "labels.npz", clean=clean, worse=worse, aggre=clean)
    with pytest.raises(DataError, match=r"hold labels\.npz with the array clean, and an npz with emb and index"):
        benchmark_data(tmp_path)
    np.savez(tmp_path / "emb.npz", emb=np.arange(65.0)[:, None], index=index)
    (data,) = benchmark_data(tmp_path)
    np.testing.assert_array_equal(data.labels, clean[index])
    np.testing.assert_array_equal(data.noisy["human, worse"], worse[index])
    assert list(data.noisy) == ["human, aggre", "human, worse"]


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "shape", "n_classes"),
    [("mnist", (20000, 784), 10), ("cifar10n", (20000, 256), 10), ("text_trec6", (5452, 384), 6)],
)
def test_folders_of_well_known_data_are_read(name: str, shape: tuple[int, int], n_classes: int) -> None:
    (data,) = benchmark_data(shared(name))
    assert (data.features.shape, data.n_classes) == (shape, n_classes)
    wrong = {noise: round(float((labels != data.labels).mean()), 1) for noise, labels in data.noisy.items()}
    assert wrong == ({"human, aggre": 0.1, "human, worse": 0.4} if name == "cifar10n" else {})


def test_small_classes_are_left_out(tmp_path: Path) -> None:
    labels = np.repeat([3, 5, 7], [30, 5, 25])
    np.savez(tmp_path / "a.npz", y=labels, X=np.arange(60.0)[:, None])
    (data,) = benchmark_data(tmp_path / "a.npz")
    np.testing.assert_array_equal(data.labels, np.repeat([0, 1], [30, 25]))
    assert data.features[30, 0] == 35
    np.savez(tmp_path / "a.npz", y=np.arange(60), X=np.arange(60.0)[:, None])
    with pytest.raises(DataError, match=r"have two classes or more with 20 rows or more; found 0 \(of 60 classes\)"):
        benchmark_data(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"labels": LABELS}, "contain labels, and features or images; found the arrays labels"),
        ({"labels": LABELS, "X": np.where(np.arange(60)[:, None] == 7, np.nan, 1.0)}, "NaN or infinity in row 7"),
        ({"labels": LABELS[:9], "X": NUMBERS}, r"shapes \(60, 3\) and \(9,\)"),
    ],
)
def test_arrays_that_cannot_be_used_are_named(tmp_path: Path, arrays: dict[str, np.ndarray], message: str) -> None:
    np.savez(tmp_path / "a.npz", **arrays)  # type: ignore[arg-type]
    with pytest.raises(DataError, match=message):
        benchmark_data(tmp_path / "a.npz")


def test_a_source_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.csv"):
        benchmark_data(tmp_path / "nothing.csv")
    with pytest.raises(InputError, match=r"nothing\.npz"):
        benchmark_data(tmp_path / "nothing.npz")


def test_the_binary_version_of_cifar10_is_read_and_the_pickled_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "data_batch_1").write_bytes(b"cos\nsystem\n(S'echo'\ntR.")
    with pytest.raises(DataError, match="the binary version of CIFAR-10"):
        benchmark_data(tmp_path)
    rng = np.random.default_rng(0)
    records = rng.integers(256, size=(60, 3073)).astype(np.uint8)
    records[:, 0] = np.repeat([1, 4], 30)
    for number, part in enumerate(np.split(records, 2), start=1):
        (tmp_path / f"data_batch_{number}.bin").write_bytes(part.tobytes())
    (data,) = benchmark_data(tmp_path)
    assert data.shape == (3, 32, 32)
    np.testing.assert_array_equal(data.labels, records[:, 0] == 4)
    np.testing.assert_allclose(data.features, records[:, 1:] / 255, atol=1e-6)
    records[7, 0] = 10
    (tmp_path / "data_batch_1.bin").write_bytes(records.tobytes())
    with pytest.raises(DataError, match="be from 0 to 9; found 10 in record 7"):
        benchmark_data(tmp_path)
    (tmp_path / "data_batch_1.bin").write_bytes(records.tobytes()[:-1])
    with pytest.raises(DataError, match="be records of 3,073 bytes"):
        benchmark_data(tmp_path)
