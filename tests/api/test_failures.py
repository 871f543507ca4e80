"""What fails is said, and the rest stands."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import dechaff
import dechaff.recipe.improve.improve
from dechaff.core import files
from dechaff.data.formats.source import FilesSource
from dechaff.errors import DechaffError, RunError
from tests.api.test_callers_types import N, rows


def status_of(found: dechaff.Audit) -> dict[str, tuple[str, str]]:
    return {check.code: (check.status, check.why) for check in found.metrics.checks}


def failing(*args: object, **options: object) -> None:
    raise ValueError("no such luck")


def stopped(*args: object, **options: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("place", "code"),
    [("search_slices", "L002"), ("find_mislabelled", "L001")],
)
def test_a_detector_that_fails_is_reported_and_the_others_stand(
    place: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dechaff.recipe.improve.improve, place, failing)
    found = dechaff.audit(rows(), label="label", out=tmp_path / "run")
    checks = status_of(found)
    assert checks[code] == ("not run", "ValueError: no such luck")
    assert checks["D001"][0] == "done"
    other = "L001" if code == "L002" else "L002"
    assert checks[other][0] == "done"
    said = found.findings.filter(code="R001").to_dicts()
    assert any(one["field"] == code and "no such luck" in one["why"] for one in said)
    assert (tmp_path / "run" / "report.html").exists()


@pytest.mark.parametrize("place", ["search_slices", "find_mislabelled"])
def test_ctrl_c_keeps_what_is_finished(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dechaff.recipe.improve.improve, place, stopped)
    found = dechaff.audit(rows(), label="label", out=tmp_path / "run")
    checks = status_of(found)
    code = "L002" if place == "search_slices" else "L001"
    assert checks[code] == ("not run", "stopped by Ctrl-C")
    assert checks["D001"][0] == "done"
    assert found.changes.filter(code="D001").height == 1


def test_random_labels_are_not_judged_and_that_is_said(tmp_path: Path) -> None:
    data = rows()
    data["label"] = np.random.default_rng(5).choice(["good", "bad"], N).tolist()
    found = dechaff.audit(data, label="label", out=tmp_path / "run")
    assert not found.metrics.baseline.trusted
    assert "too weak to judge labels" in found.metrics.baseline.reason
    checks = status_of(found)
    assert {checks[code][0] for code in ("L001", "L002", "L005")} == {"not run"}
    assert found.findings.filter(code="L001").is_empty()
    assert "too weak" in found.report().read_text()


def full(handle: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_leaves_no_half_written_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "reviews.csv"
    pd.DataFrame(rows()).to_csv(source, index=False)
    before = source.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(files.os, "fsync", full)
        with pytest.raises(RunError, match="disk is full"):
            dechaff.audit(source, label="label", out=tmp_path / "run")
    assert source.read_bytes() == before
    assert list((tmp_path / "run").glob("*")) == []
    dechaff.audit(source, label="label", out=tmp_path / "run")
    with monkeypatch.context() as patched:
        patched.setattr(files.os, "fsync", full)
        with pytest.raises(DechaffError, match="disk is full"):
            dechaff.apply(tmp_path / "run", tmp_path / "improved.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["reviews.csv", "run"]


def test_improved_data_never_stand_without_the_list_of_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "reviews.csv"
    pd.DataFrame(rows()).to_csv(source, index=False)
    dechaff.audit(source, label="label", out=tmp_path / "run")
    left, plain = [1], os.fsync

    def second_full(handle: int) -> None:
        left[0] -= 1
        full(handle) if left[0] < 0 else plain(handle)

    with monkeypatch.context() as patched:
        patched.setattr(files.os, "fsync", second_full)
        with pytest.raises(DechaffError, match="disk is full"):
            dechaff.apply(tmp_path / "run", tmp_path / "improved.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["reviews.csv", "run"]


def test_improved_files_of_a_folder_are_written_all_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, new = tmp_path / "data", tmp_path / "made" / "new"
    data.mkdir()
    for part in range(2):
        pd.DataFrame(rows()).iloc[part::2].to_csv(data / f"{part}.csv", index=False)
    audit = dechaff.audit(data, label="label", out=tmp_path / "run", threads=1)
    before = sorted(tmp_path.rglob("*"))
    write = FilesSource._write

    def full(source: FilesSource, file: int, *args: object, **options: object) -> None:
        if file == 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(source, file, *args, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(FilesSource, "_write", full)
        with pytest.raises(RunError, match="the disk is full"):
            audit.apply(new)
    assert sorted(tmp_path.rglob("*")) == before
    audit.apply(new)
    assert sorted(path.name for path in new.iterdir()) == ["0.csv", "1.csv"]
    assert (tmp_path / "made" / "new.changes.csv").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    with pytest.raises(RunError, match="must be"):
        dechaff.audit(rows(), label="label", out=locked / "run")


def test_a_folder_of_something_else_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("all of it")
    with pytest.raises(RunError, match="new or empty folder, or an earlier run"):
        dechaff.audit(rows(), label="label", out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_that_is_no_run_cannot_be_opened(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(RunError, match="is not a run folder of dechaff"):
            dechaff.open_run(place)


def test_images_that_stand_in_the_wrong_folder_are_moved(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for row in range(40):
        bright = row % 2 == 1
        folder = tmp_path / "photos" / ("day" if bright != (row == 4) else "night")
        folder.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 60, (16, 16, 3)) + (190 if bright else 0)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{row:02d}.png")
    found = dechaff.audit(tmp_path / "photos", policy="bold", out=tmp_path / "run")
    flagged = found.findings.filter(code="L001")["row"].to_list()
    assert len(flagged) == 1
    assert "04.png" in flagged[0]
    found.apply(tmp_path / "improved")
    assert (tmp_path / "improved" / "night" / "04.png").exists()
    assert (tmp_path / "photos" / "day" / "04.png").exists()


def test_files_that_hold_no_image_are_named_and_their_labels_are_not_judged(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for row in range(40):
        folder = tmp_path / "photos" / ("day" if row % 2 else "night")
        folder.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 60, (16, 16, 3)) + (190 if row % 2 else 0)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{row:02d}.png")
    whole = (tmp_path / "photos" / "day" / "01.png").read_bytes()
    broken = {"day/01.png": whole[:300], "day/03.png": b"", "night/02.png": b"<html>not found</html>"}
    for name, content in broken.items():
        (tmp_path / "photos" / name).write_bytes(content)
    found = dechaff.audit(tmp_path / "photos", policy="bold", out=tmp_path / "run")
    told = {row["row"]: row for row in found.findings.filter(code="C002").to_dicts()}
    assert set(told) == set(broken)
    assert "is cut off or damaged" in told["day/01.png"]["why"]
    assert "is empty" in told["day/03.png"]["why"]
    assert "cannot be read as an image" in told["night/02.png"]["why"]
    assert told["night/02.png"]["fix"] == "Restore the image, or drop file night/02.png."
    assert found.findings.filter(code="L001").is_empty()
    assert found.metrics.decisions.by_code == {"C002": {"review": 3}}
