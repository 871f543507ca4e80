"""The command of a run, as its run folder tells it."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from dechaff._version import __version__
from dechaff.records.options import AnyOptions, options_of, plain, plain_value
from dechaff.typing import Json

_PACKAGES = ("numpy", "scipy", "scikit-learn", "polars")


@dataclass(frozen=True)
class Command:
    """A command with its source and options; ``about`` is what else options.json says of the run."""

    verb: str
    source: Any
    options: AnyOptions
    about: Mapping[str, Any] = field(default_factory=dict)

    def written(self) -> Json:
        """The content of options.json."""
        given = {"source": plain_value(self.source), **plain(self.options)}
        kept = {name: value for name, value in given.items() if value not in ([], ()) and value is not False}
        return {**kept, **self.about, "environment": environment()}

    def line(self, *also: str) -> str:
        """The command that finds the same again: the options on which that depends, and those named in `also`.

        Examples
        --------
        >>> from dechaff.records.options import AuditOptions
        >>> Command("audit", "my file.csv", AuditOptions(label="y", text=["a", "b"], threads=2)).line()
        "dechaff audit 'my file.csv' --label y --text a --text b --policy conservative --seed 0"
        """
        words = ["dechaff", self.verb, str(plain_value(self.source))]
        given = plain(self.options)
        for name, option in options_of(type(self.options)).items():
            # A policy with bounds of its own has no flag.
            if option.has_flag and (option.decides or name in also) and not isinstance(given.get(name), dict):
                words += flag_words(name, given.get(name))
        return shlex.join(words)


def flag_words(name: str, value: Any) -> list[str]:
    """An option as words of a command line; a value that looks like a flag is joined to its own by =.

    Examples
    --------
    >>> flag_words("test_size", 0.2), flag_words("drop", ["a", "-b"])
    (['--test-size', '0.2'], ['--drop', 'a', '--drop=-b'])
    """
    flag = f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        return [flag] if value else []
    given = [] if value is None else [str(one) for one in (value if isinstance(value, list) else [value])]
    return [word for one in given for word in ([f"{flag}={one}"] if one.startswith("-") else [flag, one])]


def environment() -> dict[str, str]:
    """Versions of everything that could change a figure."""
    return {
        "dechaff": __version__,
        "python": platform.python_version(),
        **{package: version(package) for package in _PACKAGES},
    }
