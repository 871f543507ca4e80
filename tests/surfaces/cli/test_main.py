from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dechaff import __version__
from dechaff.errors import DataError
from dechaff.surfaces.cli import options
from dechaff.surfaces.cli.main import COMMANDS, main, overview

DECHAFF = Path(sys.executable).with_name("dechaff")
CPU_LIMIT = 0.25


def _raising(error: BaseException) -> Callable[[], Callable[..., int]]:
    def command(*arguments: object, **options: object) -> int:
        raise error

    return lambda: command


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
def test_help_is_the_overview(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert capsys.readouterr().out == overview() + "\n"


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"dechaff {__version__}\n"


def test_help_takes_little_cpu_and_loads_no_parser() -> None:
    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([DECHAFF, "--help"], stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(3)) < CPU_LIMIT
    script = "import sys; from dechaff.surfaces.cli.main import main; main(['--help']); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"cyclopts", "rich", "numpy", "polars"} & set(loaded)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_of_the_overview_has_help(command: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command.name, "--help"]) == 0  # type: ignore[attr-defined]
    out = " ".join(capsys.readouterr().out.split())
    assert f"Usage: dechaff {command.name}" in out  # type: ignore[attr-defined]
    assert command.help in out  # type: ignore[attr-defined]


def test_every_line_of_the_overview_fits_a_terminal() -> None:
    assert max(map(len, overview().splitlines())) <= 80


def test_a_misspelt_command_is_answered_with_the_closest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audti", "x.csv"]) == 2
    assert 'Did you mean "audit"?' in capsys.readouterr().err


def test_a_misspelt_flag_is_answered_with_the_closest_and_where_to_look(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "x.csv", "--labl", "y"]) == 2
    err = capsys.readouterr().err
    assert "Did you mean --label?" in err
    assert "dechaff audit --help" in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["audit"], "Error: dechaff audit needs SOURCE.\n"),
        (["prove", "a.csv"], "Error: dechaff prove needs AFTER.\n"),
        (["prove", "a.csv", "b.csv", "--test"], "Error: --test needs a value.\n"),
    ],
)
def test_what_is_missing_is_named(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith(told)


def test_an_error_in_the_data_has_its_four_parts_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(options, "build_app", _raising(DataError("the file a.csv", "hold rows", "none", "Fill it.")))
    assert main(["audit", "a.csv"]) == 2
    captured = capsys.readouterr()
    assert captured.err == "Error: the file a.csv must hold rows; found none.\nFill it.\n"
    assert captured.out == ""


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (KeyboardInterrupt(), 130, "Stopped."),
        (PermissionError(13, "Permission denied", "a.csv"), 2, "a.csv must be open to dechaff"),
        (MemoryError(), 2, "do not fit into memory"),
        (ZeroDivisionError("oh"), 70, "an error in dechaff"),
    ],
)
def test_what_stops_a_command_decides_the_exit_code(
    error: BaseException, code: int, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(options, "build_app", _raising(error))
    assert main(["audit", "a.csv"]) == code
    assert words in capsys.readouterr().err


def test_a_reader_that_goes_away_ends_the_command_quietly() -> None:
    # `true` closes the pipe before the many lines of the loop are written.
    script = "import sys; from dechaff.surfaces.cli.main import main; [main(['--help']) for _ in range(3000)]"
    pipe = f'{sys.executable} -c "{script}" | head -n 1'
    done = subprocess.run(pipe, shell=True, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout == "Usage: dechaff COMMAND [OPTIONS]\n"
