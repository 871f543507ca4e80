"""``find_outliers``: rows in, odd ones out, with reasons."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score

import dechaff
from dechaff.errors import InputError
from tests.shared_data import shared

N = 400


def people() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    sex = rng.choice(["f", "m"], N)
    frame = pd.DataFrame(
        {
            "height": (rng.normal(165, 5, N) + 15 * (sex == "m")).round(),
            "weight": np.where(rng.random(N) < 0.2, np.nan, rng.normal(70, 9, N).round(1)),
            "sex": sex,
            "seen": pd.date_range("2020-01-01", periods=N),
        },
        index=[f"p{row}" for row in range(N)],
    )
    frame.loc["p7", "height"] = 1780
    frame.loc["p9", "seen"] = pd.Timestamp("1900-01-01")
    return frame


def test_rows_of_mixed_types_with_missing_cells_are_named_with_the_reason() -> None:
    found = dechaff.find_outliers(people())
    assert set(found.flag[found.flag].index) == {"p7", "p9"}
    table = found.table(["p7", "p9"])
    assert table.index.tolist() == ["p7", "p9"]
    assert table["why"]["p7"].startswith("height is 1,780 where 90 % lie in 15")
    assert table["why"]["p9"].startswith("seen is 1900-01-01 where 90 % lie in 2020-01-2")
    assert found.worst(2).index.tolist() in (["p7", "p9"], ["p9", "p7"])
    assert found.expected_false_alarms == pytest.approx(0.2)
    assert "2 of 400 rows flagged" in repr(found)
    assert "1,780" in found._repr_html_()


def test_the_callers_type_of_frame_comes_back() -> None:
    found = dechaff.find_outliers(pl.from_pandas(people()), ids=[f"p{row}" for row in range(N)])
    assert isinstance(found.table(), pl.DataFrame)
    assert found.table().height == N


def test_the_order_of_rows_changes_nothing() -> None:
    frame = people()
    one, other = dechaff.find_outliers(frame).score, dechaff.find_outliers(frame[::-1]).score
    pd.testing.assert_series_equal(one, other[::-1])


def test_a_digit_among_other_digits_is_odd() -> None:
    digits, kind = load_digits(return_X_y=True)
    rows = np.r_[np.flatnonzero(kind == 1), np.flatnonzero(kind == 7)[:8]]
    found = dechaff.find_outliers(digits[rows])
    assert roc_auc_score(kind[rows] == 7, found.score) > 0.9


def test_embeddings_and_texts_are_compared_as_a_whole() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(500, 48)) + 4
    vectors[5] *= -1
    found = dechaff.find_outliers(vectors)
    assert np.flatnonzero(found.flag).tolist() == [5]
    words = [f"word{number}" for number in range(40)]
    texts = [" ".join(rng.choice(words, 12)) for _ in range(200)]
    texts[3] = " ".join(rng.choice([f"other{number}" for number in range(9)], 12))
    assert dechaff.find_outliers(texts).score.argmax() == 3


def test_a_row_that_is_ordinary_among_all_can_be_odd_for_its_class() -> None:
    rng = np.random.default_rng(0)
    rows = np.r_[rng.normal(size=(300, 2)), rng.normal(size=(300, 2)) + 30]
    labels = np.array(["cat"] * 300 + ["dog"] * 300)
    labels[4] = "dog"
    assert not dechaff.find_outliers(rows).flag[4]
    found = dechaff.find_outliers(rows, labels=labels)
    assert np.flatnonzero(found.flag).tolist() == [4]
    assert found.worst(1)["why"][0].startswith("Odd for its class: f")


def test_probabilities_alone_are_enough_and_add_to_features() -> None:
    rng = np.random.default_rng(0)
    probs = rng.dirichlet([0.05, 0.05, 0.05], size=500)
    probs[11] = 1 / 3
    assert dechaff.find_outliers(probs=probs).score[11] > 0.5
    both = dechaff.find_outliers(rng.normal(size=(500, 2)), probs=probs)
    assert both.score[11] > dechaff.find_outliers(rng.normal(size=(500, 2))).score[11]


def test_reference_rows_make_the_rate_a_promise() -> None:
    rng = np.random.default_rng(0)
    rows, outlier = rng.normal(size=(400, 3)), np.arange(400) < 40
    rows[outlier] += 4
    found = dechaff.find_outliers(rows, reference=rng.normal(size=(3_000, 3)), false_discovery_rate=0.1)
    assert found.calibrated
    assert found.flag[outlier].mean() > 0.9
    assert (found.flag & ~outlier).sum() <= 0.2 * found.n_flagged
    assert "as far as" not in repr(found)


def test_reviews_bring_rows_of_their_kind_first() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(600, 6)).round(2)
    rows[:30, 0] += 7
    rows[30:60, 1] += 7
    found = dechaff.find_outliers(rows)
    taught = found.update({0: True, 1: "yes", 30: False, 31: "no"})
    assert taught.flag[0]
    assert not taught.flag[30]
    assert (taught.score[0], taught.score[30]) == (1, 0)
    wanted, welcome = np.arange(2, 30), np.arange(32, 60)
    assert taught.score[wanted].mean() > found.score[wanted].mean()
    assert taught.score[welcome].mean() < found.score[welcome].mean()
    assert 0 not in taught.worst(5)["row"].to_list()


@pytest.mark.parametrize(
    "rows",
    [
        np.ones((50, 3)),
        np.full((50, 3), np.nan),
        np.ones((1, 3)),
        np.ones((0, 3)),
        np.ones((5, 0)),
        np.array([[2**62 + row] for row in range(60)]),
        {"mixed": [1, "x", None, 2.5] * 20},
    ],
    ids=["constant", "missing", "one row", "no rows", "no columns", "huge integers", "mixed types"],
)
def test_rows_that_are_no_odder_than_others_are_not_flagged(rows) -> None:
    found = dechaff.find_outliers(rows)
    assert found.n_flagged == 0
    assert np.isfinite(found.score).all()
    assert len(found.table()) == len(found)


def test_infinite_numbers_are_furthest() -> None:
    rows = np.random.default_rng(0).normal(size=(100, 2))
    rows[3, 1] = np.inf
    found = dechaff.find_outliers(rows)
    assert np.flatnonzero(found.flag).tolist() == [3]
    assert found.worst(1)["why"][0].startswith("f1 is infinite where")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dechaff.find_outliers(), "must get features or probs; found neither"),
        (lambda: dechaff.find_outliers([[10**30 + row] for row in range(60)]), "or categories that repeat; found f0"),
        (lambda: dechaff.find_outliers("rows.csv"), "features must be rows"),
        (lambda: dechaff.find_outliers(np.ones((5, 2)), probs=np.full((4, 2), 0.5)), "5 rows in features, 4 rows"),
        (lambda: dechaff.find_outliers(np.ones((5, 2)), labels=[1, 2]), "5 rows in features, 2 rows in labels"),
        (lambda: dechaff.find_outliers(np.ones((5, 2)), false_discovery_rate=1), "must be between 0 and 1"),
        (lambda: dechaff.find_outliers(np.ones((5, 2)), reference=np.ones((5, 3))), "have the columns of features"),
        (lambda: dechaff.find_outliers(people()).update({"p7": "maybe"}), "must be True or False; found 'maybe'"),
        (lambda: dechaff.find_outliers(people()).update({"nobody": True}), "found 'nobody'"),
    ],
)
def test_bad_input_is_named(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


def test_a_result_travels_by_pickle() -> None:
    found = dechaff.find_outliers(people())
    again = pickle.loads(pickle.dumps(found))
    pd.testing.assert_frame_equal(again.table(), found.table())


@pytest.mark.shared_data
@pytest.mark.parametrize(("name", "least"), [("38_thyroid", 0.98), ("2_annthyroid", 0.89), ("40_vowels", 0.94)])
def test_outliers_of_real_tables_come_first(name: str, least: float) -> None:
    rows = np.load(shared("outliers") / f"{name}.npz")
    assert roc_auc_score(rows["y"], dechaff.find_outliers(rows["X"]).score) > least
