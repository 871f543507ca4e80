"""Every public function and class says what it takes, gives and refuses, and shows an example that is run."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

NAMESPACES = ("dechaff", "dechaff.labels", "dechaff.classifiers", "dechaff.metrics")
OF_SCIKIT_LEARN = {"X", "y", "groups", "sample_weight", "routing"}
"""Arguments that mean what they mean in every scikit-learn estimator."""
OF_RUN_FOLDERS = {f"dechaff.{name}" for name in ("apply", "explain", "open_run", "predict", "review")}
"""Functions that read and write what others found."""
_ELSEWHERE = re.compile(r"(Parameters|Errors|Raises)[^.]* as in `(\w+)`", re.IGNORECASE)


def _public() -> dict[str, Any]:
    modules = [importlib.import_module(name) for name in NAMESPACES]
    named = {getattr(module, name): f"{module.__name__}.{name}" for module in modules for name in module.__all__}
    return {name: value for value, name in named.items() if callable(value)}


PUBLIC = _public()
FUNCTIONS = [name for name, value in PUBLIC.items() if inspect.isfunction(value)]
CLASSES = [name for name, value in PUBLIC.items() if inspect.isclass(value) and not issubclass(value, Exception)]


def _section(text: str, title: str) -> str:
    """The text of one section of a numpydoc docstring, '' if it has none."""
    found = re.search(rf"^{title}\n-+\n(.*?)(?=^\w[\w ]*\n-+\n|\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def _text(value: Any) -> str:
    """The docstring, with that of the function to which it refers for its parameters and errors."""
    text = inspect.getdoc(value) or ""
    if (other := _ELSEWHERE.search(text)) is not None:
        named = next(one for name, one in PUBLIC.items() if name.endswith(f".{other[2]}"))
        text += "\n" + "\n".join(
            f"{title}\n---\n{_section(inspect.getdoc(named) or '', title)}" for title in ("Parameters", "Raises")
        )
    return text


def _described(value: Any) -> set[str]:
    lines = re.findall(r"^([\w*, ]+?)(?: : .*)?$", _section(_text(value), "Parameters"), re.MULTILINE)
    return {name.strip(" *") for line in lines for name in line.split(",")}


def _arguments(value: Any) -> Iterator[str]:
    for one in inspect.signature(value).parameters.values():
        if one.name != "self" and one.kind is not one.VAR_KEYWORD:
            yield one.name


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_is_described(name: str) -> None:
    function = PUBLIC[name]
    text = _text(function)
    assert set(_arguments(function)) - _described(function) == set(), "Parameters"
    titles = ["Returns", "Raises", "Examples"] + (["Source"] if name not in OF_RUN_FOLDERS else [])
    for title in titles:
        assert _section(text, title), title
    assert ">>>" in text or "See `" in _section(text, "Examples")


@pytest.mark.parametrize("name", CLASSES)
def test_a_public_class_shows_an_example(name: str) -> None:
    assert re.search(r">>>|See `", _section(inspect.getdoc(PUBLIC[name]) or "", "Examples"))


@pytest.mark.parametrize("name", CLASSES)
def test_methods_of_a_public_class_name_their_arguments(name: str) -> None:
    lacking = []
    for method, function in inspect.getmembers(PUBLIC[name], inspect.isfunction):
        if method.startswith("_") or not function.__module__.startswith("dechaff"):
            continue
        words = set(re.findall(r"\w+", inspect.getdoc(function) or ""))
        lacking += [f"{method}: {one}" for one in set(_arguments(function)) - OF_SCIKIT_LEARN - words]
    assert lacking == []
