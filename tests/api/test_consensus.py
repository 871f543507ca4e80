from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import dechaff
from dechaff.api.crowd import Consensus
from dechaff.errors import DataError, InputError, ProbsError
from dechaff.labels import LabelResult
from tests.methods.consensus.crowds import made_crowd

CLASSES = np.array(["bird", "cat", "dog"])


def answers(seed: int = 0, **sizes: int) -> tuple[pl.DataFrame, np.ndarray]:
    """A long table of a made crowd, and the true labels of its items."""
    rows, true, _ = made_crowd(seed, **sizes)
    columns = {
        "item": [f"i{item:04}" for item in rows.items.tolist()],
        "annotator": [f"w{one:02}" for one in rows.annotators.tolist()],
        "label": CLASSES[rows.labels],
    }
    return pl.DataFrame(columns), CLASSES[true]


@pytest.fixture(scope="module")
def found() -> Consensus:
    table, _ = answers()
    items = [f"i{item:04}" for item in range(60)]
    more = [
        pl.DataFrame({"item": items, "annotator": name, "label": labels})
        for name, labels in {
            "same": np.full(60, "cat"),
            "dice": CLASSES[np.random.default_rng(5).integers(3, size=60)],
        }.items()
    ]
    return dechaff.consensus(pl.concat([table, *more]))


def test_labels_are_mostly_right_and_probabilities_allow_for_common_errors() -> None:
    table, true = answers(items=600)
    found = dechaff.consensus(table)
    right = np.asarray(found.label) == true
    assert right.mean() > 0.85
    assert right.mean() - 0.15 < np.asarray(found.probability).mean() < right.mean()
    assert isinstance(found, LabelResult)
    assert found.probs.shape == (600, 3)


def test_the_table_names_items_and_classes_as_the_caller_does(found: Consensus) -> None:
    rows = found.table(["i0003", "i0001"])
    assert rows["item"].to_list() == ["i0003", "i0001"]
    assert set(found.table()["label"]) <= set(CLASSES.tolist())
    worst = found.worst(5)
    assert (worst["score"].to_numpy()[:-1] >= worst["score"].to_numpy()[1:]).all()
    assert worst["why"][0].endswith(" %.")
    assert "need another answer" in repr(found)
    assert found._repr_html_().count("<tr>") == 11


def test_annotators_are_listed_with_what_speaks_against_them(found: Consensus) -> None:
    people = {row["annotator"]: row for row in found.annotators.iter_rows(named=True)}
    assert people["same"]["suspicion"] == "always the same"
    assert people["dice"]["suspicion"] == "at random"
    assert people["same"]["bias_to"] == "cat"
    assert all(row["low"] <= row["quality"] <= row["high"] for row in people.values())
    assert sum(bool(row["suspicion"]) for row in people.values()) == 2
    assert any("always" in words or "Almost all answers are cat" in words for words in found.why)


def test_confusions_are_probabilities_and_pairs_are_sorted(found: Consensus) -> None:
    np.testing.assert_allclose(found.confusion().sum(axis=0), 1)
    np.testing.assert_allclose(found.confusion("same").sum(axis=0), 1)
    pairs = found.confused_classes
    assert len(pairs) == 6
    assert pairs["answers"].is_sorted(descending=True)
    with pytest.raises(InputError, match="names from the annotator"):
        found.confusion("nobody")


def test_unsure_items_are_asked_of_trusted_annotators_who_have_not_answered(found: Consensus) -> None:
    asked = found.ask(20)
    assert len(asked) <= 20
    assert asked["gain"].is_sorted(descending=True)
    assert not set(asked["ask"]) & {"same", "dice"}
    assert (asked["probability"] < 0.8).all()


def test_reviews_settle_labels(found: Consensus) -> None:
    item = found.worst(1)["item"][0]
    after = found.update({item: "bird"})
    row = after.table([item]).row(0, named=True)
    assert row["label"] == "bird"
    assert row["score"] == 0 or row["probability"] == 1 or after.reviews.wrong[0]


def test_times_find_hasty_annotators() -> None:
    table, _ = answers()
    fast = table["annotator"] == "w03"
    found = dechaff.consensus(table.with_columns(pl.when(fast).then(1.0).otherwise(20.0).alias("seconds")))
    people = {row["annotator"]: row for row in found.annotators.iter_rows(named=True)}
    assert people["w03"]["suspicion"] == "too fast"
    assert people["w03"]["pace"] == pytest.approx(0.05, abs=0.01)


def test_frames_come_back_in_the_callers_type() -> None:
    table, _ = answers(items=40)
    assert isinstance(dechaff.consensus(table.to_pandas()).table(), pd.DataFrame)
    assert isinstance(dechaff.consensus(table.to_arrow()).annotators, pa.Table)
    wide = table.to_pandas().pivot(index="item", columns="annotator", values="label")
    found = dechaff.consensus(wide)
    assert found.table().index.equals(wide.index)
    assert isinstance(found.label, pd.Series)
    assert found.label.tolist() == dechaff.consensus(table).table()["label"].to_list()
    assert "<table>" in found._repr_html_()


def test_threads_and_the_order_of_answers_do_not_change_a_bit() -> None:
    table, _ = answers()
    one, two = dechaff.consensus(table, threads=1), dechaff.consensus(table.sample(fraction=1, shuffle=True), threads=2)
    np.testing.assert_array_equal(one.probs, two.probs)


def blurred(true: np.ndarray) -> pl.DataFrame:
    """A model that gives the true class .9."""
    probs = np.where(CLASSES[None] == true[:, None], 0.9, 0.05)
    return pl.DataFrame(
        {"item": [f"i{item:04}" for item in range(len(true))], **dict(zip(CLASSES, probs.T, strict=True))}
    )


def test_probabilities_of_a_model_are_matched_by_item_and_class(tmp_path: Path) -> None:
    table, true = answers(per_item=2)
    model = blurred(true).sample(fraction=1, shuffle=True).select("dog", "item", "bird", "cat")
    model.write_csv(tmp_path / "probs.csv")
    with_frame = dechaff.consensus(table, probs=model)
    assert (np.asarray(with_frame.label) == true).mean() > 0.97
    assert any("model alone predicts" in words for words in with_frame.why)
    assert "from_model" in with_frame.table().columns
    for source in (tmp_path / "probs.csv", blurred(true).drop("item").to_numpy()):
        np.testing.assert_allclose(dechaff.consensus(table, probs=source).probs, with_frame.probs)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda model: model.drop("cat"), ProbsError, "sum to 1|column for each of the 3 classes"),
        (lambda model: model[:-1], DataError, r"have a row for each item of the answers; found no row of i0299 \(1 of"),
        (lambda model: pl.concat([model, model[:1]]), DataError, "name each item once"),
        (lambda model: model.drop("item").to_numpy()[:9], ProbsError, "one row for each of the 300 items; found 9"),
    ],
)
def test_probabilities_that_do_not_fit_are_refused(change: Any, error: type[Exception], message: str) -> None:
    table, true = answers(per_item=2)
    with pytest.raises(error, match=message):
        dechaff.consensus(table, probs=change(blurred(true)))


def test_a_model_learns_from_data_where_answers_are_few() -> None:
    table, true = answers(per_item=2)
    rng = np.random.default_rng(1)
    centre = 2.5 * (CLASSES[None] == true[:, None])
    columns = dict(zip("xyz", (centre + rng.normal(size=centre.shape)).T, strict=True))
    data = pl.DataFrame({"item": [f"i{item:04}" for item in range(300)], **columns})
    alone, helped = dechaff.consensus(table), dechaff.consensus(table, data=data)
    gain = (np.asarray(helped.label) == true).mean() - (np.asarray(alone.label) == true).mean()
    assert gain > 0.05
    assert helped.model_name


def test_options_that_cannot_be_are_refused() -> None:
    table, true = answers(items=40)
    with pytest.raises(InputError, match="sure must be between 0 and 1"):
        dechaff.consensus(table, sure=1.0)
    with pytest.raises(InputError, match="not be passed together"):
        dechaff.consensus(table, probs=blurred(true), data=table)
    with pytest.raises(DataError, match="found shape"):
        dechaff.consensus(np.array([1, 2, 3]))
