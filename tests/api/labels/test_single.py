from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import average_precision_score
from sklearn.model_selection import cross_val_predict

import dechaff
from dechaff.errors import DataError, InputError, LabelsError, ProbsError

NAMES = np.array(["ant", "bee", "cat"])


def data(n: int = 900, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Given labels of three classes, a fifth of them wrong, probabilities of a fair model, true labels."""
    random = np.random.default_rng(seed)
    true = random.integers(0, 3, n)
    given = np.where(random.random(n) < 0.2, (true + 1) % 3, true)
    noise = 0.8 * np.eye(3) + 0.2 * np.roll(np.eye(3), 1, axis=0)
    logits = random.normal(size=(n, 3)) + 4 * np.eye(3)[true]
    clean = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return given, clean @ noise.T, true


GIVEN, PROBS, TRUE = data()
WRONG = GIVEN != TRUE
FOUND = dechaff.find_label_errors(GIVEN, PROBS)


def same(found: Any) -> bool:
    return bool((np.asarray(found.flag) == FOUND.flag).all() and np.allclose(found.score, FOUND.score, atol=1e-4))


@pytest.mark.parametrize("kind", [list, np.asarray, pd.Series, pl.Series, pa.array, lambda x: pa.chunked_array([x])])
def test_labels_come_in_any_type(kind: Any) -> None:
    assert same(dechaff.find_label_errors(kind(GIVEN), PROBS))
    found = dechaff.find_label_errors(kind(NAMES[GIVEN]), PROBS)
    assert same(found)
    assert (np.asarray(found.suggested) == NAMES[np.asarray(FOUND.suggested)]).all()


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, pa.table])
def test_the_columns_of_a_frame_name_the_classes_in_any_order(frame: Any) -> None:
    columns = {name: PROBS[:, place] for place, name in reversed(list(enumerate(NAMES.tolist())))}
    found = dechaff.find_label_errors(NAMES[GIVEN], frame(columns))
    assert same(found)
    assert list(found.class_names) == ["cat", "bee", "ant"]
    assert type(found.table()).__module__.split(".")[0] == frame.__module__.split(".")[0]
    matrix = np.asarray(FOUND.noise_matrix)[::-1, ::-1]
    assert np.allclose(found.noise_matrix.value, matrix)


def test_a_frame_may_hold_labels_and_ids_beside_the_probabilities() -> None:
    columns = dict(zip(NAMES.tolist(), PROBS.T, strict=True))
    frame = pl.DataFrame({"key": [f"r{row}" for row in range(900)], "y": NAMES[GIVEN], **columns})
    found = dechaff.find_label_errors("y", frame, ids="key")
    assert same(found)
    assert found.worst(1).columns == ["key", "given", "suggested", "score", "flag", "why"]
    assert found.next_to_review(1)[0].startswith("r")


def test_a_pandas_index_is_kept_and_names_the_rows() -> None:
    index = pd.Index([f"row {place}" for place in range(900)], name="patient")
    labels = pd.Series(NAMES[GIVEN], index=index, name="y")
    found = dechaff.find_label_errors(labels, PROBS)
    assert found.flag.index.equals(index)
    assert labels[found.flag].equals(labels[FOUND.flag])
    table = found.table()
    assert list(table.columns) == ["given", "suggested", "score", "flag", "why"]
    assert table.index.equals(index)
    assert table["given"].equals(labels.rename("given"))
    asked = found.next_to_review(5)
    assert (labels.loc[asked] == table.loc[asked, "given"]).all()
    assert found.worst(3).index.name == "patient"


def test_whole_numbers_that_are_not_places_are_names_in_their_order() -> None:
    found = dechaff.find_label_errors(np.array([10, 20, 40])[GIVEN], PROBS)
    assert same(found)
    assert set(found.suggested) == {10, 20, 40}


def test_class_names_are_matched_or_say_what_the_codes_mean() -> None:
    for labels in (GIVEN, NAMES[GIVEN]):
        found = dechaff.find_label_errors(labels, PROBS, class_names=NAMES)
        assert (found.suggested == NAMES[FOUND.suggested]).all()
    turned = dechaff.find_label_errors(NAMES[GIVEN], PROBS[:, ::-1], class_names=NAMES[::-1])
    assert same(turned)


def test_truth_values_are_labels() -> None:
    labels, probs = np.repeat([True, False], 50), np.repeat([[0.1, 0.9], [0.9, 0.1]], 50, axis=0)
    labels[:5] = False
    found = dechaff.find_label_errors(labels, probs)
    assert found.suggested[:5].tolist() == [True] * 5


def test_an_ensemble_is_a_list_of_arrays_or_frames() -> None:
    other = data(seed=0)[1] ** 1.5
    other /= other.sum(axis=1, keepdims=True)
    found = dechaff.find_label_errors(GIVEN, [PROBS, other])
    assert "2 models" in found.why[0]
    frames = [pl.DataFrame(dict(zip(NAMES.tolist(), one.T, strict=True))) for one in (PROBS, other)]
    named = dechaff.find_label_errors(NAMES[GIVEN], [frames[0], frames[1].select("cat", "ant", "bee")])
    assert np.allclose(named.score, found.score)
    row = int(np.flatnonzero(found.flag)[0])
    assert "models" in found.table([row])["why"][0]


def test_a_second_view_and_the_course_of_a_training_are_heard_or_not_and_it_says_so() -> None:
    random = np.random.default_rng(1)
    view = 3 * np.eye(3)[TRUE] + random.normal(size=(900, 3))
    found = dechaff.find_label_errors(GIVEN, PROBS, features=view, stages=np.log([PROBS, PROBS]))
    assert len(found.why) == 2
    assert "econd view" in found.why[0]
    assert "training stages" in found.why[1].lower()


def test_log_probabilities_and_logits_are_the_same_thing() -> None:
    assert same(dechaff.find_label_errors(GIVEN, log_probs=np.log(PROBS)))
    assert same(dechaff.find_label_errors(GIVEN, log_probs=np.log(PROBS) + 5))


def test_log_probabilities_come_in_frames_lists_and_files_too(tmp_path: Path) -> None:
    columns = dict(zip(NAMES.tolist(), np.log(PROBS).T, strict=True))
    moved = pd.DataFrame(columns, index=[f"r{row}" for row in range(900)])[["cat", "ant", "bee"]]
    found = dechaff.find_label_errors(NAMES[GIVEN], log_probs=moved)
    assert same(found)
    assert found.flag.index.equals(moved.index)
    assert same(dechaff.find_label_errors(GIVEN, log_probs=[np.log(PROBS), np.log(PROBS)]))
    pl.DataFrame({**columns, "y": NAMES[GIVEN]}).write_csv(tmp_path / "logs.csv")
    assert same(dechaff.find_label_errors("y", log_probs=tmp_path / "logs.csv"))


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_log_probabilities_down_to_minus_300_rank_apart(kind: type[Any]) -> None:
    labels, logs = np.repeat([0, 1], 300), np.full((600, 2), -320.0)
    logs[:300, 0], logs[300:, 1] = 0.0, 0.0
    labels[:60] = 1
    logs[:60, 1] = np.linspace(-1, -300, 60)  # the given label, less and less probable
    found = dechaff.find_label_errors(labels, log_probs=logs.astype(kind))
    assert (np.diff(found.log_odds[:60]) > 0).all()
    assert found.probs.dtype == np.float64


def test_single_precision_stays_where_it_holds_all() -> None:
    logs = np.log(PROBS).astype(np.float32)
    assert dechaff.find_label_errors(GIVEN, log_probs=logs).probs.dtype == np.float32
    impossible = logs.copy()
    impossible[0] = [0, -np.inf, -np.inf]
    assert dechaff.find_label_errors(GIVEN, log_probs=impossible).probs.dtype == np.float32


@pytest.mark.parametrize("row", [[-np.inf] * 3, [0, np.inf, 0], [0, np.nan, 0]])
def test_a_row_without_log_probabilities_is_named(row: list[float]) -> None:
    logs = np.log(PROBS)
    logs[7] = row
    with pytest.raises(ProbsError, match=r"log_probs must be numbers.* in row 7"):
        dechaff.find_label_errors(GIVEN, log_probs=logs)
    with pytest.raises(ProbsError, match=r"log_probs\[1\].* in row 7"):
        dechaff.find_label_errors(GIVEN, log_probs=[np.log(PROBS), logs])


def test_an_index_that_counts_from_elsewhere_names_the_rows() -> None:
    found = dechaff.find_label_errors(pd.Series(GIVEN, index=pd.RangeIndex(100, 1000)), PROBS)
    asked = found.next_to_review(5)
    assert asked.min() >= 100
    assert (found.table().loc[asked, "given"] == GIVEN[asked - 100]).all()
    learned = found.update({100: int(TRUE[0])})
    assert learned.reviews.rows.tolist() == [0]


def test_frames_show_what_rows_are_called_where_the_index_does_not() -> None:
    twice = pd.Series(GIVEN, index=np.arange(900) // 2)
    table = dechaff.find_label_errors(twice, PROBS).worst(3)
    assert (table.index == table["row"] // 2).all()
    named = dechaff.find_label_errors(twice, PROBS, ids=[f"k{row}" for row in range(900)])
    assert named.worst(1)["id"].iloc[0].startswith("k")


def test_labels_and_probabilities_in_another_order_are_told_apart() -> None:
    index = np.array([f"r{row}" for row in range(900)])
    frame = pd.DataFrame(PROBS, columns=NAMES, index=index)
    labels = pd.Series(NAMES[GIVEN], index=index)
    with pytest.raises(InputError, match="in the same order; found 'r899' and 'r0' in row 0"):
        dechaff.find_label_errors(labels[::-1], frame)
    assert same(dechaff.find_label_errors(labels[::-1].loc[frame.index], frame))


def test_whole_numbers_of_a_column_with_gaps_are_understood(tmp_path: Path) -> None:
    digits = np.array(["0", "1", "2"])
    found = dechaff.find_label_errors(digits[GIVEN], PROBS, class_names=digits.tolist())
    (tmp_path / "sheet.csv").write_text("row,label\n3.0,1.0\n4.0,\n")  # as pandas writes them
    verdicts = found.update(tmp_path / "sheet.csv").reviews
    assert (verdicts.rows.tolist(), verdicts.true.tolist()) == ([3], [1])
    with pytest.raises(InputError, match=r"found \[1\] in place 0"):
        found.update({3: [1]})


def test_numbers_of_rows_are_whole_and_not_below_zero() -> None:
    for ask in (FOUND.next_to_review, FOUND.worst, lambda n: FOUND.review_budget([n])):
        for bad in (-1, 2.5):
            with pytest.raises(InputError, match="be a whole number, 0 or more"):
                ask(bad)
    with pytest.raises(InputError, match="numbers of rows that grow"):
        FOUND.review_budget([200, 100])
    assert FOUND.review_budget(100).rows.tolist() == [100]
    with pytest.raises(InputError, match="seed must be a whole number"):
        dechaff.find_label_errors(GIVEN, PROBS, seed=-1)


def test_arrays_are_looked_at_where_they_are() -> None:
    for probs in (PROBS, PROBS.astype(np.float32)):
        assert dechaff.find_label_errors(GIVEN, probs).probs is probs
    half = dechaff.find_label_errors(GIVEN, PROBS.astype(np.float16))
    assert np.abs(half.score - FOUND.score).max() < 0.2


def test_files_are_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", labels=GIVEN, pred_probs=PROBS)
    assert same(dechaff.find_label_errors(tmp_path / "a.npz"))
    np.savez(tmp_path / "b.npz", labels=GIVEN, probs=PROBS, ids=np.arange(900) + 100, class_names=NAMES)
    found = dechaff.find_label_errors(str(tmp_path / "b.npz"))
    assert same(found)
    assert set(found.suggested) == set(NAMES)
    assert found.next_to_review(3).min() >= 100
    frame = pl.DataFrame({"y": NAMES[GIVEN], **dict(zip(NAMES.tolist(), PROBS.T, strict=True))})
    frame.write_parquet(tmp_path / "c.parquet")
    assert same(dechaff.find_label_errors("y", tmp_path / "c.parquet"))
    assert same(dechaff.find_label_errors(tmp_path / "c.parquet"))  # y is what labels are called, too
    assert same(dechaff.find_label_errors(tmp_path / "c.parquet", [tmp_path / "c.parquet"] * 2))
    frame.reverse().write_parquet(tmp_path / "e.parquet")
    with pytest.raises(ProbsError, match=r"probs\[1\] must have the y of the first, row by row"):
        dechaff.find_label_errors("y", [tmp_path / "c.parquet", tmp_path / "e.parquet"])
    frame.drop("y").write_csv(tmp_path / "d.csv")
    assert same(dechaff.find_label_errors(NAMES[GIVEN], tmp_path / "d.csv"))


@pytest.mark.parametrize(
    ("labels", "probs", "options", "words"),
    [
        (GIVEN, PROBS[:5], {}, "900 rows in labels, 5 rows in probs"),
        (GIVEN + 1, PROBS[:, :2], {}, "3 different labels: 1, 2, 3"),
        (GIVEN, PROBS + 1, {}, "have rows that sum to 1"),
        (NAMES[GIVEN], PROBS, {"class_names": ["ant", "bee"]}, "name each of the 3 columns"),
        (NAMES[GIVEN], PROBS, {"class_names": ["ant", "bee", "dog"]}, "'cat' in row"),
        ([None, *GIVEN[1:]], PROBS, {}, "None in row 0"),
        (GIVEN, None, {}, "neither"),
        (GIVEN, [PROBS, PROBS[:, :2]], {}, r"probs\[1\]"),
        (GIVEN, PROBS, {"ids": np.zeros(900)}, "1 of them distinct"),
        (GIVEN, PROBS, {"ids": [None, *range(899)]}, "ids must name each row; found None in row 0"),
        (GIVEN, PROBS, {"ids": "id"}, "found 'id', and beside the probabilities no other columns"),
        (GIVEN, PROBS, {"log_probs": PROBS}, "both"),
        (None, PROBS, {}, "labels must be a column of labels; found NoneType"),
        (np.ma.masked_equal(GIVEN, 1), PROBS, {}, "labels must be given in every row; found None"),
        (3, PROBS, {}, "labels must be a column of labels; found int"),
        (np.append(GIVEN[1:], 3), PROBS, {}, "found 3 in row 899, and 4 different labels: 0, 1, 2, 3"),
        (GIVEN, [PROBS, PROBS + 1], {}, r"probs\[1\] must have rows that sum to 1"),
    ],
)
def test_what_cannot_be_used_is_told_apart(labels: Any, probs: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        dechaff.find_label_errors(labels, probs, **options)


def test_broken_files_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"PK\x03\x04 no")
    with pytest.raises(DataError, match="the npz file is truncated or damaged"):
        dechaff.find_label_errors(tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", pred_probs=PROBS)
    with pytest.raises(InputError, match="beside the probabilities"):
        dechaff.find_label_errors(tmp_path / "b.npz")
    (tmp_path / "c.csv").write_text("ant,bee\n0.5,x\n")
    with pytest.raises(ProbsError, match="contain the probability of a class"):
        dechaff.find_label_errors(["ant"], tmp_path / "c.csv")
    with pytest.raises(DataError, match="No such file"):
        dechaff.find_label_errors(tmp_path / "none.npz")
    with pytest.raises(LabelsError, match="one column"):
        dechaff.find_label_errors(pd.DataFrame({"a": GIVEN, "b": GIVEN}), PROBS)


def reviews(found: Any, n: int) -> tuple[np.ndarray, np.ndarray]:
    rows = found.next_to_review(n)
    return rows, TRUE[rows]


def test_reviews_are_taken_in_every_shape(tmp_path: Path) -> None:
    rows, labels = reviews(FOUND, 40)
    expected = FOUND.update((rows, labels)).score
    frame = pl.DataFrame({"row": rows, "label": labels})
    frame.write_csv(tmp_path / "reviews.csv")
    shapes = [
        dict(zip(rows.tolist(), labels.tolist(), strict=True)),
        frame,
        frame.to_pandas(),
        pd.Series(labels, index=rows),
        frame.to_arrow(),
        tmp_path / "reviews.csv",
        (rows.tolist(), labels.tolist()),
    ]
    for shape in shapes:
        assert (FOUND.update(shape).score == expected).all()


def test_decisions_of_a_run_are_reviews_too(tmp_path: Path) -> None:
    lines = ["row,action,label,given", "1,keep,,", f"2,relabel,{TRUE[2]},", "3,drop,,", "4,review,,"]
    (tmp_path / "decisions.csv").write_text("\n".join(lines) + "\n")
    learned = FOUND.update(tmp_path / "decisions.csv")
    assert sorted(learned.reviews.rows) == [1, 2]
    assert learned.reviews.true[learned.reviews.rows == 1] == GIVEN[1]


def test_a_read_row_is_certain_and_does_not_come_again() -> None:
    rows, labels = reviews(FOUND, 60)
    learned = FOUND.update((rows, labels))
    assert (learned.score[rows] == WRONG[rows]).all()
    assert (learned.flag[rows] == WRONG[rows]).all()
    wrong = rows[WRONG[rows]]
    assert (learned.suggested[wrong] == TRUE[wrong]).all()
    assert learned.table([wrong[0]])["why"][0] == f"Reviewed: it is {TRUE[wrong[0]]}."
    assert not set(rows) & set(learned.next_to_review(900))
    assert (learned.next_to_review(20) == FOUND.next_to_review(80)[60:]).all()
    assert not set(rows) & set(learned.worst(900)["row"])
    assert "60 reviews" in learned.why[-1]


def test_reviews_in_parts_are_reviews_at_once_and_the_last_word_counts() -> None:
    rows, labels = reviews(FOUND, 50)
    parts = FOUND.update((rows[:20], labels[:20])).update((rows[20:], labels[20:]))
    assert (parts.score == FOUND.update((rows, labels)).score).all()
    first = int(rows[0])
    again = parts.update({first: (GIVEN[first] + 1) % 3})
    assert again.score[first] == 1
    assert again.update({first: GIVEN[first]}).score[first] == 0


def test_none_of_the_classes_is_a_verdict() -> None:
    learned = FOUND.update({3: None, 4: GIVEN[4]})
    assert learned.score[3] == 1
    assert learned.table([3])["why"][0] == "Reviewed: none of the classes."


def test_what_is_no_review_is_told_apart() -> None:
    with pytest.raises(InputError, match="be one of the classes; found 7"):
        FOUND.update({3: 7})
    with pytest.raises(InputError, match="positions from 0 to 899"):
        FOUND.update({900: 1})
    with pytest.raises(InputError, match="one label per row"):
        FOUND.update(([1, 2], [0]))
    with pytest.raises(InputError, match="a dict"):
        FOUND.update(5)
    with pytest.raises(InputError, match="have the columns row and label"):
        FOUND.update(pl.DataFrame({"a": [1], "b": [2]}))
    named = dechaff.find_label_errors(GIVEN, PROBS, ids=[f"r{row}" for row in range(900)])
    with pytest.raises(InputError, match="have names from the id of the data; found 'x1'"):
        named.update({"x1": 0})


def test_reviews_make_the_ranking_of_unread_rows_no_worse() -> None:
    rows, labels = reviews(FOUND, 300)
    rest = np.ones(900, dtype=bool)
    rest[rows] = False
    after = average_precision_score(WRONG[rest], FOUND.update((rows, labels)).score[rest])
    assert after > average_precision_score(WRONG[rest], FOUND.score[rest]) - 0.01


def test_a_few_reviews_do_not_turn_the_flags_over() -> None:
    def f1(found: Any) -> float:
        return float(2 * (found._flag & WRONG).sum() / (found._flag.sum() + WRONG.sum()))

    order = FOUND.next_to_review(10)
    for first in range(10):
        rows = np.roll(order, first)[:2]
        assert f1(FOUND.update((rows, TRUE[rows]))) > f1(FOUND) - 0.02


def test_the_noise_rate_and_the_precision_lie_in_their_intervals() -> None:
    rows, labels = reviews(FOUND, 200)
    precision = FOUND.expected_precision((rows, labels))
    assert precision.low <= WRONG[FOUND.flag].mean() <= precision.high
    assert precision.low <= precision.value <= precision.high
    rate = FOUND.reviewed_noise_rate((rows, labels))
    assert rate.low <= WRONG.mean() <= rate.high
    learned = FOUND.update((rows, labels))
    assert learned.noise_rate.low <= WRONG.mean() <= learned.noise_rate.high
    again = learned.expected_precision()
    assert again.low <= WRONG[learned.flag].mean() <= again.high
    nothing = FOUND.expected_precision()
    assert (nothing.low, nothing.high) == (0.0, 1.0)


def test_the_noise_matrix_comes_nearer_to_the_truth_with_reviews() -> None:
    truth = np.zeros((3, 3))
    np.add.at(truth, (GIVEN, TRUE), 1)
    truth /= truth.sum(axis=0)
    learned = FOUND.update(reviews(FOUND, 400)).noise_matrix
    assert np.allclose(np.sum(learned.value, axis=0), 1)
    assert np.abs(learned.value - truth).sum() < np.abs(np.asarray(FOUND.noise_matrix) - truth).sum() + 0.05
    assert (learned.low <= learned.value).all()


def test_the_budget_says_how_many_errors_the_next_rows_hold() -> None:
    budget = FOUND.review_budget([50, 100, 900])
    hits = [WRONG[FOUND.ranked[:rows]].sum() for rows in (50, 100, 900)]
    assert (budget.low <= hits).all()
    assert (hits <= budget.high).all()
    assert repr(budget).startswith("Reviewing 50 rows finds 50 ± ")
    assert "; the next 50 find " in repr(budget)


def test_four_reviews_that_contradict_the_scores_do_not_stop_the_reading() -> None:
    first = FOUND.ranked[:4]
    kept = FOUND.update((first, GIVEN[first]))
    assert kept.should_stop(batch=100, least=0.2).next_errors.value < 20
    assert not kept.should_stop(batch=100, least=0.2)
    assert "4 of 30 reviews" in repr(kept.should_stop(batch=100, least=0.2))


def test_reading_stops_when_the_next_rows_are_right() -> None:
    assert not FOUND.should_stop(batch=20)
    assert repr(FOUND.should_stop(batch=20)).startswith("Continue: about ")
    worst = FOUND.ranked[:400]
    done = FOUND.update((worst, TRUE[worst]))
    assert done.should_stop(least=0.3)
    everything = FOUND.update((np.arange(900), TRUE))
    assert everything.should_stop()
    assert repr(everything.should_stop()) == "Stop: every row has been reviewed."
    assert everything.noise_rate.value == WRONG.mean()
    assert (everything.flag == WRONG).all()
    with pytest.raises(InputError, match="Pass should_stop"):
        FOUND.should_stop(least=2)


def test_planted_errors_tell_the_recall() -> None:
    recall = FOUND.estimated_recall()
    assert recall.low - 0.05 <= FOUND.flag[WRONG].mean() <= recall.high + 0.05
    assert recall.low <= recall.value <= recall.high
    learned = FOUND.update(reviews(FOUND, 200)).estimated_recall()
    assert 0.5 < learned.value <= 1


def test_it_shows_itself_and_travels_by_pickle() -> None:
    assert repr(FOUND).startswith("<LabelErrors: ")
    assert "of 900 labels flagged; noise rate 0." in repr(FOUND)
    learned = FOUND.update(reviews(FOUND, 30))
    assert "30 reviewed" in repr(learned)
    page = dechaff.find_label_errors(np.array(["<b>", "c", "d"])[GIVEN], PROBS)._repr_html_()
    assert "<b>" not in page
    assert "&lt;b&gt;" in page
    again = pickle.loads(pickle.dumps(learned))
    assert (again.score == learned.score).all()
    assert len(FOUND) == 900


def test_an_estimate_is_formatted_as_its_number() -> None:
    assert f"{FOUND.noise_rate:.2f}" == f"{FOUND.noise_rate.value:.2f}"
    assert f"{FOUND.noise_rate}" == repr(FOUND.noise_rate)


def test_the_seed_decides_what_is_drawn() -> None:
    other = dechaff.find_label_errors(GIVEN, PROBS, seed=1)
    assert (other.score == FOUND.score).all()
    assert (other.next_to_review(20) != FOUND.next_to_review(20)).any()


@pytest.mark.parametrize("rows", [5, "5", 2.5])
def test_one_row_that_is_no_list_is_refused(rows) -> None:
    found = dechaff.find_label_errors([0, 1, 1, 0], [[0.9, 0.1], [0.1, 0.9], [0.2, 0.8], [0.7, 0.3]])
    with pytest.raises(dechaff.InputError, match="rows must be a list of names of rows"):
        found.table(rows)


@pytest.mark.parametrize("labels", [[], np.zeros(0), np.array([], dtype=object), np.array([], dtype=str)])
def test_no_rows_have_no_errors_whatever_type_their_labels_would_have(labels: Any) -> None:
    found = dechaff.find_label_errors(labels, np.zeros((0, 3)))
    assert len(found) == len(found.table()) == 0
    assert repr(found).startswith("<LabelErrors: 0 of 0 labels flagged; noise rate 0 (0 to 1)")
    assert str(found.review_budget()) == str(found.review_budget([0]))


def test_probabilities_of_rows_that_the_model_was_trained_on_are_doubted() -> None:
    rng = np.random.default_rng(0)
    features, true = rng.normal(size=(400, 3)), rng.integers(0, 3, 400)
    features += 2 * np.eye(3)[true]
    labels = np.where(rng.random(400) < 0.1, (true + 1) % 3, true)
    forest = RandomForestClassifier(20, random_state=0)
    seen = dechaff.find_label_errors(labels, forest.fit(features, labels).predict_proba(features))
    assert "trained on these rows" in seen.why[-1]
    assert repr(seen).endswith("; doubtful, see .why>")
    unseen = cross_val_predict(forest, features, labels, method="predict_proba")
    found = dechaff.find_label_errors(labels, unseen)
    assert len(found.why) == 1
    assert "doubtful" not in repr(found)
    rare = np.arange(400) < 2  # always the large class: nothing was seen
    assert len(dechaff.find_label_errors(rare.astype(int), np.tile([0.99, 0.01], (400, 1))).why) == 2


def test_it_says_not_to_trust_a_model_that_knows_nothing() -> None:
    shares = np.bincount(GIVEN, minlength=3) / len(GIVEN)
    others = np.random.default_rng(0).permutation(PROBS)
    for probs in (np.full((900, 3), 1 / 3), np.tile(shares, (900, 1)), others):
        assert "should not be trusted" in dechaff.find_label_errors(GIVEN, probs).why[-1]
    known = np.arange(900) % 3 == 0
    for probs in (PROBS, PROBS**3 / (PROBS**3).sum(axis=1, keepdims=True), np.where(known[:, None], PROBS, others)):
        assert dechaff.find_label_errors(GIVEN, probs).why == (
            "Probabilities of one model, which must be out-of-sample.",
        )
    few, empty = dechaff.find_label_errors(GIVEN[:30], PROBS[:30]), dechaff.find_label_errors([], np.zeros((0, 2)))
    one_class = dechaff.find_label_errors(np.zeros(900, dtype=int), PROBS)
    assert len(few.why) == len(empty.why) == 1
    assert "all labels are of one class" in one_class.why[-1]
