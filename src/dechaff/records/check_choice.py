"""Which checks an audit runs: those that were chosen, as far as they begin within the time budget."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Annotated

from dechaff.core.words import listed
from dechaff.errors import InputError
from dechaff.records.codes import code_named
from dechaff.records.option import Option

_FLAGS = tuple[str, ...]
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}
_TIME = re.compile(r"(?:(\d+(?:\.\d+)?)\s*h)?\s*(?:(\d+(?:\.\d+)?)\s*m(?:in)?)?\s*(?:(\d+(?:\.\d+)?)\s*s?)?")


@dataclass(frozen=True, kw_only=True)
class CheckOptions:
    """Which checks are run. Reports name those that were not, with the reason."""

    only: Annotated[
        Sequence[str],
        Option("Code of a check, such as L001: run no others. Repeatable, or with commas.", "codes", _FLAGS),
    ] = ()
    skip: Annotated[
        Sequence[str], Option("Code of a check that is not run. Repeatable, or with commas.", "codes", _FLAGS)
    ] = ()
    time_budget: Annotated[
        str | float | None,
        Option(
            "No check begins later than this after the start: 10m, 90s or 1h30m. The most useful checks come first.",
            '"10m", "90s", "1h30m" or a number of seconds',
            str | None,
        ),
    ] = None


@dataclass(frozen=True)
class CheckChoice:
    """The checks that were chosen, and when the time for beginning another one is over.

    ``only`` and ``skip`` are codes; no ``only`` stands for all. ``ends`` is a time of the ``clock``, and ``budget``
    names it in words.
    """

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    ends: float = inf
    budget: str = ""
    clock: Callable[[], float] = time.monotonic

    @property
    def limited(self) -> bool:
        """Whether there is a time budget."""
        return isfinite(self.ends)

    def wants(self, code: str) -> bool:
        """Whether a check was chosen."""
        return not self.unwanted((code,))

    def unwanted(self, checks: Collection[str]) -> dict[str, str]:
        """Those of some checks that were not chosen, each with the reason.

        Examples
        --------
        >>> CheckChoice(skip=("O001",)).unwanted(["D001", "O001"])
        {'O001': 'left out by --skip'}
        """
        left = {code: "left out by --skip" for code in checks if code in self.skip}
        others = {code: "not among the checks of --only" for code in checks if self.only and code not in self.only}
        return {code: {**others, **left}[code] for code in checks if code in others or code in left}

    def too_late(self) -> str:
        """Why no further check may begin; empty as long as one may."""
        return f"its turn came after the time budget of {self.budget}" if self.clock() >= self.ends else ""


ALL = CheckChoice()
"""Every check, however long it takes."""


def choice_of(
    options: CheckOptions, checks: Collection[str], *, clock: Callable[[], float] = time.monotonic
) -> CheckChoice:
    """What options choose among `checks`, the codes of an audit; the budget begins now.

    Raises
    ------
    InputError
        If a code is unknown or no check of this audit, no check is left, or the budget is no time.

    Examples
    --------
    >>> choice_of(CheckOptions(only=["l001,D001"], time_budget="1m30s"), ["D001", "L001"], clock=lambda: 10.0).ends
    100.0
    """
    only, skip = (_codes(name, getattr(options, name), checks) for name in ("only", "skip"))
    if not [code for code in checks if code not in skip and (not only or code in only)]:
        raise InputError("only and skip", "leave a check to run", "none", "Name fewer codes in --skip.")
    if options.time_budget is None:
        return CheckChoice(only, skip)
    seconds = _seconds(options.time_budget)
    words = str(options.time_budget).strip()
    words = f"{words} s" if words.replace(".", "", 1).isdigit() else words
    return CheckChoice(only, skip, clock() + seconds, words, clock)


def _codes(name: str, given: Sequence[str], checks: Collection[str]) -> tuple[str, ...]:
    words = [word for text in ([given] if isinstance(given, str) else given) for word in str(text).split(",")]
    codes = tuple(code_named(word, f"the code in --{name}").code for word in words if word.strip())
    for code in codes:
        if code not in checks:
            fix = f"Write one of: {listed(sorted(checks), len(checks))}."
            raise InputError(f"the code in --{name}", "be one of a check of this command", repr(code), fix)
    return codes


def _seconds(given: str | float) -> float:
    """A time in seconds.

    >>> _seconds("1h30m"), _seconds(90), _seconds("2.5m")
    (5400.0, 90.0, 150.0)
    """
    found = _TIME.fullmatch(str(given).strip())
    if found is None or not any(found.groups()):
        fix = "Write 10m, 90s or 1h30m, or a number of seconds."
        raise InputError("--time-budget", "be a time", repr(given), fix)
    return sum(float(part) * unit for part, unit in zip(found.groups(), _UNITS.values(), strict=True) if part)
