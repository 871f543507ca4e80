"""Output: results to stdout, all else, and progress, to stderr; control characters in data are shown, not sent."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from types import FrameType
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from dechaff.core.progress import Progress, silent
from dechaff.report.words import one_line


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


@contextmanager
def shown_progress(*, quiet: bool) -> Iterator[Progress]:
    """A progress callback that is drawn while the block runs."""
    console = stderr()
    if quiet:
        yield silent
    elif console.is_terminal:
        with _bars(console) as bars:
            yield _OnBars(bars)
    else:
        yield _OnLines(console)


def _bars(console: Console) -> Bars:
    step = TextColumn("{task.description}", markup=False)
    left = TimeRemainingColumn(compact=True, elapsed_when_finished=True)
    return Bars(step, BarColumn(bar_width=24), MofNCompleteColumn(), left, console=console, transient=True)


@dataclass
class _OnBars:
    """One bar per step; a step that begins again restarts its bar. Remarks are printed above the bars."""

    bars: Bars
    tasks: dict[str, TaskID] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def __call__(self, step: str, done: int, total: int) -> None:
        with self.lock:
            if total == 0:
                self.bars.console.print(one_line(step), soft_wrap=True)
                return
            if step not in self.tasks:
                self.tasks[step] = self.bars.add_task(one_line(step), total=total)
            self.bars.update(self.tasks[step], completed=done, total=total)


@dataclass
class _OnLines:
    """One line when a step begins; log files stay short."""

    console: Console
    begun: set[str] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)

    def __call__(self, step: str, done: int, total: int) -> None:
        with self.lock:
            if step not in self.begun:
                self.begun.add(step)
                self.console.print(one_line(step) if total == 0 else f"{one_line(step)} …", soft_wrap=True)


@contextmanager
def counted_stops() -> Iterator[list[int]]:
    """Ctrl-C still interrupts inside the block, and is counted.

    An audit keeps its finished checks and returns, but the exit code is that of a stop.
    """
    stops: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        stops.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield stops
    finally:
        signal.signal(signal.SIGINT, before)
