"""What a pacing function returns, and the base of those that grow from a fraction of the rows to all."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from dechaff.errors import InputError


class Window(NamedTuple):
    """The part of the ranking that is trained on: from the fraction `low` to the fraction `high`."""

    low: float
    high: float


class Pacing(Protocol):
    """A pacing function."""

    def __call__(self, done: float) -> Window:
        """The window after the fraction `done` of the steps, in [0, 1)."""


@dataclass(frozen=True)
class Growth:
    """The easiest fraction `start` at first, and `end` of the rows, by default all, after the fraction `full` of steps.

    With `end` below 1, the hardest rows are never trained on.
    """

    start: float = 0.2
    full: float = 0.8
    end: float = 1.0

    def __post_init__(self) -> None:
        check_fraction("start", self.start)
        check_fraction("full", self.full)
        check_fraction("end", self.end)
        if self.end < self.start:
            found, fix = f"{self.end:g} < {self.start:g}", "Start with fewer rows, or end with more."
            raise InputError("the pacing's end", "be at least its start", found, fix)

    def __call__(self, done: float) -> Window:
        """The window after the fraction `done` of the steps."""
        risen = 1.0 if done >= self.full else self._risen(done / self.full)
        return Window(0.0, self.start + (self.end - self.start) * risen)

    @abstractmethod
    def _risen(self, done: float) -> float:
        """How much of the way from `start` to `end` is made, in [0, 1]."""


def check_fraction(name: str, value: float) -> None:
    """An InputError unless the value is above 0 and at most 1."""
    if not 0 < value <= 1:
        raise InputError(f"the pacing's {name}", "be above 0 and at most 1", f"{value:g}", "Use 0.2, for example.")


def check_parts(parts: int) -> None:
    """An InputError unless there is a part."""
    if parts < 1:
        raise InputError("the pacing's parts", "be at least 1", str(parts), "Use 5, for example.")
