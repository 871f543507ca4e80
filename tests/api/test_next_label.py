"""`next_to_label` on data of every kind, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

import dechaff
from dechaff.errors import InputError
from dechaff.methods.active.k_centre import k_centre


def halves(n: int = 60, n_pool: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    rows, pool = rng.normal(size=(n, 2)), rng.normal(size=(n_pool, 2))
    return rows, np.where(rows[:, 0] > 0, "right", "left"), pool


def test_uncertain_rows_come_first_and_a_tenth_is_random() -> None:
    rows, labels, pool = halves()
    found = dechaff.next_to_label(pool, labelled=rows, labels=labels, n=30)
    assert len(set(found.rows.tolist())) == 30
    assert found.random.sum() == 3
    assert np.abs(pool[found.rows[~found.random], 0]).mean() < np.abs(pool[:, 0]).mean() / 2
    table = found.table()
    assert table["rank"].to_list() == list(range(1, 31))
    assert set(table["label"]) <= {"left", "right"}
    assert ((table["probability"] >= 0.5) & (table["probability"] <= 1)).all()
    assert "<table>" in found._repr_html_()


def test_without_labels_typical_rows_are_chosen() -> None:
    groups = np.repeat(np.arange(3), (40, 20, 10))
    pool = np.random.default_rng(0).normal(size=(70, 3)) + 30 * np.eye(3)[groups]
    found = dechaff.next_to_label(pool, n=3, random_fraction=0)
    assert set(groups[found.rows].tolist()) == {0, 1, 2}
    assert found.probs is None
    assert "no row has a label yet" in repr(found)


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, lambda table: pl.DataFrame(table).to_arrow(), dict])
def test_frames_of_every_kind_give_the_same_rows(frame: Any) -> None:
    rows, labels, pool = halves()
    labelled = frame({"x": rows[:, 0], "y": rows[:, 1], "side": labels})
    table = frame({"x": pool[:, 0], "y": pool[:, 1]})
    by_frame = dechaff.next_to_label(table, labelled=labelled, labels="side", n=10)
    assert by_frame.rows.tolist() == dechaff.next_to_label(pool, labelled=rows, labels=labels, n=10).rows.tolist()


def test_rows_go_by_the_names_of_the_caller() -> None:
    rows, labels, pool = halves()
    frame = pd.DataFrame(pool, columns=["x", "y"], index=[f"r{row}" for row in range(len(pool))])
    labelled = pd.DataFrame(rows, columns=["x", "y"])
    found = dechaff.next_to_label(frame, labelled=labelled, labels=labels, n=4)
    assert found.table().index.tolist() == [f"r{row}" for row in found.rows.tolist()]
    named = dechaff.next_to_label(pool, ids=[f"r{row}" for row in range(len(pool))], n=4)
    assert named.table()["id"].to_list() == [f"r{row}" for row in named.rows.tolist()]


def test_texts() -> None:
    labelled = ["a fine film", "a bad film", "fine acting", "bad acting"] * 6
    labels = ["good", "bad"] * 12
    pool = ["a fine day", "a bad day", "fine and bad", "bad but fine acting", "a fine bad film"] * 4
    found = dechaff.next_to_label(pool, labelled=labelled, labels=labels, n=6)
    assert len(set(found.rows.tolist())) == 6
    assert found.probs is not None


def test_probabilities_of_your_own_model() -> None:
    digits = load_digits()
    rows, labels, pool = digits.data[:200], digits.target[:200], digits.data[200:]
    probs = LogisticRegression(max_iter=2000).fit(rows / 16, labels).predict_proba(pool / 16)
    found = dechaff.next_to_label(pool, labelled=rows, labels=labels, probs=probs, n=40, random_fraction=0)
    assert found.probs is not None
    margin = np.sort(found.probs, axis=1)[:, -1] - np.sort(found.probs, axis=1)[:, -2]
    everywhere = np.sort(probs, axis=1)[:, -1] - np.sort(probs, axis=1)[:, -2]
    assert margin.mean() < everywhere.mean() / 2


def test_your_own_strategy() -> None:
    rows, labels, pool = halves()
    found = dechaff.next_to_label(pool, labelled=rows, labels=labels, strategy=k_centre, n=10, random_fraction=0)
    radius = np.linalg.norm(pool[found.rows[:5]], axis=1).min()
    assert radius > np.median(np.linalg.norm(pool, axis=1))


def test_labelled_rows_to_label_again() -> None:
    rows, labels, pool = halves(200)
    worst = int(np.abs(rows[:, 0]).argmax())
    labels[worst] = "left" if labels[worst] == "right" else "right"
    found = dechaff.next_to_label(pool, labelled=rows, labels=labels)
    assert found.again(1)["row"].to_list() == [worst]
    with pytest.raises(InputError, match="no row has a label yet"):
        dechaff.next_to_label(pool).again()


def test_rows_that_are_labelled_already_are_left_out() -> None:
    rows, labels, pool = halves()
    both = np.vstack([rows, pool[:5]])
    found = dechaff.next_to_label(both, labelled=rows, labels=labels, n=50)
    assert sorted(found.rows.tolist()) == list(range(60, 65))
    assert "only 5 rows" in repr(found)


def test_of_a_large_pool_a_sample_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dechaff.api.next_label.MOST_ROWS", 100)
    rows, labels, pool = halves()
    found = dechaff.next_to_label(pool, labelled=rows, labels=labels, n=10)
    assert "100 rows that were drawn from the pool of 300" in repr(found)
    assert found.rows.max() >= 100


def test_labels_that_cannot_be_learnt_give_typical_rows() -> None:
    rng = np.random.default_rng(0)
    labels = np.array(["a", "b"] * 40)
    found = dechaff.next_to_label(rng.normal(size=(100, 3)), labelled=rng.normal(size=(80, 3)), labels=labels, n=5)
    assert found.probs is None
    assert "no model predicts held-out labels better" in repr(found)


def test_random_rows_are_an_unbiased_sample() -> None:
    _, _, pool = halves(n_pool=100)
    hits = np.zeros(100)
    for seed in range(60):
        found = dechaff.next_to_label(pool, probs=np.full((100, 2), 0.5), n=20, random_fraction=0.5, seed=seed)
        hits[found.rows[found.random]] += 1
    assert hits.sum() == 600
    assert hits.std() < 1.5 * np.sqrt(60 * 0.1 * 0.9)


def test_bad_input() -> None:
    rows, labels, pool = halves()
    frame = {"x": pool[:, 0], "z": pool[:, 1]}
    with pytest.raises(InputError, match="y"):
        dechaff.next_to_label(frame, labelled={"x": rows[:, 0], "y": rows[:, 1]}, labels=labels)
    with pytest.raises(InputError, match="random_fraction"):
        dechaff.next_to_label(pool, random_fraction=2)
    with pytest.raises(InputError, match="n must"):
        dechaff.next_to_label(pool, n=0)
    with pytest.raises(InputError, match="be passed together"):
        dechaff.next_to_label(pool, labelled=rows)
    with pytest.raises(InputError, match="one row for each of the 300"):
        dechaff.next_to_label(pool, probs=np.full((3, 2), 0.5))
    with pytest.raises(InputError, match="not labelled yet"):
        dechaff.next_to_label(rows, labelled=rows, labels=labels)
