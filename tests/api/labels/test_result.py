"""The family: every kind of label has the same scores, tables and reviews."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import dechaff
from dechaff.errors import InputError

N, NAMES = 300, ["ant", "bee", "cow"]
RANDOM = np.random.default_rng(0)
TRUE = RANDOM.integers(0, 3, N)
GIVEN = np.where(RANDOM.random(N) < 0.15, (TRUE + 1) % 3, TRUE)
_LOGITS = RANDOM.normal(size=(N, 3)) + 4 * np.eye(3)[TRUE]
PROBS = np.exp(_LOGITS) / np.exp(_LOGITS).sum(axis=1, keepdims=True)
IDS = [f"r{row}" for row in range(N)]
TARGETS = np.linspace(0, 10, N) + RANDOM.normal(size=N) * 0.1


def single(**options: Any) -> Any:
    return dechaff.find_label_errors(np.array(NAMES)[GIVEN], PROBS, class_names=NAMES, **options)


def multi(**options: Any) -> Any:
    cells = np.eye(3, dtype=int)[GIVEN]
    return dechaff.find_multilabel_errors(cells, 0.1 + 0.8 * np.eye(3)[TRUE], class_names=NAMES, **options)


def soft(**options: Any) -> Any:
    return dechaff.find_soft_label_errors(0.1 + 0.7 * np.eye(3)[GIVEN], PROBS, class_names=NAMES, **options)


def target(**options: Any) -> Any:
    targets = TARGETS.copy()
    targets[:9], targets[9] = targets[:9] + 20, np.nan
    return dechaff.find_target_errors(targets, TARGETS, **options)


def token(**options: Any) -> Any:
    cut = [part.tolist() for part in np.split(np.array(NAMES)[GIVEN], 3)]
    ids = options.pop("ids", None)
    return dechaff.find_token_errors(
        cut, np.split(PROBS, 3), class_names=NAMES, ids=None if ids is None else ids[:3], **options
    )


KINDS: list[Callable[..., Any]] = [single, multi, soft, target, token]


def true_label(found: Any, name: Any) -> Any:
    """What a reviewer says of an item: always another label than the given one."""
    row = found.table([name])
    given = row["given"].to_list()[0]
    if isinstance(found, dechaff.labels.MultilabelErrors):
        return 1 - given
    return given + 100.0 if isinstance(found, dechaff.labels.TargetErrors) else NAMES[(NAMES.index(given) + 1) % 3]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_scores_a_rate_tables_and_shows_itself(kind: Callable[..., Any]) -> None:
    found = kind()
    assert np.asarray(found.score).shape == np.asarray(found.flag).shape == np.asarray(found.suggested).shape
    rate = found.noise_rate
    assert (np.asarray(rate.low) <= rate.value).all()
    assert (np.asarray(rate.value) <= rate.high).all()
    assert found.n_errors.low <= found.n_errors.value <= found.n_errors.high
    table = found.table()
    assert len(table) == len(found) == np.asarray(found.score).size
    assert {"given", "suggested", "score", "flag"} <= set(table.columns)
    assert int(table["flag"].sum()) == found.n_flagged > 0
    worst = found.worst(5)
    assert (np.diff(worst["score"].to_numpy()) <= 0).all()
    assert worst["score"][0] == table["score"].max()
    assert found._repr_html_().count("<tr>") == 11
    assert type(found).__name__ in repr(found)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_learns_from_reviews(kind: Callable[..., Any]) -> None:
    found = kind()
    asked = found.next_to_review(12).tolist()
    reviews = {name: true_label(found, name) for name in asked}
    updated = found.update(reviews)
    table = updated.table(asked)
    assert table["score"].to_list() == [1.0] * 12
    assert table["flag"].to_list() == [True] * 12
    assert table["suggested"].to_list() == list(reviews.values())
    assert not set(asked) & set(updated.next_to_review(20).tolist())
    assert "12 reviewed" in repr(updated)
    assert updated.noise_rate.value is not found.noise_rate.value
    assert updated.reviewed_noise_rate().low > 0
    assert 0 <= updated.expected_precision().low <= updated.expected_precision().high <= 1
    assert updated.review_budget([10]).rows.tolist() == [10]
    assert isinstance(bool(updated.should_stop()), bool)
    again = pickle.loads(pickle.dumps(updated))
    assert np.array_equal(np.asarray(again.score), np.asarray(updated.score))
    right = dict(zip(asked, found.table(asked)["given"].to_list(), strict=True))
    assert found.update(right).table(asked)["score"].to_list() == [0.0] * 12


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_takes_ids_and_reviews_by_them(kind: Callable[..., Any]) -> None:
    found = kind(ids=IDS)
    first = found.next_to_review(1)[0]
    assert (first[0] if isinstance(first, tuple) else first) in IDS
    assert found.update({first: true_label(found, first)}).table([first])["flag"].to_list() == [True]
    with pytest.raises(InputError, match="found 'nobody'"):
        found.update({("nobody", 0) if isinstance(first, tuple) else "nobody": 1})
    with pytest.raises(InputError, match="ids, 1 of them distinct"):
        kind(ids=["a"] * N)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_reads_a_sheet_of_reviews(kind: Callable[..., Any], tmp_path: Path) -> None:
    found = kind()
    asked = found.next_to_review(6)
    table = found.table(asked)
    labels = [true_label(found, name) for name in asked.tolist()]
    labels[-1] = None
    keys = list(found.names.keys)
    table.select(keys).with_columns(label=pl.Series(labels, strict=False)).write_csv(tmp_path / "sheet.csv")
    updated = found.update(tmp_path / "sheet.csv")
    assert len(updated.reviews) == 5
    assert updated.table(asked[:5])["suggested"].to_list() == labels[:5]


@pytest.mark.parametrize("kind", [single, soft, target])
def test_none_says_that_a_label_is_wrong_and_the_right_one_unknown(kind: Callable[..., Any]) -> None:
    found = kind()
    before = found.table([3])["suggested"].to_list()
    updated = found.update({3: None})
    assert updated.table([3])["score"].to_list() == [1.0]
    assert updated.table([3])["suggested"].to_list() == before


@pytest.mark.parametrize("kind", [multi, token])
def test_items_of_a_row_go_by_pairs(kind: Callable[..., Any]) -> None:
    found = kind()
    for bad in ([5], ["0"], [(0, 1, 2)]):
        with pytest.raises(InputError, match="be pairs"):
            found.table(bad)
    with pytest.raises(InputError, match="of a review must be one of the"):
        found.table([(0, "yak")])


def test_a_seed_decides_what_is_drawn_for_review() -> None:
    for kind in KINDS:
        assert kind(seed=1).next_to_review(20).tolist() != kind().next_to_review(20).tolist()
        with pytest.raises(InputError, match="seed must be a whole number"):
            kind(seed=-1)


def test_a_row_without_a_target_is_never_drawn_for_review() -> None:
    found = target()
    assert 9 not in found.next_to_review(N)
    assert len(found.next_to_review(N)) == N - 1
    with pytest.raises(InputError, match="a reviewed target must be a number"):
        found.update({0: "low"})


def test_pandas_names_rows_and_cells_in_every_kind() -> None:
    frame = pd.DataFrame(0.1 + 0.8 * np.eye(3)[TRUE], columns=NAMES, index=pd.Index(IDS, name="plant"))
    given = pd.DataFrame(np.eye(3, dtype=int)[GIVEN], columns=NAMES, index=frame.index)
    cells = dechaff.find_multilabel_errors(given, frame)
    assert list(cells.worst(1).columns[:2]) == ["plant", "class"]
    soft = dechaff.find_soft_label_errors(frame.div(frame.sum(axis=1), axis=0), frame.div(frame.sum(axis=1), axis=0))
    assert soft.worst(2).index.name == "plant"


def test_files_of_scores_are_one_of_the_family(tmp_path: Path) -> None:
    frame = pl.DataFrame({"y": np.array(NAMES)[GIVEN], **dict(zip(NAMES, PROBS.T, strict=True))})
    frame.write_parquet(tmp_path / "probs.parquet")
    found = dechaff.labels.stream_label_errors("y", tmp_path / "probs.parquet", out=tmp_path / "scores")
    same = single()
    assert (found.score == same.score).all()
    assert (found.flag == same.flag).all()
    assert found.suggested.tolist() == same.suggested.tolist()
    assert found.next_to_review(30).tolist() == same.next_to_review(30).tolist()
    rows = found.next_to_review(30)
    reviews = {int(row): NAMES[TRUE[row]] for row in rows}
    assert found.review_budget([10, 20]).errors.tolist() == same.review_budget([10, 20]).errors.tolist()
    updated = dechaff.labels.LabelScores.open(tmp_path / "scores").update(reviews)
    assert updated.table(rows)["score"].to_list() == (TRUE != GIVEN)[rows].astype(float).tolist()
    assert not set(rows.tolist()) & set(updated.worst(N)["row"].to_list())
    assert updated.noise_rate.low <= (TRUE != GIVEN).mean() <= updated.noise_rate.high
    assert updated._repr_html_().count("<tr>") == 11


@pytest.mark.parametrize("kind", KINDS)
def test_the_number_of_threads_decides_nothing(kind: Callable[..., Any]) -> None:
    found = kind()
    for threads in (1, 3):
        assert np.array_equal(np.asarray(kind(threads=threads).log_odds), np.asarray(found.log_odds))
    with pytest.raises(InputError, match="threads must be a whole number, 1 or more; found 0"):
        kind(threads=0)
