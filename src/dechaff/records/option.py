"""The description of an option, beside its type and default: of keywords, flags and entries of options.json."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SAME = object()
"""The flag has the type of its field."""


@dataclass(frozen=True)
class Option:
    """The description of an option, beside its type and default.

    Parameters
    ----------
    help : a sentence or two, for ``--help`` and for `help` in Python.
    kind : what Python takes, in words.
    flag : type of the flag, by default that of the field; None if there is no flag.
    decides : whether the findings depend on it. Other options are left out of reports.
    """

    help: str
    kind: str
    flag: Any = SAME
    decides: bool = True

    @property
    def has_flag(self) -> bool:
        """Whether the command line has it."""
        return self.flag is not None
