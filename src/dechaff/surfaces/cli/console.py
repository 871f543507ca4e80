"""Output: results to stdout, everything else to stderr; control characters in data are shown, not sent."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text


def stdout() -> Console:
    """The console of results."""
    return Console(highlight=False, markup=False, emoji=False)


def stderr() -> Console:
    """The console of progress and of hints."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def say(console: Console, line: str, style: str = "", *, indent: int = 0) -> None:
    """One line, wrapped between words at the width of the terminal."""
    text = Text(line, style=style)
    console.print(Padding(text, (0, 0, 0, indent), expand=False) if indent else text)


def title(console: Console, words: str) -> None:
    """The heading of a part, with an empty line above."""
    console.print()
    say(console, words, "bold")


def say_whole(console: Console, line: str, style: str = "") -> None:
    """One line that is never broken, so that a path or command in it can be copied."""
    console.print(Text(line, style=style), soft_wrap=True)


def table(*columns: str) -> Table:
    """An empty table without lines; a cell that is too wide is cut."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in columns:
        made.add_column(name, overflow="ellipsis")
    return made


def print_json(value: Any) -> None:
    """The result as JSON on stdout."""
    print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def print_next(*commands: str) -> None:
    """The next commands, on stderr, so that stdout holds only the result."""
    console = stderr()
    for number, command in enumerate(commands):
        say_whole(console, f"{'Next:' if number == 0 else '   or'} {command}", style="bold" if number == 0 else "")
