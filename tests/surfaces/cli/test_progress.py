from __future__ import annotations

import os
import signal

import pytest

from dechaff.surfaces.cli.progress import counted_stops, shown_progress


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
    assert stops.count == 1
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
