from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dechaff.data.columns.spellings import is_typo, one_spelling
from dechaff.data.open import open_data
from dechaff.errors import LabelsError
from tests.shared_data import shared


def merged(**rows: int) -> dict[str, str]:
    return one_spelling(rows.items())


def test_case_blanks_and_look_alikes_are_one_label_that_of_most_rows() -> None:
    names = {"Heart failure": 90, "heart  failure": 100, "heart\u200b failure": 3, "he\u0430rt failure": 2, "ok": 9}
    assert set(one_spelling(names.items()).values()) == {"heart  failure"}
    assert len(one_spelling(names.items())) == 3


def test_equally_many_rows_of_two_spellings_give_one_answer_in_any_order() -> None:
    assert merged(Ham=5, ham=5) == merged(ham=5, Ham=5) == {"ham": "Ham"}


@pytest.mark.parametrize(
    ("wrong", "right"), [("sapm", "spam"), ("bening", "benign"), ("andaluxia", "andalusia"), ("posittive", "positive")]
)
def test_typing_errors_of_rare_labels_are_merged(wrong: str, right: str) -> None:
    assert one_spelling([(wrong, 2), (right, 200), ("other", 300)]) == {wrong: right}
    assert one_spelling([(wrong, 30), (right, 200), ("other", 300)]) == {}


@pytest.mark.parametrize(
    "pair",
    [
        ("male", "female"), ("class1", "class2"), ("class a", "class s"), ("ClassA", "ClassS"), ("type i", "type ii"),
        ("legal", "illegal"), ("typical", "atypical"), ("nitrite", "nitrate"), ("horse", "house"), ("EGFR", "EGRF"),
        ("hypotension", "hypertension"), ("macroscopic", "microscopic"), ("intercellular", "intracellular"),
        ("Co", "CO"), ("a", "A"), ("1.0", "1.5"), ("Q12a", "Q12A"), ("cable", "cables"), ("A-", "A+"), ("10", "100"),
        ("Slovakia", "Slovenia"), ("Austria", "Australia"), ("Niger", "Nigeria"), ("C", "C++"), ("cafe", "café"),
        ("angle", "angel"), ("train", "trail"), ("increase", "decrease"), ("<1", ">1"), ("\u4e0a", "\u4e0b"),
    ],
)  # fmt: skip
def test_labels_that_are_classes_of_their_own_are_never_merged(pair: tuple[str, str]) -> None:
    for wrong, right in (pair, pair[::-1]):
        assert one_spelling([(wrong, 1), (right, 900), ("other class", 900)]) == {}


def test_among_many_rare_labels_none_is_a_typing_error() -> None:
    long_tail = [(f"species {'abcdefghij'[i]}{'lmnopqrstu'[j]}ara", 3) for i in range(10) for j in range(10)]
    assert one_spelling([*long_tail, ("benign", 900), ("bening", 1)]) == {}


def test_a_typing_error_of_two_labels_is_left_alone() -> None:
    assert not one_spelling([("mraitla", 1), ("marital", 900), ("martial", 900)])
    assert is_typo("maritla", "marital")


def test_rare_words_for_unknown_are_missing_labels_and_frequent_ones_are_classes() -> None:
    assert merged(ham=900, spam=200, unknown=3, Unknown=1, none=1) == {"unknown": "", "Unknown": "", "none": ""}
    assert merged(ham=900, spam=200, unknown=90) == {}
    assert merged(unknown=3, none=4) == {}


def test_known_classes_stay_and_others_become_them() -> None:
    known = ("ham", "Spam", "SPAM")
    assert one_spelling([("Ham", 9), ("spam", 9), ("unknown", 1)], known) == {"Ham": "ham"}


def _data(labels: list[str]) -> dict[str, list[str]]:
    return {"x": [f"row {row}" for row in range(len(labels))], "label": labels}


def test_numbers_have_many_spellings(tmp_path: Path) -> None:
    lines = [f"row {row},{label}" for row, label in enumerate(["1", "1.0", "2 ", "2"] * 9)]
    (tmp_path / "a.csv").write_text("\n".join(["x,label", *lines]), encoding="utf-8")
    assert not open_data(tmp_path / "a.csv", label="label").train.odd_labels


def test_test_labels_are_read_by_the_spellings_of_the_training_rows() -> None:
    train = _data([*["ham"] * 60, *["spam"] * 60, "sapm", "Ham"])
    opened = open_data(train, label="label", test=_data(["SPAM", "sapm", "ham ", "hma"]))
    assert opened.train.class_names == ("ham", "spam", "hma")
    assert opened.test is not None
    assert opened.test.codes.tolist() == [1, 1, 0, 2]
    assert dict(opened.train.odd_labels) == {120: "sapm", 121: "Ham"}


def test_test_labels_of_another_coding_are_refused_with_both() -> None:
    with pytest.raises(LabelsError, match=r"classes of the training rows, which are ham, spam; found only 0, 1"):
        open_data(_data(["ham", "spam"] * 9), label="label", test=_data(["0", "1"] * 5))
    split = {**_data(["ham", "spam"] * 9 + ["0", "1"] * 5), "split": ["train"] * 18 + ["test"] * 10}
    with pytest.raises(LabelsError, match="found only 0"):
        open_data(split, label="label", split="split")


def test_truth_and_numbers_are_one_coding() -> None:
    opened = open_data(_data(["0", "1"] * 9), label="label", test=_data(["True", "False"] * 5))
    assert opened.test is not None
    assert opened.test.codes.tolist()[:2] == [1, 0]


def test_given_probabilities_keep_the_classes_of_their_columns() -> None:
    probs = np.full((20, 3), 1 / 3)
    labels = ["Ham", "ham"] * 9 + ["spam"] * 2
    assert open_data(_data(labels), label="label", probs=probs).train.class_names == ("Ham", "ham", "spam")


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("folder", "right"),
    [
        *((name, {}) for name in ("crowd", "mnist", "pu_uci", "student_grades", "tabular", "text_clinc150")),
        *((name, {}) for name in ("text_subjectivity", "text_trec6", "text_yoruba_news", "imdb_test")),
        ("cells_beers", {"Against The Grain Brewery": "Against the Grain Brewery"}),
        ("cells_hospital", {"andaluxia": "andalusia", "gxdsden": "gadsden", "vxlley": "valley"}),
    ],
)
def test_no_column_of_real_data_has_labels_merged_that_are_two(folder: str, right: dict[str, str]) -> None:
    found: dict[str, str] = {}
    for path in sorted([*shared(folder).glob("**/*.csv"), *shared(folder).glob("**/*.csv.gz")]):
        frame = pl.read_csv(path, infer_schema=False)
        columns = [frame[name].drop_nulls().str.strip_chars() for name in frame.columns]
        for column in (one for one in columns if 2 <= one.n_unique() <= 1000):
            found |= one_spelling(Counter(column.to_list()).items())
    assert found == right
