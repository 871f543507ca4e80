"""No option that names an output replaces a file of the user's; the same command may be repeated."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dechaff.surfaces.cli.main import COMMANDS, main
from dechaff.surfaces.cli.options import build_app
from dechaff.surfaces.review.server import ReviewServer

READ = {
    "SOURCE",
    "PROBS",
    "BEFORE",
    "AFTER",
    "--test",
    "--labels",
    "--reviews",
    "--decisions",
    "--source",
    "RUN",
    "--run",
    "--data",
    "--probs",
    "--proposals",
    "--pool",
    "--rules",
    "--served",
}
"""Options that name something that is read, or a run. Every other path of the command line is an output."""
MODEL = ["--model", "sklearn.linear_model:LogisticRegression"]
AUDITED = ["d.csv", "--label", "label", "--quiet", "--threads", "1", *MODEL]
SMALL = ["--seeds", "1", "--rates", "0.2", "--sparsities", "0", "--rows", "100", "--jobs", "1"]
COMMAND = {
    "audit": ["audit", *AUDITED],
    "pu": ["pu", *AUDITED, "--positive", "high"],
    "curriculum": ["curriculum", *AUDITED[:-2], "--test", "t.csv", "--seeds", "2"],
    "recipe": ["recipe", *AUDITED, "--test", "t.csv", "--rounds", "1"],
    "labels": ["labels", "p.csv", "--quiet"],
    "report": ["report", "d.dechaff"],
    "apply": ["apply", "d.dechaff"],
    "findings": ["findings", "d.dechaff"],
    "predict": ["predict", "d.dechaff", "t.csv"],
    "review": ["review", *(word for word in AUDITED if word != "--quiet")],
    "demo": ["demo"],
    "augment": ["augment", *AUDITED, "--copies", "1", "--repeats", "1"],
    "features": ["features", *AUDITED],
    "next": ["next", "d.dechaff", "--pool", "pool.csv", "-n", "4", "--quiet"],
    "check": ["check", "t.csv", "--rules", "d.dechaff"],
    "rules": ["rules", "d.dechaff"],
    "consensus": ["consensus", "c.csv", "--quiet"],
    "engine": ["engine", "ask", "made.engine", "--pool", "pool.csv", "-n", "4", "--quiet"],
    "bench": ["bench", "noise", "d.csv", "--label", "label", "--quiet", *SMALL],
}


def _outputs() -> list[tuple[str, str]]:
    app, found = build_app(), []
    for command in COMMANDS:
        for argument in app[command.name].assemble_argument_collection():
            if "Path" in str(argument.hint) and argument.names[0] not in READ:
                found.append((command.name, argument.names[0]))
    return found


OUTPUTS = _outputs()
EXTRA = {"report": [[], ["--format", "md"], ["--format", "json"]]}
CASES = [(name, option, extra) for name, option in OUTPUTS for extra in EXTRA.get(name, [[]])]


def _call(name: str, option: str, target: str, extra: list[str]) -> int:
    words = [target] if option.isupper() else [f"{option}={target}"]
    return main([*COMMAND[name], *extra, *words])


@pytest.fixture(autouse=True)
def _reviews_end_with_the_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A review would be served until Ctrl-C."""

    def run(server: ReviewServer) -> None:
        while server.site.job is not None and server.site.job.state == "running":
            time.sleep(0.02)
        server.close()

    monkeypatch.setattr(ReviewServer, "run", run)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the user's with files of every kind, and two runs."""
    here = tmp_path_factory.mktemp("place")
    rng = np.random.default_rng(0)
    x = rng.normal(size=60)
    label = np.where(x > 0, "high", "low")
    label[:3] = np.where(x[:3] > 0, "low", "high")
    pl.DataFrame({"x": x, "label": label}).write_csv(here / "d.csv")
    pl.DataFrame({"x": x[::-1] / 2, "label": np.where(x[::-1] > 0, "high", "low")}).write_csv(here / "t.csv")
    high = 1 / (1 + np.exp(-4 * x))
    pl.DataFrame({"high": high, "low": 1 - high, "label": label}).write_csv(here / "p.csv")
    pl.DataFrame({"x": x / 3}).write_csv(here / "pool.csv")
    met = rng.normal(size=200).round(6)
    pl.DataFrame({"x": met, "label": np.where((met > 0) & (met < 0.7), "high", "low")}).write_csv(here / "met.csv")
    answers = {"item": [1, 1, 2, 2, 3, 3], "annotator": ["a", "b"] * 3, "label": ["high", "low", *["high"] * 4]}
    pl.DataFrame(answers).write_csv(here / "c.csv")
    before = Path.cwd()
    os.chdir(here)
    try:
        for words in (
            COMMAND["recipe"],
            ["audit", "t.csv", *AUDITED[1:]],
            ["apply", "d.dechaff", "--export-decisions", "e.csv"],
            ["labels", "p.csv", "--quiet", "--sheet", "review.csv"],
            ["engine", "init", "made.engine", "--data", "d.csv", *AUDITED[1:3], "--test", "t.csv", "--quiet", *MODEL],
            ["engine", "mine", "made.engine", "--served", "met.csv", "--quiet"],
        ):
            assert main(words) == 0
    finally:
        os.chdir(before)
    (here / "e.csv").write_text((here / "e.csv").read_text() + "4,drop,,,,,,\n")
    (here / "review.csv").write_text((here / "review.csv").read_text().replace(",\n", ",low\n", 1))
    (here / "notes.txt").write_text("mine")
    for name in ("mine", "strange", "summary"):
        (here / name).mkdir()
    (here / "mine" / "d.csv").write_text("x\n1\n")
    for name in ("options.json", "metrics.json"):
        (here / "strange" / name).write_text('{"lr": 0.1}')
    (here / "summary" / "summary.json").write_text("{}")
    (here / "link.csv").symlink_to("d.csv")
    (here / "broken.csv").symlink_to("nowhere.csv")
    os.link(here / "d.csv", here / "hard.csv")
    return here


def _tree(folder: Path) -> dict[str, object]:
    return {
        str(path.relative_to(folder)): os.readlink(path) if path.is_symlink() else path.is_dir() or path.read_bytes()
        for path in sorted(folder.rglob("*"))
    }


TAKEN = [
    "d.csv", "t.csv", "p.csv", "e.csv", "review.csv", "notes.txt", "link.csv", "broken.csv", "hard.csv", "./d.csv",
    "mine/../d.csv", "d.dechaff/decisions.sqlite", "t.dechaff/metrics.json", "t.dechaff/report.html", "mine",
    "strange", "summary", "t.dechaff", "", ".", "/", "..",
]  # fmt: skip


@pytest.mark.parametrize(("name", "option", "extra"), CASES, ids=lambda value: "".join(value) or None)
def test_what_the_user_has_stays(name, option, extra, place, tmp_path, monkeypatch, capsys):
    here = tmp_path / "here"
    shutil.copytree(place, here, symlinks=True)
    (here / "hard.csv").unlink()
    os.link(here / "d.csv", here / "hard.csv")
    monkeypatch.chdir(here)
    before = _tree(tmp_path)
    for target in TAKEN:
        code = _call(name, option, target, extra)
        assert "Traceback" not in capsys.readouterr().err
        assert _tree(tmp_path) == before, target
        assert code == 2, target


def test_every_output_is_tried():
    assert {name for name, _ in OUTPUTS} == set(COMMAND)
    assert len(OUTPUTS) >= 10


NAMES = {
    "consensus": "new.csv",
    "predict": "new.csv",
    "report": "new.html",
    "labels": "new.csv",
    "apply": "new.csv",
    "findings": "new.csv",
}


LONG = ("augment", "curriculum", "features")
REPEATED = [pytest.param(*case, marks=pytest.mark.slow) if case[0] in LONG else case for case in CASES]


@pytest.mark.parametrize(("name", "option", "extra"), REPEATED, ids=lambda value: "".join(value) or None)
def test_the_same_command_may_be_repeated_until_its_output_is_edited(
    name, option, extra, place, tmp_path, monkeypatch, capsys
):
    if name == "demo":
        pytest.skip("tested on its own, because it takes long")
    shutil.copytree(place, tmp_path / "here", symlinks=True)
    monkeypatch.chdir(tmp_path / "here")
    target = NAMES.get(name, "new")
    for _ in range(2):
        assert _call(name, option, target, extra) == 0
    path = tmp_path / "here" / target
    if path.is_file():
        path.write_bytes(path.read_bytes() + b"mine\n")
        edited = path.read_bytes()
        assert _call(name, option, target, extra) == 2
        assert "it was changed since" in capsys.readouterr().err
        assert path.read_bytes() == edited
