"""Write docs/commands.md from the help of the command line, and docs/codes.md from the table of codes.

``--check`` writes nothing and fails if a page is out of date.
"""

from __future__ import annotations

import io
import sys
import textwrap
from pathlib import Path

from rich.console import Console

from dechaff.records.codes import CODES
from dechaff.surfaces.cli.main import COMMANDS, overview
from dechaff.surfaces.cli.options import build_app

ROOT = Path(__file__).resolve().parents[1]
WIDTH = 100
COMMANDS_HEAD = """\
# Commands

Results go to stdout, progress and hints to stderr. `--json` prints the result as JSON, `--quiet` omits progress and
hints, `NO_COLOR` omits colours. Exit codes: 0 success, 1 a gate of `--fail-on` failed, 2 the command or the data cannot
be used (the message says what, why, and what to do), 130 stopped with Ctrl-C (finished checks are kept).
"""
CODES_HEAD = """\
# Codes of findings

Every finding has a code. The meaning of a code never changes. `dechaff explain CODE` prints its page, `dechaff explain`
lists them all. Scores are in [0, 1], and higher always means "look at this first". For L001 and P002 the score is the
probability that the label is wrong, for P001 that the row is positive. P001 and P002 come from `dechaff pu`,
F005 from `dechaff features`, H001 from `dechaff curriculum`, L007 from `dechaff consensus`.

| code | title | meaning |
|---|---|---|
"""


def commands_page() -> str:
    """The help of every command."""
    sections = [COMMANDS_HEAD, _block(overview())]
    sections += [f"## dechaff {command.name}\n\n{_block(_help(command.name))}" for command in COMMANDS]
    return "\n".join(sections)


def _block(text: str) -> str:
    return f"```text\n{text}\n```\n"


def _help(name: str) -> str:
    console = Console(file=io.StringIO(), width=1000, force_terminal=False, color_system=None)
    app = build_app()
    app.help_formatter = "plain"
    app.help_print([name], console=console)
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().strip().splitlines()
    return "\n".join(textwrap.fill(line.rstrip(), WIDTH, subsequent_indent="      ") for line in lines)


def codes_page() -> str:
    """The table of codes, with links to their pages."""
    pages = "../src/dechaff/records/pages"
    rows = [f"| [{one.code}]({pages}/{one.code}.md) | {one.title} | {one.meaning} |\n" for one in CODES.values()]
    return CODES_HEAD + "".join(rows)


def main(arguments: list[str]) -> None:
    """Write the pages, or check them."""
    for name, text in (("commands.md", commands_page()), ("codes.md", codes_page())):
        target = ROOT / "docs" / name
        if "--check" not in arguments:
            target.write_text(text, encoding="utf-8")
        elif not target.exists() or target.read_text(encoding="utf-8") != text:
            sys.exit(f"docs/{name} is out of date; run: make pages")


if __name__ == "__main__":
    main(sys.argv[1:])
