"""Confident learning in files: the same bits as the functions for arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import dechaff
from dechaff.errors import InputError, RunError
from dechaff.methods.label_errors import margin_thresholds
from dechaff.methods.label_errors.confident_joint import calibrated_joint
from dechaff.methods.label_errors.label_scores import self_doubt
from dechaff.methods.label_errors.pruning import confident_counts, prune_by_noise_rate
from dechaff.recipe.passes import streamed_pruning
from tests.data.streams.made import FORMS, NAMES, N, frame, rows, write_all

pytestmark = pytest.mark.usefixtures("small_parts")


def same_as_in_memory(found: dechaff.labels.ConfidentScores, labels: np.ndarray, probs: np.ndarray) -> None:
    counted = confident_counts(labels, probs)
    joint = calibrated_joint(counted.joint, counted.class_counts)
    table = found.table()
    np.testing.assert_array_equal(found.joint, joint)
    np.testing.assert_array_equal(found.counts, counted.class_counts)
    np.testing.assert_array_equal(found.thresholds, counted.thresholds)
    np.testing.assert_array_equal(table["score"].to_numpy(), self_doubt(labels, probs))
    np.testing.assert_array_equal(table["flag"].to_numpy(), prune_by_noise_rate(labels, probs, joint=joint))
    assert found.n_flagged == table["flag"].sum()


@pytest.mark.parametrize("form", FORMS)
def test_a_stream_gives_the_bits_of_arrays(form: str, tmp_path: Path) -> None:
    probs, labels = write_all(tmp_path)[form]
    found = dechaff.labels.stream_confident_learning(labels, probs, out=tmp_path / "out", class_names=NAMES)
    same_as_in_memory(found, *rows())
    assert "of 700 labels flagged" in repr(found)
    assert dechaff.labels.ConfidentScores.open(tmp_path / "out").summary == found.summary


def save(folder: Path, labels: np.ndarray, probs: np.ndarray) -> Path:
    np.save(folder / "probs.npy", probs)
    np.save(folder / "labels.npy", labels)
    return folder / "probs.npy"


def random_rows(seed: int, n: int, k: int, dtype: type, *, ties: bool) -> tuple[np.ndarray, np.ndarray]:
    """Rows of skewed classes, of a model that is often wrong, some of them twice over."""
    random = np.random.default_rng(seed)
    true = random.choice(k, n, p=random.dirichlet(np.full(k, 0.5)))
    labels = np.where(random.random(n) < 0.5, random.integers(0, k, n), true)
    labels[:k] = np.arange(k)
    probs = np.exp(1.5 * np.eye(k)[true] + random.normal(size=(n, k)))
    probs /= probs.sum(axis=1, keepdims=True)
    if ties:
        probs = random.multinomial(8, probs) / 8
    return labels, probs.astype(dtype)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("seed", range(6))
def test_hard_rows_are_pruned_as_in_memory(seed: int, dtype, ties: bool, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("dechaff.data.formats.npy.PART_ROWS", 90)
    monkeypatch.setattr("dechaff.core.parts.PIECE_BYTES", 2000)
    monkeypatch.setattr("dechaff.core.parts.CHUNK_BYTES", 700)
    monkeypatch.setattr(margin_thresholds, "_RANKED", 3)
    labels, probs = random_rows(seed, 500, 3 + seed, dtype, ties=ties)
    found = dechaff.labels.stream_confident_learning(
        None, save(tmp_path, labels, probs), out=tmp_path / "out", threads=2
    )
    same_as_in_memory(found, labels, probs)


def test_pairs_that_want_more_rows_than_lead_are_ranked_over_the_whole_class(tmp_path: Path, monkeypatch) -> None:
    seen = []
    plain = streamed_pruning.short_pairs

    def noted(*given):
        short = plain(*given)
        seen.append(short.any())
        return short

    monkeypatch.setattr(streamed_pruning, "short_pairs", noted)
    for seed in range(4):
        folder = tmp_path / str(seed)
        folder.mkdir()
        labels, probs = random_rows(seed, 300, 6, np.float64, ties=True)
        found = dechaff.labels.stream_confident_learning(None, save(folder, labels, probs), out=folder / "out")
        same_as_in_memory(found, labels, probs)
    assert any(seen)


def steps_of(folder: Path, labels: np.ndarray, probs: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The passes over parts of 20 rows, of which a few are looked at first; their results are those in memory."""
    monkeypatch.setattr("dechaff.data.formats.npy.PART_ROWS", 20)
    steps: list[str] = []
    found = dechaff.labels.stream_confident_learning(
        None,
        save(folder, labels, probs),
        out=folder / "out",
        progress=lambda step, done, total: steps.append(step),
    )
    same_as_in_memory(found, labels, probs)
    return set(steps)


LOOK, ALL, ONCE, AGAIN = (
    "Looking at some rows",
    "Reading the thresholds",
    "Counting the joint",
    "Counting the joint again",
)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("seed", range(3))
def test_a_look_at_some_rows_saves_a_pass(seed: int, dtype, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(streamed_pruning, "_MOST_UNSETTLED", 1.0)
    steps = steps_of(tmp_path, *random_rows(seed, 3000, 3, dtype, ties=seed == 0), monkeypatch)
    assert LOOK in steps
    assert ONCE in steps
    assert not steps & {ALL, AGAIN}


def test_where_few_rows_tell_too_little_the_thresholds_are_read_first(tmp_path: Path, monkeypatch) -> None:
    assert {LOOK, ALL, ONCE} <= steps_of(tmp_path, *random_rows(0, 400, 12, np.float64, ties=False), monkeypatch)


@pytest.mark.slow
def test_where_the_rows_looked_at_are_of_another_kind_the_joint_is_counted_again(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(streamed_pruning, "_MOST_UNSETTLED", 1.0)
    labels, probs = random_rows(0, 4000, 4, np.float64, ties=False)
    sample_fit_of = np.arange(4000) // 20 % 16 == 8
    probs[sample_fit_of] = 0.999 * np.eye(4)[labels[sample_fit_of]] + 0.00025
    steps = steps_of(tmp_path, labels, probs, monkeypatch)
    assert {LOOK, ONCE, AGAIN} <= steps
    assert ALL not in steps


def test_leads_that_some_rows_make_look_unwanted_are_found_all_the_same(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(streamed_pruning, "_MOST_UNSETTLED", 1.0)
    monkeypatch.setattr(streamed_pruning, "likely_margins", lambda leads, wanted: np.full(wanted.shape, 0.7))
    steps_of(tmp_path, *random_rows(1, 3000, 3, np.float32, ties=True), monkeypatch)


def test_a_killed_pass_is_taken_up_again(tmp_path: Path, monkeypatch) -> None:
    source = save(tmp_path, *rows())
    whole = dechaff.labels.stream_confident_learning(None, source, out=tmp_path / "whole")
    for step in ("_counted", "_flagged"):
        with monkeypatch.context() as patched:
            patched.setattr(streamed_pruning.PrunePasses, step, None)
            with pytest.raises(TypeError):
                dechaff.labels.stream_confident_learning(None, source, out=tmp_path / "out")
    steps: list[str] = []
    again = dechaff.labels.stream_confident_learning(
        None, source, out=tmp_path / "out", progress=lambda step, done, total: steps.append(step)
    )
    assert set(steps) == {"Setting the flags"}
    assert again.table().equals(whole.table())


def test_what_is_no_distribution_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    labels, probs = rows()
    probs[412, 1] = np.nan
    with pytest.raises(InputError, match=r"in row 412 \(.*probs.npy\)"):
        dechaff.labels.stream_confident_learning(None, save(tmp_path, labels, probs), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_results_of_another_function_are_told_apart(tmp_path: Path) -> None:
    source = save(tmp_path, *rows())
    dechaff.labels.stream_confident_learning(None, source, out=tmp_path / "out")
    with pytest.raises(RunError, match="contains ConfidentScores, not LabelScores"):
        dechaff.labels.LabelScores.open(tmp_path / "out")
    with pytest.raises(RunError, match="other results"):
        dechaff.labels.stream_label_errors(None, source, out=tmp_path / "out")
    assert len(dechaff.labels.ConfidentScores.open(tmp_path / "out")) == N


@pytest.mark.parametrize(
    ("labels", "source", "words"),
    [
        ("y", "wide.parquet", "the column of labels (labels=), and the columns of the classes (class_names=)"),
        ("z", "wide.parquet", "Name the column with labels=."),
        (None, "renamed.parquet", "Name the column that holds them: labels=."),
        (None, "alone/probs.npy", "Name their file, e.g. labels.npy: labels=."),
        ("y", ["probs.npy", "alone/probs.npy"], "Write them as Parquet files to have several."),
    ],
)
def test_errors_speak_of_options_that_the_function_has(labels, source, words: str, tmp_path: Path, monkeypatch) -> None:
    write_all(tmp_path)
    frame().rename({"y": "truth"}).write_parquet(tmp_path / "renamed.parquet")
    (tmp_path / "alone").mkdir()
    save(tmp_path / "alone", *rows())
    (tmp_path / "alone" / "labels.npy").unlink()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as raised:
        dechaff.labels.stream_confident_learning(labels, source, out="out")
    assert words in str(raised.value)
    assert "--" not in str(raised.value)


def test_columns_that_are_no_classes_are_left_out(tmp_path: Path) -> None:
    write_all(tmp_path)
    found = dechaff.labels.stream_confident_learning(
        "y", tmp_path / "wide.parquet", out=tmp_path / "out", class_names=NAMES.tolist()
    )
    same_as_in_memory(found, *rows())
