from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dechaff.data.dataset import Dataset
from dechaff.recipe.explore import explore as module
from dechaff.recipe.explore.explore import DETECTORS, Explored, explore, tied_together
from dechaff.recipe.explore.near import nothing_near
from dechaff.records.codes import CODES
from dechaff.records.findings import Detection, Finding
from tests.recipe.made import column, made
from tests.shared_data import shared

SENTENCES = [f"this is sentence number {i} about topic{i} and thing{i}, in many words" for i in range(40)]


def found(explored: Explored, code: str) -> Detection:
    return next(detection for detection in explored.detections if detection.code == code)


def findings(explored: Explored, code: str) -> tuple[Finding, ...]:
    assert found(explored, code).not_run == ""
    return found(explored, code).findings


def reviews(*extra: tuple[str | None, str | None]) -> Dataset:
    texts: list[Any] = [*SENTENCES, *(text for text, _ in extra)]
    labels = [*["good", "bad"] * 20, *(label for _, label in extra)]
    return made([column("review", texts)], labels)


def table(n: int = 60, **columns: list[Any]) -> Dataset:
    rng = np.random.default_rng(7)
    measured = [column(f"m{i}", rng.normal(size=n).tolist()) for i in range(4)]
    return made([*measured, *(column(name, cells) for name, cells in columns.items())], ["a", "b", "c"] * (n // 3))


def test_a_search_that_may_miss_copies_is_noted_even_where_none_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dechaff.recipe.explore.view.find_near", lambda *_: replace(nothing_near(60), caveat="lists"))
    noted = explore(table())
    assert findings(noted, "D002") == ()
    assert noted.notes == ("Near duplicates were searched by lists.",)
    monkeypatch.undo()
    assert explore(table()).notes == ()


def test_clean_data_have_no_findings() -> None:
    for data in (reviews(), table()):
        explored = explore(data)
        assert [detection.code for detection in explored.detections] == [code for code, _ in DETECTORS]
        assert {detection.not_run for detection in explored.detections} == {""}
        assert sum(len(detection.findings) for detection in explored.detections) == 0
        assert (explored.together == -1).all()


def test_every_finding_has_a_known_code_a_score_and_says_why_and_what_to_do() -> None:
    odd = [
        ("<b>bold</b>", "good"),
        (SENTENCES[0], "good"),
        (SENTENCES[1], None),
        (None, None),
        (SENTENCES[2], "bad"),
        ("!", "x"),
    ]
    explored = explore(reviews(*odd), reviews())
    every = [one for detection in explored.detections for one in detection.findings]
    assert {one.code for one in every} >= {"L003", "L004", "D001", "D003", "D004", "C002", "C003"}
    for one in every:
        assert one.code in CODES
        assert 0 <= one.score <= 1
        assert one.why.endswith(".")
        assert one.fix[-1] in ".?"
    for detection in explored.detections:
        if detection.flag is not None and detection.score is not None:
            rows = {one.row for one in detection.findings if one.row is not None}
            assert set(np.flatnonzero(detection.flag).tolist()) == rows
            assert (detection.score[detection.flag] > 0).all()
            assert detection.code == "O001" or (detection.score[~detection.flag] == 0).all()


def test_the_first_copy_is_kept_and_the_others_are_dropped() -> None:
    explored = explore(reviews((SENTENCES[4], "good"), (SENTENCES[4] + "\n", "good")))
    copies = findings(explored, "D001")
    assert [one.row for one in copies] == [4, 40, 41]
    assert [one.fix.split()[0] for one in copies] == ["Keep", "Drop", "Drop"]
    assert len({one.group for one in copies}) == 1
    assert {one.suggested for one in copies} == {""}
    assert copies[0].score < copies[1].score
    assert "row 4" in copies[1].why
    assert np.flatnonzero(explored.together >= 0).tolist() == [4, 40, 41]


def test_ids_of_the_user_stand_in_the_sentences() -> None:
    data = made(
        [column("review", [*SENTENCES, SENTENCES[3]])], [*["x", "y"] * 20, "y"], ids=[f"id-{i}" for i in range(41)]
    )
    assert "key id-3" in findings(explore(data), "D001")[1].why


def test_copies_with_other_labels_get_the_clear_majority_suggested() -> None:
    explored = explore(reviews((SENTENCES[0], "good"), (SENTENCES[0], "bad"), (SENTENCES[1], "good")))
    conflicts = {one.row: one for one in findings(explored, "D003")}
    assert set(conflicts) == {0, 1, 40, 41, 42}
    assert conflicts[41].suggested == "good"
    assert conflicts[0].suggested == conflicts[1].suggested == conflicts[42].suggested == ""
    assert conflicts[41].score > conflicts[1].score > conflicts[0].score


def test_a_missing_label_is_suggested_by_an_equal_row() -> None:
    missing = findings(explore(reviews((SENTENCES[1], None), ("a text that stands only once here", None))), "L003")
    assert [(one.row, one.suggested) for one in missing] == [(40, "bad"), (41, "")]


def test_near_copies_are_tied_together_and_exact_ones_are_not_named_again() -> None:
    near = SENTENCES[6].upper() + "!!"
    explored = explore(reviews((near, "good"), (near, "good"), (SENTENCES[8].replace("many", "few"), "good")))
    assert [one.row for one in findings(explored, "D002")] == [6, 40, 8, 42]
    assert [one.row for one in findings(explored, "D001")] == [40, 41]
    assert len(set(explored.together[[6, 40, 41]].tolist())) == 1


def test_near_copies_of_other_cells_are_no_copies() -> None:
    texts = [*SENTENCES, SENTENCES[0].upper()]
    same = made([column("text", texts), column("shop", ["x"] * 41, "categorical")], ["a", "b"] * 20 + ["a"])
    other = made([column("text", texts), column("shop", ["x"] * 40 + ["y"], "categorical")], ["a", "b"] * 20 + ["a"])
    assert len(findings(explore(same), "D002")) == 2
    assert len(findings(explore(other), "D002")) == 0


def test_a_rounded_copy_of_a_row_of_numbers_is_near() -> None:
    rng = np.random.default_rng(0)
    cells = rng.normal(size=(50, 6))
    cells[49] = cells[5]
    cells[49, 2] += 1e-7
    data = made([column(f"m{i}", cells[:, i].tolist()) for i in range(6)], ["a", "b"] * 25)
    near = findings(explore(data), "D002")
    assert [one.row for one in near] == [5, 49]
    assert "labels of the group differ" not in near[1].why


def test_given_features_are_compared_where_there_are_no_columns() -> None:
    features = np.random.default_rng(0).normal(size=(60, 40))
    features[50] = features[2]
    features[51] = features[3] * 1.01 + 0.001
    explored = explore(made([], ["a", "b"] * 30, features=features))
    assert [one.row for one in findings(explored, "D001")] == [2, 50]
    assert [one.row for one in findings(explored, "D002")] == [3, 51]


def test_rows_that_coincide_by_themselves_are_no_copies() -> None:
    rng = np.random.default_rng(0)
    columns = [column(f"f{i}", rng.integers(0, 3, 400).tolist()) for i in range(3)]
    explored = explore(made(columns, [["a", "b"][i] for i in rng.integers(0, 2, 400)]), None)
    (repeats,) = findings(explored, "D001")
    (conflict,) = findings(explored, "D003")
    assert repeats.row is conflict.row is None
    assert "27 different combinations" in repeats.why
    assert "no model can be right" in conflict.why
    assert not found(explored, "D001").flag.any()  # type: ignore[union-attr]
    assert (explored.together == -1).all()


def test_coincidences_between_train_and_test_are_no_leaks() -> None:
    rng = np.random.default_rng(0)
    cells = rng.integers(0, 3, size=(400, 3))
    data = made([column(f"f{i}", cells[:, i].tolist()) for i in range(3)], ["a", "b"] * 200)
    explored = explore(data.take(np.arange(300)), data.take(np.arange(300, 400)))
    assert len(findings(explored, "D004")) == 1
    assert not found(explored, "D004").flag.any()  # type: ignore[union-attr]


def test_rows_of_the_test_data_are_found_exactly_and_nearly() -> None:
    train = reviews((SENTENCES[3].upper(), "good"))
    texts = ["an entirely new text that nobody wrote before", SENTENCES[9], SENTENCES[3] + "!"]
    explored = explore(train, made([column("review", texts)], ["bad", "good", None]))
    leaks = {one.row: one for one in findings(explored, "D004")}
    assert set(leaks) == {3, 9, 40}
    assert leaks[9].score == 1 > leaks[3].score
    assert "row 1 there" in leaks[9].why
    assert np.flatnonzero(found(explored, "D004").flag).tolist() == [3, 9, 40]  # type: ignore[arg-type]
    assert {one.group for one in leaks.values()} == {"leak-1", "leak-2"}


@pytest.mark.parametrize("d", [2, 5])
def test_numbers_and_embeddings_nearly_equal_to_those_of_a_test_row_are_leaks(d: int) -> None:
    rng = np.random.default_rng(d)
    cells, wide = rng.normal(size=(130, d)), rng.normal(size=(130, 40))
    cells[101], wide[101] = cells[7] + 1e-7, wide[7] + 0.05 * rng.normal(size=40)
    shops = column("shop", ["x", "y"] * 65, "categorical")
    numbers = made([*(column(f"f{i}", cells[:, i].tolist()) for i in range(d)), shops], ["a", "b"] * 65)
    for data in (numbers, made([], ["a", "b"] * 65, features=wide)):
        explored = explore(data.take(np.arange(100)), data.take(np.arange(100, 130)))
        (leak,) = findings(explored, "D004")
        assert leak.row == 7
        assert leak.why.startswith("Nearly the same input (")
        assert "is also in the test data (row 101 there)" in leak.why


def test_a_leak_by_the_text_alone_names_the_columns_that_differ() -> None:
    train = _shop([*SENTENCES, SENTENCES[3].upper()], ["x"] * 41, [1.0] * 41)
    test = _shop([SENTENCES[5], SENTENCES[7] + "!", SENTENCES[8] + "!"], ["y", "y", "x"], [1.0, 2.0, 1.0])
    leaks = {one.row: one for one in findings(explore(train, test), "D004")}
    assert leaks[5].why == (
        "The same text is also in the test data (row 0 there), with another shop: a correct prediction of it may be "
        "partly memorised."
    )
    assert leaks[7].why == (
        "Nearly the same text (100 % alike) is also in the test data (row 1 there), with another shop, price: "
        "a correct prediction of it may be partly memorised."
    )
    assert leaks[8].why.startswith("Nearly the same input (100 % alike) is also in the test data (row 2 there): a")


def test_a_near_copy_of_a_leak_is_called_that() -> None:
    words = [f"word{i}" for i in range(80)]
    chain = [" ".join(words[start : start + 48]) for start in (0, 10, 20, 30)]
    train = _shop([*SENTENCES, *chain], ["x"] * 44, [1.0] * 44)
    leaks = {one.row: one for one in findings(explore(train, _shop([chain[0]], ["x"], [1.0])), "D004")}
    assert leaks[40].why.startswith("The same input is also in the test data (row 0 there)")
    assert leaks[43].why == (
        "A near duplicate of row 40, which is also in the test data (row 0 there), perhaps slightly changed: "
        "a correct prediction of it may be memorised."
    )


def _shop(texts: list[Any], shops: list[Any], prices: list[Any]) -> Dataset:
    labels = [["good", "bad"][i % 2] for i in range(len(texts))]
    columns = [column("text", texts, "text"), column("shop", shops, "categorical"), column("price", prices)]
    return made(columns, labels, class_names=("bad", "good"))


def test_labels_of_the_test_rows_change_nothing() -> None:
    train = reviews()
    one = explore(train, made([column("review", SENTENCES[:4])], ["good", "bad", "good", "bad"]))
    other = explore(
        train, made([column("review", SENTENCES[:4])], ["bad", "bad", None, "bad"], class_names=("bad", "good"))
    )
    assert [d.findings for d in one.detections] == [d.findings for d in other.detections]


def test_an_identifier_is_named_and_left_aside_when_rows_are_compared() -> None:
    data = table(number=list(range(60)))
    copied = data.take(np.array([*range(60), 5]))
    numbered = made([*copied.table.columns[:4], column("number", list(range(61)))], ["a", "b", "c"] * 20 + ["c"])
    explored = explore(numbered)
    assert [one.field for one in findings(explored, "F001")] == ["number"]
    assert [one.row for one in findings(explored, "D001")] == [5, 60]
    assert "leaving aside number" in findings(explored, "D001")[1].why


def test_a_column_that_knows_the_label_is_questioned() -> None:
    leak = findings(explore(table(grade=["x", "y", "z"] * 20)), "F002")
    assert [one.field for one in leak] == ["grade"]
    assert leak[0].fix.startswith("Is grade known before label is?")
    assert "simply be easy" not in leak[0].why


def test_where_several_columns_know_the_label_the_task_may_be_easy() -> None:
    one, two = findings(explore(table(first=["x", "y", "z"] * 20, second=["u", "v", "w"] * 20)), "F002")
    assert "second come close" in one.why
    assert one.score < 1 > two.score


def test_constant_empty_and_missing_columns_are_told_apart() -> None:
    data = table(same=["x"] * 60, nothing=[None] * 60, rare=["x"] * 59 + ["y"], gaps=["u", None, "v"] * 20)
    explored = explore(data)
    assert [one.field for one in findings(explored, "F003")] == ["same", "nothing"]
    assert [one.field for one in findings(explored, "C002")] == ["gaps"]
    assert "20 cells of gaps are empty (33.3 %)" in findings(explored, "C002")[0].why


def test_placeholders_are_named_with_their_column() -> None:
    data = table(age=[*range(20, 77), -999, -999, -999], town=[*["Ulm", "Bonn", "Kiel"] * 19, "?", "?", "Trier"])
    assert {(one.field, one.given) for one in findings(explore(data), "C002")} == {("age", "-999"), ("town", "?")}


def test_artefacts_are_named_row_by_row_and_column_by_column() -> None:
    explored = explore(reviews(("such a bad<br>thing", "good"), ("caf\x03", "bad")))
    artefacts = findings(explored, "C003")
    assert [(one.row, one.field, one.given) for one in artefacts] == [(40, "review", "<br>"), (41, "review", "\x03")]
    assert "\\x03" in artefacts[1].why
    marked = made([column("page", [f"<p>{text}</p>" for text in SENTENCES])], ["a", "b"] * 20)
    (whole,) = findings(explore(marked), "C003")
    assert (whole.row, whole.field) == (None, "page")


def test_signs_that_name_a_category_are_no_artefacts() -> None:
    signs = ["+", "-", "?"] * 20
    assert findings(explore(made([column("charge", signs, "categorical")], ["a", "b"] * 30)), "C003") == ()


def test_a_rare_class_is_named_and_a_misspelled_one_is_recognised() -> None:
    labels = [*["heart failure"] * 20, *["pneumonia"] * 18, "heart faikure", "flu"]
    rare = findings(explore(made([column("note", SENTENCES)], labels)), "L004")
    assert [(one.field, one.suggested) for one in rare] == [("flu", ""), ("heart faikure", "heart failure")]


def test_a_failing_detector_is_reported_and_the_others_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(view: object) -> Detection:
        raise MemoryError("no room")

    monkeypatch.setattr(module, "DETECTORS", (("D002", fails), *DETECTORS[:3]))
    explored = explore(reviews((SENTENCES[0], "good")))
    assert explored.detections[0] == Detection("D002", not_run="MemoryError: no room")
    assert len(findings(explored, "D001")) == 2
    assert np.flatnonzero(explored.together >= 0).tolist() == [0, 40]


def test_ctrl_c_keeps_what_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    def stops(view: object) -> Detection:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "DETECTORS", (*DETECTORS[:3], ("D002", stops), *DETECTORS[4:]))
    explored = explore(reviews((SENTENCES[0], "good")), reviews())
    assert [bool(detection.not_run) for detection in explored.detections] == [False] * 3 + [True] * (len(DETECTORS) - 3)
    assert np.flatnonzero(explored.together >= 0).tolist() == [0, 40]


def test_empty_and_tiny_data_do_no_harm() -> None:
    one = made([column("text", ["a"]), column("x", [1.0])], ["a"])
    for data in (made([column("text", [])], []), one, made([column("x", [None, None])], [None, None]), made([], ["a"])):
        explored = explore(data, one)
        assert {detection.not_run for detection in explored.detections} == {""}
        assert len(explored.together) == len(data)


def test_too_few_units_are_not_tied_together() -> None:
    groups = np.repeat(np.arange(4), 3)
    assert (tied_together(groups, np.full(12, -1)) == -1).all()


def test_a_long_chain_of_near_copies_is_not_tied_together() -> None:
    near = np.where(np.arange(500) < 100, 0, -1)
    assert (tied_together(np.full(500, -1), near) == -1).all()


def test_the_same_data_give_the_same_findings() -> None:
    data = reviews((SENTENCES[0], "good"), (SENTENCES[6].upper(), "bad"), ("<i>x</i>", None))
    assert [d.findings for d in explore(data).detections] == [d.findings for d in explore(data).detections]


@pytest.mark.slow
@pytest.mark.shared_data
def test_few_false_alarms_on_tables_of_the_literature() -> None:
    from dechaff.data.open import open_data

    folder = shared("tabular")
    named = {}
    for name in ("german", "vehicle", "mushroom", "letter", "banana", "titanic", "pima"):
        explored = explore(open_data(folder / f"{name}.csv.gz", label="target").train)
        named[name] = {(one.code, one.field) for d in explored.detections for one in d.findings if one.row is None}
        assert {d.not_run for d in explored.detections} == {""}
        of_rows = [one.code for d in explored.detections for one in d.findings if one.row is not None]
        assert set(of_rows) <= {"C001"}, name
        assert len(of_rows) <= 0.001 * len(explored.equal) * len(explored.columns), name
    assert named["german"] == named["vehicle"] == named["banana"] == set()
    assert named["mushroom"] == {("F003", "f15"), ("S002", "row order")}, "its rows are sorted by kind"
    assert {code for code, _ in named["pima"]} == {"C002"}
    assert {code for code, _ in named["titanic"]} == {"D001", "D003"}


@pytest.mark.shared_data
def test_the_fine_label_of_trec_leaks_the_label() -> None:
    from dechaff.data.open import open_data

    folder = shared("text_trec6")
    opened = open_data(folder / "train.csv", label="label", test=folder / "test.csv")
    explored = explore(opened.train, opened.test)
    assert [one.field for one in findings(explored, "F002")] == ["fine_label"]
    assert len({one.group for one in findings(explored, "D004")}) == 11


@pytest.mark.shared_data
def test_the_marked_up_reviews_of_the_lab_are_found() -> None:
    from dechaff.data.open import open_data

    opened = open_data(shared("reviews_lab") / "reviews_train.csv", label="label")
    artefacts = findings(explore(opened.train), "C003")
    rows = {row for row, text in enumerate(opened.train.table["review"].raw.tolist()) if "<" in text}
    assert len(rows - {one.row for one in artefacts}) < 0.02 * len(rows)
    assert len({one.row for one in artefacts} - rows) < 10


@pytest.mark.parametrize("seed", range(30))
def test_odd_cells_never_stop_a_detector(seed: int) -> None:
    rng = np.random.default_rng(seed)
    odd = [None, 0.0, -0.0, 1e308, -1e308, float("inf"), -float("inf"), 5e-324, -999.0, *rng.normal(size=4).tolist()]
    words = [
        None,
        "?",
        "<b>x</b>",
        "Ã©",
        "\x00",
        "\ud800",
        "🙂 🙂 🙂 🙂 🙂",
        "日本語 テキスト",
        "a" * 2000,
        "one two three four five",
    ]
    n = int(rng.integers(1, 80))
    numbers = [column(f"n{i}", [odd[k] for k in rng.integers(0, len(odd), n)], "numeric") for i in range(5)]
    texts = [column(f"t{i}", [words[k] for k in rng.integers(0, len(words), n)], "text") for i in range(seed % 3)]
    labels = [["a", "b", None][k] for k in rng.integers(0, 3, n)]
    data = made([*numbers, *texts], labels, class_names=("a", "b"))
    explored = explore(data, data.take(np.arange(n // 2)))
    assert {detection.not_run for detection in explored.detections} == {""}


def test_images_are_compared_by_the_bytes_of_their_files(tmp_path: Path) -> None:
    for name in range(30):
        (tmp_path / f"{name}.png").write_bytes(bytes([name % 29]) * 9)
    images = column("image", [str(tmp_path / f"{name}.png") for name in range(30)], "image")
    assert [one.row for one in findings(explore(made([images], ["a"] * 30)), "D001")] == [0, 29]


def test_progress_is_one_step_that_comes_to_its_end() -> None:
    told: list[tuple[str, int, int]] = []
    explore(made([column("x", [1.0, 2.0, 3.0], "numeric")], ["a", "b", "a"]), progress=lambda *one: told.append(one))
    assert {step for step, _, _ in told} == {"explore"}
    assert [done for _, done, _ in told] == list(range(told[-1][2] + 1))


def test_rare_other_spellings_of_categories_and_far_numbers_are_bad_cells():
    n = 120
    towns = ["U" if row % 2 else "R" for row in range(n)]
    towns[7], towns[9] = "u", "u"
    ages = [18.0 + row % 60 for row in range(n)]
    ages[3] = 312.0
    data = made([column("town", towns, "categorical"), column("age", ages)], ["a", "b"] * (n // 2))
    explored = explore(data)
    found = [(one.row, one.field, one.given, one.suggested) for one in findings(explored, "C001")]
    assert found == [(3, "age", "312.0", ""), (7, "town", "u", "U"), (9, "town", "u", "U")]
    (detection,) = (one for one in explored.detections if one.code == "C001")
    assert np.flatnonzero(detection.flag).tolist() == [3, 7, 9]


def test_frequent_codes_of_another_case_and_placeholders_are_no_bad_cells():
    n = 120
    data = made(
        [
            column("blood", ["A" if row % 2 else "a" for row in range(n)], "categorical"),
            column("age", [18.0 + row % 60 if row % 20 else -999.0 for row in range(n)]),
        ],
        ["a", "b"] * (n // 2),
    )
    assert not findings(explore(data), "C001")


def test_faulty_images_are_found_and_others_are_not(tmp_path: Path):
    image = pytest.importorskip("PIL.Image")
    rng, names = np.random.default_rng(0), []
    for row in range(30):
        pixels = rng.integers(0, 256, (20, 60 if row == 5 else 20, 3)) * (0.1 if row == 3 else 1.0)
        names.append(str(tmp_path / f"{row}.png"))
        image.fromarray(pixels.astype(np.uint8)).save(names[-1])
    explored = explore(made([column("image", names, "image")], ["a", "b"] * 15))
    assert [(one.row, one.group) for one in findings(explored, "C004")] == [(3, "too dark"), (5, "of odd shape")]
    (detection,) = (one for one in explored.detections if one.code == "C004")
    assert np.flatnonzero(detection.flag).tolist() == [3, 5]
