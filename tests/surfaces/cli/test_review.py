"""``dechaff review`` as a process: the address it prints, what it refuses, and how it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import dechaff
from dechaff.surfaces.cli.main import UNUSABLE, main
from tests.surfaces.review.conftest import write_reviews


def _started(*arguments: object) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "dechaff", "review", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))


def test_a_run_is_served_until_ctrl_c_and_what_was_said_is_applied(tmp_path: Path) -> None:
    audit = dechaff.audit(write_reviews(tmp_path / "reviews.csv"), label="mood", out=tmp_path / "run")
    process, url = _started(tmp_path / "run", "--reviewer", "ann")
    web = _opener()
    assert "findings" in web.open(url).read().decode()
    finding = audit.queue(codes="L001").items[0].finding_id
    origin = url.split("/?")[0]
    request = urllib.request.Request(
        f"{origin}/decide", f"where={finding}&say=exclude&back=/".encode(), headers={"Origin": origin}
    )
    assert "Excluded: 1 finding." in web.open(request).read().decode()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert f"dechaff apply {tmp_path / 'run'}" in said
    (event,) = [one for one in dechaff.open_run(tmp_path / "run").log() if one.source == "human"]
    assert (event.actor, event.action) == ("ann", "drop")


@pytest.mark.slow
def test_a_data_set_is_audited_with_its_progress_on_the_page(tmp_path: Path) -> None:
    source = write_reviews(tmp_path / "reviews.csv")
    process, url = _started(source, "--label", "mood", "--out", tmp_path / "run")
    web = _opener()
    first = web.open(url)
    assert "/jobs/" in first.geturl() or "findings" in first.read().decode()
    while "/jobs/" in first.geturl():
        web.open(first.geturl() + "/events").read()  # ends when the audit does
        first = web.open(url.split("token")[0] + "status=open")
    assert "findings" in first.read().decode()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert (tmp_path / "run" / "metrics.json").exists()


def test_an_audit_that_fails_is_said_in_the_terminal_and_on_the_page(tmp_path: Path) -> None:
    process, url = _started(write_reviews(tmp_path / "reviews.csv"), "--label", "moood")
    web = _opener()
    first = web.open(url)
    web.open(first.geturl() + "/events").read()
    page = web.open(first.geturl()).read().decode()
    assert "Did you mean" in page
    assert "start the command again" in page
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert "Error: the label column 'moood' must be one of the columns" in said
    assert process.returncode == UNUSABLE


@pytest.mark.slow
def test_an_image_folder_needs_no_label_to_be_audited_first(tmp_path: Path) -> None:
    for label in ("cats", "dogs"):
        (tmp_path / "pets" / label).mkdir(parents=True)
        for number in range(12):
            image = Image.fromarray(np.full((8, 8, 3), 9 * number + 60 * (label == "dogs"), dtype=np.uint8))
            image.save(tmp_path / "pets" / label / f"{number}.png")
    process, url = _started(tmp_path / "pets")
    web = _opener()
    first = web.open(url)
    while "/jobs/" in first.geturl():
        web.open(first.geturl() + "/events").read()
        first = web.open(url.split("token")[0] + "status=open")
    assert "findings" in first.read().decode()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)


@pytest.mark.slow
def test_data_without_labels_are_labelled_in_the_proposed_order(tmp_path: Path) -> None:
    pool, proposals, known = tmp_path / "pool.csv", tmp_path / "next.csv", tmp_path / "known.csv"
    pool.write_text("id,text\n" + "".join(f"p{number},some words {number}\n" for number in range(20)))
    proposals.write_text("row,label\np7,sad\np2,\n")
    known.write_text("text,mood\n" + "a,sad\nb,glad\n" * 9)
    process, url = _started(pool, "--label", "mood", "--classes", known, "--proposals", proposals)
    web = _opener()
    first = web.open(url)
    while "/jobs/" in first.geturl():
        web.open(first.geturl() + "/events").read()
        first = web.open(url.split("token")[0] + "status=open&sort=proposed")
    html = first.read().decode()
    assert html.index("p7") < html.index("p2") < html.index("p0")
    audit, origin = dechaff.open_run(tmp_path / "pool.dechaff"), url.split("/?")[0]
    items = audit.queue(sort="proposed", size=2).items
    for item, words in zip(items, ["say=accept", "say=relabel&to=glad"], strict=True):
        form = f"where={item.finding_id}&{words}&back=/".encode()
        web.open(urllib.request.Request(f"{origin}/decide", form, headers={"Origin": origin})).read()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert main(["apply", str(audit.folder), "-o", str(tmp_path / "new.csv")]) == 0
    lines = (tmp_path / "new.csv").read_text().splitlines()
    assert (lines[0], lines[3], lines[8], lines[9]) == (
        "id,text,mood", "p2,some words 2,glad", "p7,some words 7,sad", "p8,some words 8,"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["none.dechaff"], "is not a run folder of dechaff"),
        (["reviews.csv"], "dechaff review must be given a run folder, or a data set and --label"),
        (["none.csv", "--label", "mood"], "No such file"),
        (
            ["reviews.csv", "--label", "mood", "--source", "reviews.csv"],
            "--source must be given with a run folder only",
        ),
        (["run", "--label", "mood"], "--label must be left out with a run folder"),
        (["reviews.csv", "--label", "mood", "--port", "70000"], "port must be from 0 to 65535"),
        (["reviews.csv", "--reviewer"], "--reviewer"),
    ],
)
def test_what_cannot_be_served_is_refused_with_a_remedy(
    arguments: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_reviews(tmp_path / "reviews.csv")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "options.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    assert main(["review", *arguments]) == UNUSABLE
    shown = capsys.readouterr()
    assert says in shown.err
    assert "Traceback" not in shown.err
    assert shown.out == ""


def test_a_file_that_is_absent_is_answered_with_similar_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pool.csv").write_text("text,label\na,b\n")
    assert main(["review", str(tmp_path / "pol.csv")]) == UNUSABLE
    said = " ".join(capsys.readouterr().err.split())
    assert "No such file" in said
    assert "Did you mean pool.csv?" in said


@pytest.mark.parametrize(
    ("content", "says"), [(None, "Cannot read the proposals file"), ("id,name\n1,a\n", "must have the column row")]
)
def test_proposals_that_cannot_be_read_are_refused_before_the_audit(
    content: str | None, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pool, proposals = write_reviews(tmp_path / "pool.csv"), tmp_path / "next.csv"
    if content is not None:
        proposals.write_text(content)
    assert main(["review", str(pool), "--label", "mood", "--proposals", str(proposals)]) == UNUSABLE
    assert says in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "pool.dechaff").exists()
