"""The search over conditions and pairs of them."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.noisy_slices.column_conditions import finer_ranges, range_conditions
from dechaff.methods.noisy_slices.condition import Condition, join, stack
from dechaff.methods.noisy_slices.find_noisy_slices import find_noisy_slices, largest_slice, smallest_slice
from tests.methods.noisy_slices.made import MARK, RULE, drawn, rows, sound, swapped

N = 800
EVERY = np.ones(N, bool)
FIRST = np.arange(N) < 200
SECOND = np.arange(N) % 4 == 0


def named(words, *, incidental=True):
    return Condition(words, (words.split()[0],), incidental=incidental)


def search(made, parts, *, among=EVERY, **options):
    conditions = parts if hasattr(parts, "items") and hasattr(parts, "holds") else stack(parts, len(among))
    return find_noisy_slices(made.models(), (made.probs,), conditions, among=among, **options)


def words(found):
    return [one.condition.words for one in found.slices]


def test_the_slice_is_found_among_sound_ones():
    other = named("y holds")
    found = search(rows(N, 2, swapped, FIRST), [(other, SECOND), (MARK, FIRST)])
    assert words(found) == [MARK.words]
    assert found.slices[0].rows.tolist() == list(range(200))


def test_sound_data_have_no_slice():
    found = search(rows(N, 3, sound, FIRST), [(MARK, FIRST), (RULE, SECOND)])
    assert found.slices == ()
    assert found.n_tested >= 2


def test_without_conditions_nothing_is_found():
    assert search(rows(N, 2, swapped, FIRST), []).slices == ()


def test_without_rows_that_count_nothing_is_found():
    assert search(rows(N, 2, swapped, FIRST), [(MARK, FIRST)], among=~EVERY).slices == ()


def test_rows_that_do_not_count_are_in_no_slice():
    among = np.arange(N) % 2 == 0
    found = search(rows(N, 2, swapped, FIRST), [(MARK, FIRST)], among=among)
    assert among[found.slices[0].rows].all()


def test_fewer_rows_than_the_smallest_slice_are_none():
    few = np.arange(N) < smallest_slice(N) - 1
    assert search(rows(N, 2, swapped, few), [(MARK, few)]).slices == ()


def test_of_two_names_for_the_same_rows_the_incidental_one_is_taken():
    token = named("t contains 'br'", incidental=False)
    assert words(search(rows(N, 2, swapped, FIRST), [(token, FIRST), (MARK, FIRST)])) == [MARK.words]


def test_of_ties_the_first_is_taken():
    other = named("u holds")
    assert words(search(rows(N, 2, swapped, FIRST), [(MARK, FIRST), (other, FIRST)])) == [MARK.words]


def test_a_conjunction_is_named_as_one():
    inside = FIRST & SECOND
    found = search(rows(N, 2, swapped, inside), [(named("a holds"), FIRST), (named("b holds"), SECOND)])
    assert len(found.slices) == 1
    assert set(found.slices[0].condition.columns) == {"a", "b"}
    assert found.slices[0].rows.tolist() == np.flatnonzero(inside).tolist()


def test_a_plain_condition_is_not_narrowed_without_need():
    found = search(rows(N, 2, swapped, FIRST), [(MARK, FIRST), (named("b holds"), np.arange(N) % 4 != 0)])
    assert words(found) == [MARK.words]


def test_slices_that_overlap_share_no_row():
    inside = FIRST | SECOND
    found = search(rows(N, 2, drawn, inside), [(MARK, FIRST), (named("b holds"), SECOND)])
    assert len(found.slices) == 2
    taken = np.concatenate([one.rows for one in found.slices])
    assert sorted(taken.tolist()) == np.flatnonzero(inside).tolist()


def test_the_search_stops_after_as_many_slices_as_asked_for():
    parts = [(named(f"c{i} holds"), np.arange(N) // 80 == i) for i in range(4)]
    made = rows(N, 2, swapped, np.arange(N) < 320)
    assert len(search(made, parts).slices) == 4
    assert len(search(made, parts, most=2).slices) == 2


def test_the_number_of_trainings_is_bounded():
    parts = [(named(f"c{i} holds"), np.arange(N) // 40 == i) for i in range(20)]
    made = rows(N, 2, swapped, np.arange(N) < 320)
    asked: list[int] = []

    def examiner(columns):
        asked.append(1)
        return lambda fit, codes, predict: np.eye(2)[made.labels[predict]]

    find_noisy_slices(made.models(examiner=examiner), (made.probs,), stack(parts, N), among=EVERY, most=3)
    assert len(asked) <= 6


def test_a_rule_that_a_screen_cannot_learn_does_not_use_up_the_looks_at_where_rows_come_from():
    made = rows(N, 2, swapped, FIRST & SECOND)
    content = [(named(f"c{i} holds", incidental=False), np.arange(N) // 80 == 4 + i) for i in range(3)]
    blunt = made.probs.copy()
    blunt[320:560] = 1 - np.eye(2)[made.labels[320:560]]
    conditions = stack([*content, (MARK, FIRST & SECOND)], N)
    found = find_noisy_slices(made.models(), (blunt,), conditions, among=EVERY, most=2)
    assert words(found) == [MARK.words]


@pytest.mark.parametrize("bound", [333, 417, 505])
def test_bounds_are_moved_to_where_the_labels_turn(bound):
    values = np.random.default_rng(5).permutation(N).astype(float)
    made = rows(N, 2, swapped, values > bound)
    limits = {"smallest": 20, "largest": 480}

    def finer(one):
        return finer_ranges(values, "x", one.words, **limits)

    found = search(made, range_conditions(values, "x", **limits), finer=finer)
    assert (values[found.slices[0].rows].min() - bound) == pytest.approx(1, abs=9)


def test_two_screens_are_asked_and_the_sharper_one_shows_where_to_look():
    made = rows(N, 2, swapped, FIRST)
    blunt = np.full((N, 2), 0.5)
    conditions = join([stack([(MARK, FIRST)], N)], N)
    models = made.models(screens=(made.knows, made.knows))
    found = find_noisy_slices(models, (blunt, made.probs), conditions, among=EVERY)
    assert words(found) == [MARK.words]


def test_sizes_of_slices_grow_with_the_data():
    assert (smallest_slice(0), smallest_slice(4_000), smallest_slice(10_000)) == (20, 20, 50)
    assert largest_slice(10) == 6
