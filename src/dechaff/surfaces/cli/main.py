"""Entry point of ``dechaff``: prints the overview at once, runs a command, and turns errors into exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from dechaff.surfaces.cli.commands import COMMANDS, FINE, OUR_FAULT, PIPE_CLOSED, STOPPED, UNUSABLE, overview


def run() -> None:
    """The console script."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command line; return the exit code."""
    try:
        if not arguments or arguments[0] in ("-h", "--help", "help"):
            print(overview())
            code = FINE
        elif arguments[0] == "--version":
            print(_version())
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


def _version() -> str:
    from dechaff._version import __version__

    return f"dechaff {__version__}"


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
        return _refuse(f"{error}\n{_help_of(arguments)}")
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
