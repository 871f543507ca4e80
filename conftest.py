"""The examples in docstrings and pages are tests: ``pytest src docs README.md``.

Python blocks of one page share their names; lines of a ``bash`` block that call dechaff are run as they stand, and
must end well. Both run in one scratch folder a page, which holds the files of the demo.
"""

from __future__ import annotations

import gc
import os
import re
import shlex
from collections import Counter
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sybil import Example, Sybil
from sybil.document import Document, PythonDocStringDocument
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser
from sybil.typing import Parser
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parent
DOCTEST = ELLIPSIS | NORMALIZE_WHITESPACE


def run_bash(example: Example) -> None:
    from dechaff.surfaces.cli.main import main

    for line in example.parsed.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if not words:
            continue
        assert words[0] == "dechaff", f"only dechaff can be run here, not {words[0]}; skip the block"
        assert main(words[1:]) == 0, line


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from dechaff.surfaces.cli.demo import write_demo_files

    folder, before = tmp_path_factory.mktemp("page"), Path.cwd()
    write_demo_files(folder)
    os.chdir(folder)
    yield folder
    os.chdir(before)


pages = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=DOCTEST),
        CodeBlockParser(language="bash", evaluator=run_bash),
        SkipParser(),
    ],
    patterns=["*.md"],
    excludes=["CHANGELOG.md", "changes/*.md", "pages/*.md"],
    fixtures=["demo_folder"],
)


class Docstrings(PythonDocStringDocument):
    """The docstrings of a file."""

    @classmethod
    def parse(cls, path: str, *parsers: Parser, encoding: str = "utf-8") -> Document:
        """The examples; a file without any is not parsed."""
        text = Path(path).read_text(encoding=encoding)
        return super().parse(path, *parsers, encoding=encoding) if ">>>" in text else cls(text, path)


docstrings = Sybil(
    parsers=[DocTestParser(optionflags=DOCTEST)],
    path="src",
    setup=lambda names: names.update(np=np),
    patterns=["*.py"],
    document_types={".py": Docstrings},
)

_MARKS = {"README.md": pytest.mark.slow, "docs/clusters.md": pytest.mark.cluster, "docs/decisions.md": pytest.mark.slow}
"""Of pages: how long their examples take, and what they need."""
_PAGES_ON_DASK = ("docs/clusters.md",)
_LONG = ("slow", "cluster", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        file = item.path.relative_to(ROOT).as_posix()
        if file in _MARKS:
            item.add_marker(_MARKS[file])
    long = Counter(item.path for item in items for name in _LONG if item.get_closest_marker(name))
    items.sort(key=lambda item: -long[item.path])  # so that no worker begins a long file when the others have ended


def pytest_collection_finish() -> None:
    """Half a million objects of the collected tests stay to the end: the collector need not go through them again."""
    gc.collect()
    gc.freeze()


class OneWorkerAFile(LoadScopeScheduling):
    """A file stays with one worker, since the examples of a page build on one another; so do Dask and Ray."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, name = nodeid.partition("::")
        if file in _PAGES_ON_DASK:
            return "dask"
        words = re.findall("[a-z]+", Path(file).stem + name.partition("[")[2])
        return next((engine for engine in ("dask", "ray") if engine in words), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneWorkerAFile:
    config.option.loadscopereorder = False  # but as they are collected
    return OneWorkerAFile(config, log)


pytest_collect_file = (pages + docstrings).pytest()
