"""What the page "Coming from cleanlab" promises of names."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import dechaff.compat.cleanlab as flat

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "coming-from-cleanlab.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("module", flat._MODULES)
def test_every_module_stands_in_the_table_of_what_there_is(module: str) -> None:
    assert f"| `{module}` |" in PAGE


def test_whatever_the_page_imports_is_there() -> None:
    for module, names in re.findall(r"from (dechaff\.compat\.cleanlab[\w.]*) import (.+)", PAGE):
        home = module.removeprefix("dechaff.compat.cleanlab").removeprefix(".")
        for name in names.split(", "):
            assert name in ({**flat._MODULES, **flat._NOT_FLAT}[home] if home else flat.__all__)


def test_names_that_are_said_not_to_be_here_are_not() -> None:
    for name in ("models", "vault"):
        assert not hasattr(flat, name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("Datalab", "internal.util"),
        ("Datalab", "datalab.internal.issue_manager"),
        ("segmentation.filter", "experimental.span_classification"),
    ],
)
def test_submodules_are_there_whatever_was_used_before(first: str, then: str) -> None:
    script = f"import dechaff.compat.cleanlab as cleanlab; cleanlab.{first}; cleanlab.{then}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
