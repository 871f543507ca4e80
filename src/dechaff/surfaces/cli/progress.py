"""Progress on stderr: bars with the time that is left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from dechaff.core.progress import Progress, silent
from dechaff.report.text import one_line
from dechaff.surfaces.cli.console import stderr


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


@dataclass
class Stops:
    """Counts Ctrl-C: an audit keeps its finished checks and returns, but the exit code is that of a stop."""

    count: int = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """The signal handler."""
        self.count += 1
        raise KeyboardInterrupt


@contextmanager
def counted_stops() -> Iterator[Stops]:
    """Ctrl-C still interrupts inside the block, and is counted."""
    stops = Stops()
    before = signal.signal(signal.SIGINT, stops)
    try:
        yield stops
    finally:
        signal.signal(signal.SIGINT, before)
