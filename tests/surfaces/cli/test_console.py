from __future__ import annotations

import json

import pytest

from dechaff.report.text import one_line
from dechaff.surfaces.cli.console import print_json, print_next, say, stdout


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
