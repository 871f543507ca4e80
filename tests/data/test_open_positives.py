from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from dechaff.data.open import open_data
from dechaff.data.open_positives import open_positives
from dechaff.errors import LabelsError

ROWS = {"x": [row % 5 + 0.5 for row in range(14)], "s": ["yes"] * 5 + [None] * 9}


def test_what_was_taken_for_labelled_and_unlabelled_is_stated() -> None:
    found = open_positives(ROWS, label="s")
    positive, rows = found.train.assumptions[-2:]
    assert (positive.value, positive.flag) == ("yes", "--positive")
    why = "rows without 'yes' are treated as unlabelled, not as negative; their label cells are empty"
    assert (rows.value, rows.why) == ("9", why)
    assert open_positives(ROWS, label="s", positive="yes").train.assumptions[-2].what != "positive label"


def test_a_test_file_may_say_more_of_its_rows() -> None:
    test = {"x": [100, 101, 102], "s": ["yes", "no", None]}
    found = open_positives(ROWS, label="s", test=test)
    assert found.train.class_names == ("unlabelled", "yes")
    assert found.opened.test is not None
    assert len(found.opened.test) == 3


@pytest.mark.parametrize(("labelled", "unlabelled"), [(4, 9), (9, 4)])
def test_fewer_rows_of_a_kind_than_folds_are_refused(labelled: int, unlabelled: int) -> None:
    data = {"x": [row % 5 + 0.5 for row in range(13)], "s": ["yes"] * labelled + [None] * unlabelled}
    with pytest.raises(LabelsError, match=r"have at least 5 training rows that are .*; found 4 of 13"):
        open_positives(data, label="s")


def test_an_unlabelled_row_is_written_back_as_the_source_spells_it(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("x,s\n" + "".join(f"{x % 5}.5,{'yes' if x < 5 else '?'}\n" for x in range(12)))
    found = open_positives(file, label="s")
    written = found.train.source.improved(found.train.positions >= 0, {0: "unlabelled", 11: "yes"})
    assert written.decode().splitlines()[1] == "0.5,?"
    assert written.decode().splitlines()[12] == "1.5,yes"


def test_a_frame_gets_its_own_missing_value_back() -> None:
    frame = pd.DataFrame(ROWS, index=[f"r{i}" for i in range(14)])
    found = open_positives(frame, label="s")
    written = found.train.source.improved(found.train.positions >= 0, {0: "unlabelled", 13: "yes"})
    assert written["s"].isna()["r0"]
    assert written.loc["r13", "s"] == "yes"


def test_an_audit_of_one_class_and_empty_labels_is_told_of_positives() -> None:
    with pytest.raises(LabelsError, match="may be of either class, use dechaff pu"):
        open_data(ROWS, label="s")
