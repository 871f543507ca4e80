"""Entry point of ``dechaff``: the table of commands and its overview, and exit codes for all that may happen.

Importing this file is fast: the parser, which takes long to load, is loaded only for a command.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cyclopts import CycloptsError

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
    Command("curriculum", "audit", "Find", "Find hard rows, and whether easy rows first help to train."),
    Command("labels", "labels", "Find", "Find wrong labels from the probabilities of your own model."),
    Command("consensus", "consensus", "Find", "Find the labels of items that several annotators answered."),
    Command("next", "next", "Find", "Choose the rows of a pool to label next."),
    Command("engine", "engine", "Find", "Find where a deployed model fails, and label rows like these."),
    Command("report", "runs", "Find", "Open the report of an audit, or write it in another form."),
    Command("findings", "findings", "Find", "List the findings of an audit, filtered by code, classes or score."),
    Command("explain", "runs", "Find", "Explain a code of a finding: what it means and what to do about it."),
    Command("check", "check", "Find", "List the cells of a new file that break learned rules."),
    Command("rules", "check", "Find", "List the rules of cells that an audit learned, or export them."),
    Command("features", "features", "Find", "Find the columns that a model needs, and why not the others."),
    Command("review", "review", "Fix", "Decide about findings on a local page, one key per decision."),
    Command("learn", "learn", "Fix", "Judge labels and cells anew from the decisions of reviewers."),
    Command("augment", "augment", "Fix", "Add rows made from other rows, if that helps on held-out rows."),
    Command("apply", "runs", "Fix", "Write the improved data set, in the format of the original."),
    Command("log", "runs", "Fix", "List the decisions about rows, with their source and reason."),
    Command("prove", "prove", "Prove", "Test on sealed rows whether training data got better."),
    Command("recipe", "audit", "All in one", "Explore, train, improve and select, in rounds, and prove the result."),
    Command("predict", "runs", "All in one", "Predict the labels of new rows with the model that a recipe kept."),
    Command("demo", "demo", "All in one", "Try all steps on a small real data set; needs no network."),
    Command("bench", "bench", "Compare", "Compare methods for noisy labels on your own data."),
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
        lines = [f"  {command.name:<10}{command.help}" for command in commands]
        blocks.append("\n".join([f"{group}:", *lines, ""]))
    return "\n".join([*blocks, _TAIL])


def run() -> None:
    """The console script."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command line; return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A console of few characters, or a name that is no text: each other character is written as its number.
        if getattr(stream, "errors", "") == "strict" and isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        if not arguments or arguments[0] in ("-h", "--help", "help"):
            print(overview())
            code = FINE
        elif arguments[0] == "--version":
            from dechaff._version import __version__

            print(f"dechaff {__version__}")
            code = FINE
        else:
            code = _run_command(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _mute_stdout()
        return PIPE_CLOSED
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return STOPPED
    return code


def _run_command(arguments: Sequence[str]) -> int:
    from cyclopts import CycloptsError, UnusedCliTokensError

    from dechaff.errors import DechaffError
    from dechaff.surfaces.cli.options import build_app

    try:
        return build_app()(list(arguments), exit_on_error=False, print_error=False) or FINE
    except UnusedCliTokensError as error:
        extra = " ".join(error.unused_tokens or ())
        return _refuse(f"Unknown argument: {extra}\n{_help_of(arguments)}")
    except CycloptsError as error:
        return _refuse(f"{_misuse(error)}\n{_help_of(arguments)}")
    except DechaffError as error:
        return _refuse(str(error))
    except BrokenPipeError:
        raise
    except OSError as error:
        return _refuse(_file_message(error))
    except MemoryError:
        return _refuse(
            "The data do not fit into memory.\n"
            "Set a limit, for example --memory 2GB: CSV, JSONL and Parquet are then processed out of core."
        )
    except Exception:
        return _own_fault()


def _misuse(error: CycloptsError) -> str:
    """What is wrong; if something is missing, an argument, or the value of an option that was named without one."""
    from cyclopts import MissingArgumentError

    if not isinstance(error, MissingArgumentError) or error.argument is None:
        return str(error)
    given = error.keyword or next((token.keyword for token in error.argument.tokens if token.keyword), None)
    _, found, hint = str(error).partition(" Did you mean ")
    command = " ".join(("dechaff", *(error.command_chain or ())))
    needs = f"{given} needs a value." if given else f"{command} needs {error.argument.name}."
    return f"{needs}{found}{hint}"


def _help_of(arguments: Sequence[str]) -> str:
    named = f"{arguments[0]} " if arguments[0] in {command.name for command in COMMANDS} else ""
    return f"List the options with: dechaff {named}--help"


def _refuse(message: str) -> int:
    print(f"Error: {message}", file=sys.stderr)
    return UNUSABLE


def _file_message(error: OSError) -> str:
    name = error.filename or "a file"
    reason = (error.strerror or str(error)).lower()
    return (
        f"{name} must be open to dechaff; found: {reason}.\nCheck the path, its permissions and the space on the disk."
    )


def _own_fault() -> int:
    import traceback

    traceback.print_exc()
    print("This is an error in dechaff, not in your data. Please report it with the lines above.", file=sys.stderr)
    return OUR_FAULT


def _mute_stdout() -> None:
    """The reader has closed the pipe (``| head``): what the interpreter still flushes at exit is discarded."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
