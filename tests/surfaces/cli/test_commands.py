"""The whole job on the command line, on the data of the demo."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from dechaff.records.metrics import Metrics
from dechaff.records.record import converted
from dechaff.records.run import read_run
from dechaff.surfaces.cli.demo import write_demo_files
from dechaff.surfaces.cli.main import main

DECHAFF = Path(sys.executable).with_name("dechaff")


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo's files and an audit of them."""
    folder = tmp_path_factory.mktemp("job")
    files = write_demo_files(folder)
    code = main(["audit", str(files.train), "--label", "diagnosis", "--test", str(files.test), "--quiet"])
    assert code == 0
    return folder


@pytest.fixture
def here(audited: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(audited)
    return audited


@pytest.mark.slow
def test_an_audit_writes_its_folder_beside_the_file_and_says_what_to_type_next(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (here / "tumours.csv").read_bytes()
    assert main(["audit", "tumours.csv", "--label", "diagnosis", "--out", "other.dechaff"]) == 0
    captured = capsys.readouterr()
    assert (here / "tumours.csv").read_bytes() == before
    assert (here / "other.dechaff" / "report.html").is_file()
    assert "Next: dechaff report other.dechaff --open" in captured.err
    assert "dechaff apply other.dechaff -o improved.csv" in captured.err
    assert "Next:" not in captured.out


def test_the_mixed_up_clinic_is_found_in_words(here: Path) -> None:
    slices = json.loads((here / "tumours.dechaff" / "metrics.json").read_text())["slices"]
    assert "riverside" in slices[0]["condition"]


@pytest.mark.slow
def test_json_is_the_whole_of_stdout(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    audit = ["audit", "tumours.csv", "--label", "diagnosis", "--out", "json.dechaff", "--json"]
    assert main([*audit, "--fail-on", "D001:1000", "--fail-on", "D001"]) == 1
    captured = capsys.readouterr()
    printed = json.loads(captured.out)
    assert printed["run"] == "json.dechaff"
    assert [failed["gate"] for failed in printed["gates_failed"]] == ["D001:0"]
    assert "Gate failed: D001" in captured.err


def test_apply_writes_the_improved_file_and_its_changes(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["apply", "tumours.dechaff", "-o", "improved.csv"]) == 0
    captured = capsys.readouterr()
    assert captured.out.split() == ["improved.csv", "improved.changes.csv"]
    assert "dechaff prove" in captured.err
    original, improved = pl.read_csv("tumours.csv"), pl.read_csv("improved.csv")
    assert improved.columns == original.columns
    assert improved.height < original.height
    assert (here / "improved.changes.csv").is_file()
    assert main(["apply", "tumours.dechaff", "-o", "tumours.v2.csv"]) == 0
    assert all((here / name).is_file() for name in capsys.readouterr().out.split())


def test_decisions_go_out_are_edited_and_come_back(here: Path) -> None:
    # A copy of the run: decisions of people are kept in it, and the other tests look at the proposed ones.
    shutil.copytree("tumours.dechaff", "edited.dechaff")
    assert main(["apply", "edited.dechaff", "--export-decisions", "decisions.csv"]) == 0
    lines = list(csv.DictReader(Path("decisions.csv").read_text().splitlines()))
    for line in lines:
        line["action"] = "keep"
    with Path("kept.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    assert main(["apply", "edited.dechaff", "--decisions", "kept.csv", "-o", "unchanged.csv"]) == 0
    assert Path("unchanged.csv").read_bytes() == Path("tumours.csv").read_bytes()


def test_the_report_counts_rows_as_reviewers_decided(here: Path) -> None:
    shutil.copytree("tumours.dechaff", "counted.dechaff")
    before = read_run("counted.dechaff").metrics.decisions
    written = converted(json.loads(Path("counted.dechaff/metrics.json").read_text()), Metrics, "metrics.json")
    assert written.decisions == before
    assert before.by_reviewers == 0
    dropped = next(event for event in read_run("counted.dechaff").decided().values() if event.action == "drop")
    Path("one.csv").write_text(f"row,action,label\n{dropped.row},keep,\n")
    assert main(["apply", "counted.dechaff", "--decisions", "one.csv", "-o", "counted.csv"]) == 0
    after = read_run("counted.dechaff").metrics.decisions
    assert (after.keep, after.drop) == (before.keep + 1, before.drop - 1)
    page = Path("counted.dechaff/report.html").read_text()
    assert "Reviewers decided 1 row." in page
    assert f'<dt>Keep</dt><dd class="number">{after.keep}</dd>' in page


@pytest.mark.slow
def test_the_next_command_reads_the_columns_as_the_audit_did(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--drop", "clinic", "--drop", "unit", "--id", "patient"]
    assert main(["audit", "tumours.csv", "--label", "diagnosis", *flags, "--out", "flags.dechaff", "--quiet"]) == 0
    capsys.readouterr()
    assert main(["apply", "flags.dechaff", "-o", "flags.csv"]) == 0
    said = capsys.readouterr().err
    assert "--label diagnosis --test TEST_FILE --id patient --drop clinic --drop unit" in said


def test_the_next_command_knows_where_the_file_has_moved(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy("tumours.csv", "moved.csv")
    assert main(["apply", "tumours.dechaff", "--source", "moved.csv", "-o", "improved2.csv"]) == 0
    assert "dechaff prove moved.csv improved2.csv" in capsys.readouterr().err


def test_the_log_lists_decisions_as_table_csv_and_json(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["log", "tumours.dechaff", "--json"]) == 0
    events = json.loads(capsys.readouterr().out)
    assert main(["log", "tumours.dechaff", "--csv"]) == 0
    assert len(list(csv.DictReader(capsys.readouterr().out.splitlines()))) == len(events) > 0
    assert main(["log", "tumours.dechaff"]) == 0
    assert "action" in capsys.readouterr().out


@pytest.mark.parametrize(("form", "beginning"), [("json", "{"), ("md", "#")])
def test_the_report_in_another_form_goes_to_stdout_or_a_file(
    here: Path, form: str, beginning: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "tumours.dechaff", "--format", form]) == 0
    assert capsys.readouterr().out.startswith(beginning)
    assert main(["report", "tumours.dechaff", "--format", form, "-o", f"report.{form}"]) == 0
    assert capsys.readouterr().out == f"report.{form}\n"
    assert Path(f"report.{form}").read_text().startswith(beginning)


def test_no_browser_is_opened_without_a_terminal(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("webbrowser.open", lambda url: pytest.fail("a browser was opened"))
    assert main(["report", "tumours.dechaff", "--open"]) == 0
    assert capsys.readouterr().out == "tumours.dechaff/report.html\n"


@pytest.mark.slow
def test_the_verdict_of_a_proof_is_a_key_of_its_json(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["apply", "tumours.dechaff", "-o", "improved.csv"]) == 0
    capsys.readouterr()
    proof = ["prove", "tumours.csv", "improved.csv", "--label", "diagnosis", "--test", "tumours_test.csv"]
    assert main([*proof, "--json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "better"


def test_explain_prints_the_page_of_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "l001"]) == 0
    assert "label error" in capsys.readouterr().out
    assert main(["explain", "L001", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["code"] == "L001"
    assert main(["explain", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) > 10


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["audit", "nowhere.csv", "--label", "x"], "nowhere.csv"),
        (["audit", "tumours.csv", "--label", "diagnosi"], "diagnosis"),
        (["audit", "tumours.csv", "--label", "diagnosis", "--fail-on", "X9"], "--fail-on"),
        (["audit", "tumours.csv", "--label", "diagnosis", "--fail-on", "Z001"], "Write one of: L001, L002"),
        (["audit", "tumours.csv", "--label", "diagnosis", "--threads", "0"], "e.g. 1."),
        (["audit", "tumours.csv", "--label", "diagnosis", "--test-size", "-2"], "--test-size"),
        (["audit", "tumours.csv", "--label", "diagnosis", "--policy", "reckless"], "conservative"),
        (["report", "nowhere.dechaff"], "nowhere.dechaff"),
        (["apply", "tumours.dechaff"], "-o improved.csv"),
        (["apply", "tumours.dechaff", "-o", "tumours.csv"], "tumours.csv"),
        (["log", "tumours.csv"], "tumours.csv"),
        (["explain", "Z999"], "L001"),
    ],
)
def test_what_cannot_be_used_ends_with_two_and_a_way_out(
    here: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (here / "tumours.csv").read_bytes()
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("Error: ")
    assert words in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""
    assert (here / "tumours.csv").read_bytes() == before


@pytest.mark.slow
def test_a_stop_keeps_what_is_finished_and_ends_with_130(here: Path) -> None:
    audit = [DECHAFF, "audit", "tumours.csv", "--label", "diagnosis", "--out", "stopped.dechaff"]
    with subprocess.Popen(audit, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        process.stderr.readline()
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped." in err
    assert "Traceback" not in err


@pytest.mark.slow
def test_the_demo_ends_with_the_path_of_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["demo"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "demo/tumours.dechaff/report.html"
    assert (tmp_path / last).is_file()
    assert main(["predict", "demo/tumours.dechaff", "demo/tumours_test.csv", "-o", "predicted.csv"]) == 0
    assert pl.read_csv("predicted.csv").height == 200
