from __future__ import annotations

import json
import os
import signal

import pytest

from dechaff.report.words import one_line
from dechaff.surfaces.cli.console import counted_stops, print_json, print_next, say, shown_progress, stdout


@pytest.mark.parametrize("hostile", ["\x1b]0;title\x07", "\x9b31m", "a\rb", "‮gnp.exe", "x\x00y"])
def test_data_cannot_steer_the_terminal(hostile: str) -> None:
    shown = one_line(hostile)
    assert shown.isprintable()


def test_markup_in_data_is_shown_and_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    say(stdout(), "[red]not red[/red] :smile:")
    assert capsys.readouterr().out == "[red]not red[/red] :smile:\n"


def test_json_is_json_and_refuses_what_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"é": [1, None]})
    out = capsys.readouterr().out
    assert json.loads(out) == {"é": [1, None]}
    assert "é" in out
    with pytest.raises(ValueError, match="not JSON compliant"):
        print_json(float("nan"))


def test_the_next_command_is_never_broken_and_goes_to_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    print_next("dechaff report a_folder_with_a_long_name.dechaff --open", "dechaff log x")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "Next: dechaff report a_folder_with_a_long_name.dechaff --open",
        "   or dechaff log x",
    ]


def test_a_log_file_gets_one_line_a_step(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress(quiet=False) as progress:
        for done in range(3):
            progress("baseline", done, 3)
        progress("slices\x1b[2J", 1, 1)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "baseline …\nslices␛[2J …\n"


def test_quiet_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress(quiet=True) as progress:
        progress("baseline", 1, 3)
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_bars_that_leave_nothing_behind(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with shown_progress(quiet=False) as progress:
        progress("baseline [1]", 1, 3)
        progress("baseline [1]", 3, 3)
    captured = capsys.readouterr()
    assert "baseline [1]" in captured.err
    assert "3/3" in captured.err
    assert captured.out == ""


def test_a_stop_is_remembered_when_the_work_swallows_it() -> None:
    before = signal.getsignal(signal.SIGINT)
    with counted_stops() as stops, pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
    assert len(stops) == 1
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("terminal", [False, True])
def test_a_remark_is_no_step(
    terminal: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")
    with shown_progress(quiet=False) as progress:
        progress("100 rows: about 10 seconds", 0, 0)
    shown = capsys.readouterr().err
    assert "100 rows: about 10 seconds\n" in shown
    assert "…" not in shown
