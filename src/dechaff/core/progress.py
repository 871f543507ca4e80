"""Progress callbacks of long work; surfaces decide what to draw."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""``progress(step, done, total)``: step in words, done of total parts finished; total 0 is a remark and no step."""


def silent(step: str, done: int, total: int) -> None:
    """A progress callback that does nothing."""


def part_of(progress: Progress, *, before: int, total: int) -> Progress:
    """Progress of one part of a longer step; ``before`` of its ``total`` parts are finished.

    Examples
    --------
    >>> part_of(lambda *step: print(step), before=5, total=10)("baseline", 1, 5)
    ('baseline', 6, 10)
    """

    def of_the_whole(step: str, done: int, _: int) -> None:
        progress(step, before + done, total)

    return of_the_whole
