"""The result on labelled positives, on the terminal: what may be wrong, and every estimate."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from dechaff.records.metrics import PositiveEstimate, PositivesFacts
from dechaff.report.numbers import between, percent
from dechaff.report.positives import hidden_in_words, in_doubt
from dechaff.surfaces.cli.console import one_line, say, title


def print_positives(console: Console, facts: PositivesFacts) -> None:
    """How many are positive; nothing if it was not estimated."""
    if facts.c is None:
        return
    for one in in_doubt(facts):
        title(console, f"May be wrong: {one_line(one.name)}")
        say(console, one_line(f"{one.says} {one.do}", 600), indent=2)
    title(console, "Fraction of positives that is labelled, and of rows that is positive")
    say(console, f"{hidden_in_words(facts)}.", indent=2)
    console.print(_estimates(facts.estimates))


def _estimates(estimates: tuple[PositiveEstimate, ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("estimate", "labelled", "95 % interval", "positive", "95 % interval"):
        table.add_column(name, overflow="ellipsis")
    for one in estimates:
        table.add_row(
            one_line(one.name.replace("_", " ")),
            percent(one.c),
            between(one.c_low, one.c_high),
            percent(one.class_prior),
            between(one.class_prior_low, one.class_prior_high),
            style="bold" if one.used else "",
        )
    return table
