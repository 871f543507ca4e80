"""``dechaff log``."""

from __future__ import annotations

import sys
from csv import DictWriter
from dataclasses import asdict, fields
from pathlib import Path

from rich.table import Table

from dechaff.records.decisions import Event
from dechaff.records.run import read_run
from dechaff.surfaces.cli.console import one_line, print_json, stdout
from dechaff.surfaces.cli.exits import FINE

_COLUMNS = tuple(field.name for field in fields(Event))
_SHOWN = ("time", "actor", "source", "row", "action", "old", "new", "code", "note")


def log(run: Path, /, *, csv: bool = False, json: bool = False) -> int:
    """List the decisions about rows, with their source and reason.

    Parameters
    ----------
    run
        Folder that an audit wrote.
    csv
        Print every field of every event as CSV.
    json
        Print every field of every event as JSON.
    """
    events = [asdict(event) for event in read_run(run).events()]
    if json:
        print_json(events)
    elif csv:
        _print_csv(events)
    else:
        _print_table(events)
    return FINE


def _print_csv(events: list[dict[str, object]]) -> None:
    writer = DictWriter(sys.stdout, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(events)


def _print_table(events: list[dict[str, object]]) -> None:
    table = Table(*_SHOWN, box=None, pad_edge=False, header_style="dim")
    for event in events:
        table.add_row(*(one_line(event[name], 60) for name in _SHOWN))
    stdout().print(table)
