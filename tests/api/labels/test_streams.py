"""Wrong labels in files: the same bits as in memory, killed and taken up again."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.core import files as writing
from dechaff.data.streams import frame_files
from dechaff.errors import DataError, InputError, RunError, SourceChangedError
from dechaff.recipe.passes import streamed_labels
from tests.data.streams.made import FORMS, NAMES, N, frame, rows, write_all

pytestmark = pytest.mark.usefixtures("small_parts")


def same_as_in_memory(found: dechaff.labels.LabelScores, labels, probs, names=NAMES) -> None:
    expected = dechaff.find_label_errors(np.asarray(names)[labels], probs, class_names=list(names))
    table = found.table()
    assert table["row"].to_list() == list(range(len(labels)))
    assert table["given"].to_list() == expected.given.tolist()
    assert table["suggested"].to_list() == expected.suggested.tolist()
    for name in ("score", "log_odds", "flag"):
        np.testing.assert_array_equal(table[name].to_numpy(), getattr(expected, name), err_msg=name)
    for name in ("noise_rate", "noise_matrix"):
        for end in ("value", "low", "high"):
            np.testing.assert_array_equal(getattr(getattr(found, name), end), getattr(getattr(expected, name), end))
    assert (found.kind, found.kind_sure) == (expected.kind, expected.kind_sure)
    assert found.n_flagged == expected.flag.sum()
    np.testing.assert_array_equal(found.joint, expected.judged.joint)
    worst = found.worst(25)
    assert worst["row"].to_list() == expected.ranked[:25].tolist()


@pytest.mark.parametrize("form", FORMS)
def test_a_stream_gives_the_bits_of_arrays(form: str, tmp_path: Path) -> None:
    probs, labels = write_all(tmp_path)[form]
    ids = None if form == "npy" else "id"
    names = NAMES if form in ("npy", "lists", "arrays", "jsonl") else None
    found = dechaff.labels.stream_label_errors(labels, probs, out=tmp_path / "out", ids=ids, class_names=names)
    same_as_in_memory(found, *rows())
    if ids:
        assert found.table([3, 1])["id"].to_list() == ["r3", "r1"]
    assert not (tmp_path / "out" / ".passes").exists()


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(("rows_a_group", "part_bytes"), [(1, 0), (64, 0), (64, 4000), (1, 2**23), (1000, 0)])
def test_neither_parts_nor_chunks_nor_threads_move_a_bit(
    rows_a_group: int, part_bytes: int, threads: int, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("dechaff.data.formats.parquet._NUMBERS_BYTES", part_bytes)
    monkeypatch.setattr("dechaff.core.parts.CHUNK_BYTES", 50 * rows_a_group)
    monkeypatch.setattr("dechaff.data.formats.arrow_parquet.FRAME_ROWS", 37)
    n = 200 if rows_a_group > 1 or part_bytes else 80  # a part for each row
    frame(np.float32)[:n].write_parquet(tmp_path / "a.parquet", row_group_size=rows_a_group)
    found = dechaff.labels.stream_label_errors(
        "y", tmp_path / "a.parquet", out=tmp_path / "out", ids="id", threads=threads
    )
    labels, probs = rows(np.float32)
    same_as_in_memory(found, labels[:n], probs[:n])


@pytest.mark.parametrize("k", [2, 40])
def test_samples_of_many_rows_are_those_of_arrays(k: int, tmp_path: Path, monkeypatch) -> None:
    for name, number in (("CALIBRATION_NUMBERS", 900), ("NOISE_ROWS", 300), ("NOISE_ROWS_A_CLASS", 5)):
        monkeypatch.setattr(f"dechaff.methods.label_errors.noise_sample.{name}", number)
    random = np.random.default_rng(1)
    true = random.integers(0, k, 2000)
    labels = np.where(random.random(2000) < 0.2, random.integers(0, k, 2000), true)
    probs = np.exp(3 * np.eye(k)[true] + random.normal(size=(2000, k)))
    probs /= probs.sum(axis=1, keepdims=True)
    np.save(tmp_path / "probs.npy", probs)
    np.save(tmp_path / "labels.npy", labels)
    found = dechaff.labels.stream_label_errors(None, tmp_path / "probs.npy", out=tmp_path / "out")
    assert found.class_names == list(range(k))
    same_as_in_memory(found, labels, probs, np.arange(k))


def test_a_finished_folder_answers_without_a_look_at_the_rows(tmp_path: Path, monkeypatch) -> None:
    probs, labels = write_all(tmp_path)["wide"]
    first = dechaff.labels.stream_label_errors(labels, probs, out=tmp_path / "out", ids="id")
    monkeypatch.setattr(streamed_labels.LabelErrorPasses, "run", None)
    again = dechaff.labels.stream_label_errors(labels, probs, out=tmp_path / "out", ids="id")
    assert again.summary == first.summary
    assert dechaff.labels.LabelScores.open(tmp_path / "out").noise_rate == first.noise_rate
    assert "of 700 labels flagged" in repr(again)
    assert len(again) == N
    assert again.counts.sum() == N


def test_other_files_or_options_are_refused(tmp_path: Path) -> None:
    probs, labels = write_all(tmp_path)["wide"]
    dechaff.labels.stream_label_errors(labels, probs, out=tmp_path / "out", ids="id")
    with pytest.raises(SourceChangedError, match="other class_names"):
        dechaff.labels.stream_label_errors(labels, probs, out=tmp_path / "out", ids="id", class_names=NAMES)
    frame()[::-1].write_parquet(probs)
    with pytest.raises(SourceChangedError, match="begun with other files"):
        dechaff.labels.stream_label_errors(labels, probs, out=tmp_path / "out", ids="id")


def test_a_folder_that_was_hardly_begun_is_begun(tmp_path: Path) -> None:
    probs, labels = write_all(tmp_path)["wide"]
    (tmp_path / "out" / ".passes").mkdir(parents=True)
    assert len(dechaff.labels.stream_label_errors(labels, probs, out=tmp_path / "out", ids="id")) == N


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    probs, labels = write_all(tmp_path)["wide"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    for out in (tmp_path / "mine", tmp_path / "mine" / "letter.txt"):
        with pytest.raises(RunError, match=r"which is not dechaff.s|is a file"):
            dechaff.labels.stream_label_errors(labels, probs, out=out, ids="id")
    with pytest.raises(RunError, match="which holds the data"):
        dechaff.labels.stream_label_errors(labels, probs, out=tmp_path, ids="id")
    with pytest.raises(RunError, match=r"has no summary.json"):
        dechaff.labels.LabelScores.open(tmp_path / "mine")


@pytest.mark.parametrize("rows_wanted", [["a"], [-1], [N], [[1]]])
def test_rows_that_are_none_are_refused(rows_wanted, tmp_path: Path) -> None:
    probs, labels = write_all(tmp_path)["wide"]
    found = dechaff.labels.stream_label_errors(labels, probs, out=tmp_path / "out", ids="id")
    with pytest.raises(InputError, match="rows must be"):
        found.table(rows_wanted)
    with pytest.raises(InputError, match="n must be a whole number"):
        found.worst(-1)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("rows-*"))}


@pytest.mark.parametrize("writes", [0, 1, 3, 7, 9, 12, 18])
def test_a_disk_that_fills_up_is_an_error_and_the_work_goes_on_later(writes: int, tmp_path: Path, monkeypatch) -> None:
    probs, labels = write_all(tmp_path)["wide"]
    whole = dechaff.labels.stream_label_errors(labels, probs, out=tmp_path / "whole", ids="id", threads=1)
    left = [writes]
    plain = writing.os.replace

    def full(old: str, new: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        plain(old, new)

    with monkeypatch.context() as patched:
        patched.setattr(writing.os, "replace", full)
        with pytest.raises(RunError, match="the disk is full"):
            dechaff.labels.stream_label_errors(labels, probs, out=tmp_path / "out", ids="id", threads=1)
    assert not (tmp_path / "out" / "summary.json").exists()
    assert (tmp_path / "out").exists() == (writes > 2)  # the first pass is finished
    assert not list((tmp_path / "out").rglob("*.tmp"))
    for name, data in contents(tmp_path / "out").items():
        assert data == contents(tmp_path / "whole")[name]
    again = dechaff.labels.stream_label_errors(labels, probs, out=tmp_path / "out", ids="id", threads=2)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert again.noise_rate == whole.noise_rate


def test_passes_that_are_finished_are_not_made_again(tmp_path: Path, monkeypatch) -> None:
    probs, labels = write_all(tmp_path)["wide"]
    with monkeypatch.context() as patched:
        patched.setattr(frame_files.ScratchSink, "write", None)
        with pytest.raises(TypeError):
            dechaff.labels.stream_label_errors(labels, probs, out=tmp_path / "out", ids="id")
    steps: list[str] = []
    dechaff.labels.stream_label_errors(
        labels, probs, out=tmp_path / "out", ids="id", progress=lambda step, done, total: steps.append(step)
    )
    assert list(dict.fromkeys(steps)) == ["Scoring the rows", "Writing the scores"]


KILLED = """
import os, signal, sys
import dechaff
from dechaff.data.formats import parquet
from dechaff.data.streams import frame_files

parquet._NUMBERS_BYTES = 0
left = int(sys.argv[3])
plain = os.replace

def replaced(old, new):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    plain(old, new)

os.replace = replaced
dechaff.labels.stream_label_errors("y", sys.argv[1], out=sys.argv[2], ids="id", threads=2)
"""


@pytest.mark.slow
@pytest.mark.parametrize("writes", [2, 6, 14])
def test_a_killed_process_leaves_nothing_half_written(writes: int, tmp_path: Path) -> None:
    probs, labels = write_all(tmp_path)["wide"]
    dechaff.labels.stream_label_errors(labels, probs, out=tmp_path / "whole", ids="id")
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(probs), str(tmp_path / "out"), str(writes)],
        env={**os.environ},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    dechaff.labels.stream_label_errors(labels, probs, out=tmp_path / "out", ids="id")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        path.name for path in (tmp_path / "whole").iterdir()
    )
    assert sum(json.loads((tmp_path / "out" / "summary.json").read_text())["counts"]) == N


def test_ids_that_are_numbers_stay_numbers(tmp_path: Path) -> None:
    frame().with_columns(id=pl.int_range(pl.len()) * 10).write_parquet(tmp_path / "a.parquet")
    found = dechaff.labels.stream_label_errors("y", tmp_path / "a.parquet", out=tmp_path / "out", ids="id")
    assert found.table([7])["id"].to_list() == [70]


@pytest.mark.parametrize("stream", [dechaff.labels.stream_label_errors, dechaff.labels.stream_confident_learning])
def test_files_that_are_mended_are_read_anew_after_finished_passes(stream, tmp_path: Path, monkeypatch) -> None:
    probs, labels = write_all(tmp_path)["lists"]
    ask = {"class_names": NAMES, "out": tmp_path / "out"}

    def damaged(step: str, done: int, total: int) -> None:
        if step in ("Scoring the rows", "Counting the joint"):
            raise DataError("the file", "be whole", "one that is damaged", "Fetch it again.")

    some = pl.read_parquet(probs).drop("id")
    some.write_parquet(probs)
    with pytest.raises(DataError, match="one that is damaged"):
        stream(labels, probs, **ask, progress=damaged)
    assert (tmp_path / "out" / ".passes").exists()
    some[:600].write_parquet(probs)
    with monkeypatch.context() as patched:
        patched.setattr("dechaff.recipe.passes.pass_folder.PassFolder.finish", None)
        with pytest.raises(TypeError):
            stream(labels, probs, **ask)
    assert contents(tmp_path / "out")
    some[::-1].write_parquet(probs)
    found = stream(labels, probs, **ask)
    again = stream(labels, probs, **{**ask, "out": tmp_path / "again"})
    assert contents(tmp_path / "out") == contents(tmp_path / "again")
    assert found.joint.tolist() == again.joint.tolist()
    with pytest.raises(SourceChangedError, match="begun with other class_names"):
        stream(labels, probs, **{**ask, "class_names": NAMES[::-1]})


@pytest.mark.parametrize("stream", [dechaff.labels.stream_label_errors, dechaff.labels.stream_confident_learning])
def test_a_record_that_cannot_be_read_can_be_mended(stream, tmp_path: Path) -> None:
    lines = ["y,a,b", *["a,0.75,0.25", "b,0.25,0.75"] * 50_000]  # types are told from the first megabyte
    source = tmp_path / "rows.csv"
    source.write_text("\n".join([*lines, "a,0.5,oops"]) + "\n")
    with pytest.raises(DataError):
        stream("y", source, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    source.write_text("\n".join([*lines, "a,0.5,0.5"]) + "\n")
    assert len(stream("y", source, out=tmp_path / "out")) == 100_001


@pytest.mark.parametrize("stream", [dechaff.labels.stream_label_errors, dechaff.labels.stream_confident_learning])
@pytest.mark.parametrize(
    ("steps", "stays"),
    [
        (("Finding the classes", "Finding the classes"), False),
        (("Reading the noise", "Reading the thresholds"), False),
        (("Scoring the rows", "Counting the joint"), True),
    ],
)
def test_ctrl_c_leaves_a_folder_only_where_a_pass_is_finished(
    stream, steps: tuple[str, str], stays: bool, tmp_path: Path
) -> None:
    write_all(tmp_path)
    source, said = tmp_path / "many", list[str]()
    for path in source.glob("*"):
        pl.read_parquet(path).drop("id").write_parquet(path)

    def stopped(step: str, done: int, total: int) -> None:
        said.append(step)
        if step in steps and done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stream("y", source, out=tmp_path / "out", progress=stopped)
    assert (tmp_path / "out").exists() == stays
    assert said[-1].startswith("stopped; the same call resumes") == stays


def test_probabilities_of_training_rows_are_pointed_out(tmp_path: Path) -> None:
    labels = np.arange(200) % 2
    sure = 0.98 * labels + 0.01
    pl.DataFrame({"0": 1 - sure, "1": sure, "label": labels}).write_parquet(tmp_path / "probs.parquet")
    found = dechaff.labels.stream_label_errors("label", tmp_path / "probs.parquet", out=tmp_path / "out")
    expected = dechaff.find_label_errors(labels, np.column_stack([1 - sure, sure]))
    assert found.why == expected.why[-1:]
    assert "trained on these rows" in found.why[0]
    assert "doubtful, see .why" in repr(found)
    assert dechaff.labels.LabelScores.open(tmp_path / "out").why == found.why


def test_probabilities_that_can_be_trusted_come_without_a_warning(tmp_path: Path) -> None:
    probs, labels = write_all(tmp_path)["wide"]
    assert dechaff.labels.stream_label_errors(labels, probs, out=tmp_path / "out", ids="id").why == ()
