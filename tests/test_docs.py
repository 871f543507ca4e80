"""Pages, examples and notes say what is so."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import dechaff
from dechaff.records.codes import CODES

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_files_lead_somewhere(page: Path) -> None:
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("tool", ["changelog.py", "command_page.py", "pu_picture.py"])
def test_pages_that_are_made_are_up_to_date(tool: str) -> None:
    check = [sys.executable, str(ROOT / "tools" / tool), "--check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_version_stands_in_one_place_and_the_citation_follows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "version" in project["dynamic"]
    assert f"version: {dechaff.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    pages = {page.stem for page in (ROOT / "src" / "dechaff" / "records" / "pages").glob("*.md")}
    assert pages == set(CODES)


def test_the_table_of_codes_in_the_docs_is_complete() -> None:
    table = (ROOT / "docs" / "codes.md").read_text(encoding="utf-8")
    for code in CODES.values():
        assert f"{code.code}.md) | {code.title} |" in table


@pytest.mark.parametrize("script", sorted((ROOT / "examples").glob("*.py")), ids=lambda script: script.name)
def test_an_example_runs(script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(script), run_name="__main__")


def test_the_lock_file_names_public_registries_only() -> None:
    hosts = set(re.findall(r"https?://([^/\"]+)", (ROOT / "uv.lock").read_text(encoding="utf-8")))
    assert hosts <= {"pypi.org", "files.pythonhosted.org"}
