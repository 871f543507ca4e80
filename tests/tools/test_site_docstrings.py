from __future__ import annotations

import runpy
from pathlib import Path

import griffe
import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "site_docstrings.py"
described = runpy.run_path(str(TOOL))["described"]


@pytest.fixture(scope="module")
def api() -> griffe.Module:
    extensions = griffe.load_extensions(str(TOOL))
    loaded = griffe.load("dechaff.api", extensions=extensions, search_paths=[ROOT / "src"], submodules=True)
    assert isinstance(loaded, griffe.Module)
    return loaded


def test_functions_of_options_are_shown_with_a_keyword_for_each(api: griffe.Module) -> None:
    audit = api["auditing.audit"]
    assert {"source", "label", "policy", "memory"} <= {one.name for one in audit.parameters}
    assert audit.parameters["policy"].default == "'conservative'"
    assert "**options" not in audit.docstring.value
    assert "label : " in audit.docstring.value


def test_a_description_is_not_shown_as_a_type(api: griffe.Module) -> None:
    shown = api["auditing.apply"].docstring.value
    assert "output\n    file to write; never the original." in shown


def test_types_and_their_descriptions_stay() -> None:
    text = "A.\n\nParameters\n----------\nlabels : (n,) int\n    Given labels.\nn : rows\n    to draw\n"
    text += "\nReturns\n-------\nn : int"
    expected = text.replace("n : rows\n    to draw", "n\n    rows\n    to draw")
    assert described(text) == expected
