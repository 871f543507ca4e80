"""Conditions and sets of them."""

from __future__ import annotations

import numpy as np

from dechaff.methods.noisy_slices.condition import Condition, join, mask_of, stack

MARKUP = Condition("text contains markup", ("text",), incidental=True)
OLD = Condition("age > 60", ("age",), incidental=False, bounds=(60.0, np.inf))


def test_two_conditions_at_once_name_both_and_their_columns():
    both = MARKUP.with_(OLD)
    assert both.words == "text contains markup and age > 60"
    assert both.columns == ("text", "age")
    assert both.parts == 2


def test_a_conjunction_on_one_column_names_it_once():
    assert OLD.with_(Condition("age ≤ 70", ("age",), incidental=False)).columns == ("age",)


def test_a_conjunction_is_incidental_only_where_both_parts_are():
    assert not MARKUP.with_(OLD).incidental
    assert MARKUP.with_(OLD).touches_incidental
    assert MARKUP.with_(MARKUP).incidental
    assert not OLD.with_(OLD).touches_incidental


def test_rows_of_a_condition_are_those_of_its_mask():
    conditions = stack([(MARKUP, np.array([False, True, True])), (OLD, np.zeros(3, bool))], 3)
    assert conditions.rows(0).tolist() == [1, 2]
    assert conditions.rows(1).tolist() == []


def test_sets_are_joined_in_order_and_empty_ones_left_out():
    one, other = stack([(MARKUP, np.array([True, False]))], 2), stack([(OLD, np.array([False, True]))], 2)
    joined = join([stack([], 2), one, other], 2)
    assert joined.items == (MARKUP, OLD)
    assert joined.holds.toarray().tolist() == [[1, 0], [0, 1]]


def test_no_condition_is_a_set_as_well():
    assert join([], 5).holds.shape == (0, 5)
    assert stack([], 5).items == ()


def test_no_rows_make_a_mask_of_none():
    assert not mask_of(np.zeros(0, np.int64), 3).any()
