"""Writes docs/commands.md from the help of the command line, so that the page cannot say anything else.

``--check`` writes nothing and fails where the page is out of date.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from rich.console import Console

from dechaff.surfaces.cli.app import build_app
from dechaff.surfaces.cli.commands import COMMANDS, overview

ROOT = Path(__file__).resolve().parents[1]
HEAD = """\
# Commands

Results go to stdout, progress and hints to stderr. `--json` prints the result as JSON, `--quiet` leaves out progress
and hints, `NO_COLOR` the colours. Exit codes: 0 fine, 1 a gate of `--fail-on` failed, 2 the command or the data cannot
be used (the message says what, why, and what to do), 130 stopped with Ctrl-C (finished checks are kept).
"""


def page() -> str:
    """The whole page."""
    sections = [HEAD, _block(overview())]
    sections += [f"## dechaff {command.name}\n\n{_block(_help(command.name))}" for command in COMMANDS]
    return "\n".join(sections)


def _block(text: str) -> str:
    return f"```text\n{text}\n```\n"


def _help(name: str) -> str:
    console = Console(file=io.StringIO(), width=100, force_terminal=False, color_system=None)
    app = build_app()
    app.help_formatter = "plain"
    app.help_print([name], console=console)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().strip().splitlines())


def main(arguments: list[str]) -> None:
    """Write the page, or check it."""
    target = ROOT / "docs" / "commands.md"
    if "--check" not in arguments:
        target.write_text(page(), encoding="utf-8")
    elif not target.exists() or target.read_text(encoding="utf-8") != page():
        sys.exit("docs/commands.md is out of date with the command line; run: make docs")


if __name__ == "__main__":
    main(sys.argv[1:])
