from __future__ import annotations

from dataclasses import dataclass

from dechaff.core.iterate import iterate


@dataclass(frozen=True)
class Halving:
    value: float


def run(fold: Halving) -> float:
    return fold.value / 2


def test_it_stops_where_nothing_moves() -> None:
    seen = []

    def settled(old: float, new: float) -> bool:
        seen.append(new)
        return abs(old - new) < 0.1

    assert iterate(Halving, run, 1.0, settled=settled, most_rounds=99) == seen[-1] == 0.0625


def test_it_stops_after_the_most_rounds() -> None:
    assert iterate(Halving, run, 1.0, settled=lambda old, new: False, most_rounds=3) == 0.125


def test_no_rounds_leave_the_start() -> None:
    assert iterate(Halving, run, 1.0, settled=lambda old, new: False, most_rounds=0) == 1.0
