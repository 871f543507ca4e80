"""Several sources that report the same things."""

from __future__ import annotations

import numpy as np

from dechaff.methods.cells.cell_columns import CellColumn
from dechaff.methods.cells.source_fusion import canonical, source_fusion


def test_what_most_sources_say_wins_over_a_third_of_errors() -> None:
    rng = np.random.default_rng(0)
    things, sources = 40, 12
    truth = rng.integers(0, 500, things)
    thing, source = np.repeat(np.arange(things), sources), np.tile(np.arange(sources), things)
    said = np.where(rng.random(len(thing)) < 0.7, truth[thing], rng.integers(0, 500, len(thing)))
    cells = {"thing": [f"t{one}" for one in thing], "source": [f"s{one}" for one in source],
             "value": [f"v{one}" for one in said]}  # fmt: skip
    columns = {name: CellColumn.of(name, np.array(one, dtype=object)) for name, one in cells.items()}
    (rule,) = source_fusion(columns)
    (found,) = rule.doubts(columns, own=True)
    assert found.rows.tolist() == np.flatnonzero(said != truth[thing]).tolist()
    assert [one.suggested for one in found.doubts] == [f"v{truth[thing[row]]}" for row in found.rows.tolist()]


def test_without_a_column_of_sources_there_is_no_rule() -> None:
    rng = np.random.default_rng(0)
    columns = {name: CellColumn.of(name, rng.choice(list("abcdef"), 300).astype(object)) for name in "xyz"}
    assert source_fusion(columns) == ()


def test_times_are_compared_as_times() -> None:
    assert canonical("12:05 a.m.") == canonical("0:05") == "0:05"
    assert canonical("12/02 12:05PM") == "12:05"
