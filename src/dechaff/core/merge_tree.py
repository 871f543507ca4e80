"""States merged in pairs, in a tree whose shape depends on their number alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic

from dechaff.core.fold import S


class MergeTree(Generic[S]):
    """Takes states in order and keeps one for each level of the tree: log2 of their number in memory.

    A chain of merges would add small states to an ever larger one, with growing rounding errors.

    Examples
    --------
    >>> tree = MergeTree(lambda left, right: f"({left}{right})")
    >>> for state in "abcde":
    ...     tree.add(state)
    >>> tree.root("")
    '(((ab)(cd))e)'
    """

    def __init__(self, merge: Callable[[S, S], S]) -> None:
        self._merge = merge
        self._levels: list[tuple[int, S]] = []

    def add(self, state: S) -> None:
        """One more state, after all the others."""
        level = 0
        while self._levels and self._levels[-1][0] == level:
            state = self._merge(self._levels.pop()[1], state)
            level += 1
        self._levels.append((level, state))

    def root(self, empty: S) -> S:
        """All states in one; `empty` if there were none."""
        if not self._levels:
            return empty
        state = self._levels[-1][1]
        for _, left in reversed(self._levels[:-1]):
            state = self._merge(left, state)
        return state
