"""The commands in one table, the overview that ``dechaff --help`` prints from it, and the exit codes of all.

Importing this file is fast: the parser, which takes long to load,
is loaded only for a command.
"""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

FINE = 0
GATE_FAILED = 1
"""A limit of ``--fail-on`` was exceeded."""
UNUSABLE = 2
"""The command, a file or the data cannot be used as they are; the message explains what to do."""
OUR_FAULT = 70
"""An error in dechaff itself."""
STOPPED = 130
"""Stopped with Ctrl-C."""
PIPE_CLOSED = 141
"""The reader of stdout went away, as ``head`` does."""


class Command(NamedTuple):
    """One command: the function behind it is ``surfaces/cli/FILE.py:NAME``."""

    name: str
    file: str
    group: str
    help: str

    @property
    def target(self) -> str:
        """Where the function lives, as ``module:function``."""
        return f"dechaff.surfaces.cli.{self.file}:{self.name}"


COMMANDS = (
    Command("audit", "audit", "Find", "Find errors in a data set, explain them, and propose fixes."),
    Command("pu", "audit", "Find", "Find the positives among unlabelled rows, and how many there are."),
    Command("labels", "labels", "Find", "Find wrong labels from the probabilities of your own model."),
    Command("report", "runs", "Find", "Open the report of an audit, or write it in another form."),
    Command("explain", "runs", "Find", "Explain a code of a finding: what it means and what to do about it."),
    Command("apply", "runs", "Fix", "Write the improved data set, in the format of the original."),
    Command("log", "runs", "Fix", "List the decisions about rows, with their source and reason."),
    Command("prove", "prove", "Prove", "Test on sealed rows whether training data got better."),
    Command("recipe", "audit", "All in one", "Explore, train, improve and select, in rounds, and prove the result."),
    Command("predict", "runs", "All in one", "Predict the labels of new rows with the model that a recipe kept."),
    Command("demo", "demo", "All in one", "Try all steps on a small real data set; needs no network."),
    Command("doctor", "doctor", "This machine", "Show how dechaff runs here: Python, extras, threads, native kernel."),
)

_HEAD = """\
Usage: dechaff COMMAND [OPTIONS]

Finds what is wrong in a labelled data set, fixes it, and proves on sealed data
whether the model got better.
"""
_TAIL = """\
Options of a command: dechaff COMMAND --help
Version:              dechaff --version
First steps:          dechaff demo"""


def overview() -> str:
    """All commands by group, as ``dechaff --help`` prints them.

    Examples
    --------
    >>> print(overview().splitlines()[0])
    Usage: dechaff COMMAND [OPTIONS]
    """
    blocks = [_HEAD]
    for group, commands in groupby(COMMANDS, key=lambda command: command.group):
        lines = [f"  {command.name:<9}{command.help}" for command in commands]
        blocks.append("\n".join([f"{group}:", *lines, ""]))
    return "\n".join([*blocks, _TAIL])
