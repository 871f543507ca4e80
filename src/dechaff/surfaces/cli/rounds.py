"""The rounds of a recipe and the models that it compared, on the terminal."""

from __future__ import annotations

from rich.console import Console

from dechaff.records.metrics import Metrics
from dechaff.report.numbers import between, count, percent
from dechaff.surfaces.cli.console import one_line, say, title


def print_rounds(console: Console, metrics: Metrics) -> None:
    """One line per round, one line per model."""
    if metrics.rounds:
        title(console, "Rounds")
    for one in metrics.rounds:
        outcome = "kept" if one.kept else "not kept"
        changes = f"{count(one.dropped)} dropped, {count(one.relabelled)} relabelled"
        say(console, f"{one.round}. {changes}: {outcome}; {one_line(one.why, 200)}", indent=2)
    if metrics.selection:
        title(console, "Models compared on the improved data")
    for model in metrics.selection:
        chosen = " ← kept" if model.chosen else ""
        say(
            console,
            f"{percent(model.score)} ({between(model.low, model.high)})  {one_line(model.name)}{chosen}",
            indent=2,
        )
