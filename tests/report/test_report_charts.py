from __future__ import annotations

import numpy as np
import pytest

from dechaff.records.augmented import AugmentationFacts, MadeRow, TriedOperation
from dechaff.records.drift import Drift, DriftedColumn
from dechaff.records.metrics import ScoreHistogram
from dechaff.records.record import Strip, converted
from dechaff.records.wrong_cells import ValueCount, WrongCells
from dechaff.report.html.charts.augmentation import draw_flips, draw_gains
from dechaff.report.html.charts.cells import draw_odd, draw_strip, draw_values
from dechaff.report.html.charts.drift import draw_shift
from dechaff.report.html.charts.labels import draw_histogram, draw_noise_matrix, is_logarithmic, noisiest
from dechaff.report.html.charts.scales import Scale, around
from dechaff.report.html.made_rows import changed, made_rows_chapter
from tests.report.page_outline import outline
from tests.report.sample_run import believable_run


def test_the_noise_matrix_keeps_the_classes_with_the_most_wrong_labels_and_adds_up_the_others() -> None:
    # Class 3 is mistaken for 1; 0, 2 and 4 are clean and become the others.
    joint = np.diag([0.2, 0.1, 0.2, 0.1, 0.2])
    joint[3, 1] = 0.2
    matrix = noisiest(joint, ("a", "b", "c", "d", "e"), most=2)
    assert matrix.names == ("b", "d", "3 others")
    np.testing.assert_allclose(matrix.joint, [[0.1, 0, 0], [0.2, 0.1, 0], [0, 0, 0.6]])


def test_a_single_class_is_never_hidden_behind_the_others() -> None:
    assert noisiest(np.eye(21), tuple("abcdefghijklmnopqrstu"), most=20).hidden == 0


def test_the_noise_matrix_shows_of_each_given_label_how_many_are_truly_what() -> None:
    # 6 of 8 rows labelled "a" are right: 75 of 100.
    matrix = noisiest(np.array([[0.6, 0.2], [0.0, 0.2]]), ("a", "b"))
    shown = outline(str(draw_noise_matrix(matrix, 10))).shown
    assert "75" in shown
    assert "given a, truly b: about 2 rows" in shown


def test_a_class_without_rows_is_drawn_without_dividing_by_zero() -> None:
    assert "nan" not in draw_noise_matrix(noisiest(np.array([[1.0, 0.0], [0.0, 0.0]]), ("a", "b")), 5)


def test_a_histogram_turns_logarithmic_only_where_small_bars_would_vanish() -> None:
    assert is_logarithmic(ScoreHistogram((0, 0.3, 0.6, 1), (5000, 3, 2), (0, 0, 2)))
    assert is_logarithmic(ScoreHistogram((0, 0.5, 1), (5000, 1), (0, 1))), "one row without a label must be seen"
    assert not is_logarithmic(ScoreHistogram((0, 0.5, 1), (50, 30), (0, 3)))


def test_a_histogram_tells_its_counts_to_those_who_cannot_see_it() -> None:
    drawn = draw_histogram("L001", ScoreHistogram((0, 0.5, 1), (50, 30), (0, 3)))
    assert "80 rows by score from 0 to 1; 3 of them are flagged." in drawn


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.79, 0.98), (-0.03, 0.17), (0.5, 0.5)])
def test_a_scale_has_a_few_round_ticks_within_its_ends(low: float, high: float) -> None:
    scale = around([low, high], 0, 100)
    assert 2 <= len(scale.ticks()) <= 7
    assert all(scale.low <= tick <= scale.high + 1e-9 for tick in scale.ticks())


def test_what_lies_beyond_a_scale_is_drawn_at_its_end() -> None:
    assert Scale(0, 1, 10, 20).at(7) == 20


def test_a_strip_says_where_the_row_lies_and_survives_any_name() -> None:
    drawn = draw_strip(Strip("<height>", tuple(150.0 + at for at in range(21)), 1780.0))
    assert "&lt;height&gt;: this row has 1,780; all values lie in 150 to 170." in drawn
    assert drawn.count("<circle") == 21
    assert "nan" not in draw_strip(Strip("x", (1.0,) * 21, 1.0))
    instead = draw_strip(Strip("x", tuple(150.0 + at for at in range(21)), 1780.0, 178.0))
    assert "178 is suggested" in instead
    assert instead.count("<path") == 2


def test_wrong_numbers_are_drawn_among_the_right_ones_of_their_column() -> None:
    drawn = draw_odd(WrongCells("<height>", 2, 2, tuple(150.0 + at for at in range(21)), (1580.0, 1780.0)))
    assert "&lt;height&gt;: wrong numbers 1,580 to 1,780; the others lie in 150 to 170." in drawn
    assert (drawn.count("<circle"), drawn.count("<path")) == (21, 2)


def test_a_wrong_value_is_drawn_beside_the_usual_ones_and_marked_in_words() -> None:
    drawn = draw_values(
        "town", (ValueCount("Rome", 90, "suggested"), ValueCount("<Oslo>", 30), ValueCount("Rmoe", 1, "wrong"))
    )
    assert "town, cells by value: Rome 90 (suggested), &lt;Oslo&gt; 30, Rmoe 1 (wrong)." in drawn
    assert "1 · wrong" in outline(str(drawn)).shown


def test_a_drift_is_drawn_as_two_distributions_with_names_and_percentages() -> None:
    column = DriftedColumn("<age>", bins=("1–2", "2–3", "missing"), reference=(0.5, 0.4, 0.1), current=(0.1, 0.4, 0.5))
    drawn = str(draw_shift("0-0", Drift(reference="the training rows", current="the test rows"), column))
    shown = outline(drawn).shown
    assert "Distribution of <age> in two samples" in shown
    assert "Most different: 1–2, 50 % of the training rows and 10 % of the test rows." in shown
    assert drawn.count("<rect") == 7  # one of them within the pattern
    assert "nan" not in draw_shift("0-1", Drift(), DriftedColumn("x"))


def test_the_charts_of_an_augmentation_mark_what_was_accepted_and_what_was_refused() -> None:
    facts = converted(believable_run()[0]["augmentation"], AugmentationFacts, "augmentation")
    gains, flips = str(draw_gains(facts)), str(draw_flips(facts))
    assert "word swap" not in gains
    assert "31\N{NO-BREAK SPACE}%" in flips
    assert gains.count("fill-accent") == flips.count("fill-accent") == 1
    assert "hollow" not in gains
    assert flips.count("hollow") == 1


def test_examples_of_an_augmentation_are_cut_around_the_change() -> None:
    old, new = changed("x" * 100 + " good film", "x" * 100 + " fine film")
    assert (old.marked, new.marked) == ("good", "fine")
    assert new.before.startswith("…")
    assert changed("1.5", "1.57")[1].marked == "7"
    row = MadeRow("r", "a", (("review", "a" * 90_000, "b" * 90_000),))
    many = AugmentationFacts(tried=(TriedOperation("one", examples=(row,) * 9), *[TriedOperation("two")] * 99))
    assert [len(rows) for _, rows in made_rows_chapter(many)] == [6]
