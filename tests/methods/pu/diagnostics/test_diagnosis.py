import math

from dechaff.methods.pu.diagnostics.diagnosis import Diagnosis, not_checked


def test_it_prints_what_it_says_and_what_to_do() -> None:
    assert str(Diagnosis("few positives", True, 3.0, "Only 3.", "Label more.")) == "few positives: Only 3. Label more."


def test_it_prints_no_trailing_space_where_there_is_nothing_to_do() -> None:
    assert str(Diagnosis("few positives", False, 99.0, "99 rows.")) == "few positives: 99 rows."


def test_what_was_not_checked_is_neither_wrong_nor_right() -> None:
    found = not_checked("selection not at random", "the features are texts")
    assert not found.wrong
    assert not found.checked
    assert math.isnan(found.figure)
    assert found.says == "Not checked: the features are texts."
