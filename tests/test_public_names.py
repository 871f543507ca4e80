"""The public names are the ones that are meant to be, and each of them is there."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

import dechaff
from dechaff import errors


def test_all_is_sorted_and_complete() -> None:
    assert list(dechaff.__all__) == sorted(dechaff.__all__)
    public = {name for name in vars(dechaff) if not name.startswith("_")}
    submodules = {module.name for module in pkgutil.iter_modules(dechaff.__path__)}
    assert public - submodules - {"annotations"} <= set(dechaff.__all__)


NAMESPACES = ["augmentation", "benchmarks", "classifiers", "curriculum", "engine", "features", "labels", "metrics"]


@pytest.mark.parametrize("name", NAMESPACES)
def test_a_namespace_has_sorted_names_that_say_what_they_are(name: str) -> None:
    module = getattr(dechaff, name)
    assert importlib.import_module(f"dechaff.{name}") is module
    assert name in dir(dechaff)
    assert list(module.__all__) == sorted(module.__all__)
    assert [one for one in module.__all__ if not inspect.getdoc(getattr(module, one))] == []


def test_the_names_that_matter_are_few() -> None:
    assert len(dechaff.__all__) <= 28


@pytest.mark.parametrize("name", dechaff.__all__)
def test_a_public_name_can_be_had_and_says_what_it_is(name: str) -> None:
    value = getattr(dechaff, name)
    assert name in dir(dechaff)
    if callable(value):
        assert inspect.getdoc(value), f"{name} has no docstring"


def test_the_errors_that_people_catch_are_public() -> None:
    assert issubclass(dechaff.DechaffError, Exception)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_of_that_name"):
        dechaff.nothing_of_that_name  # noqa: B018


def test_every_error_inherits_the_tree_and_a_built_in_one() -> None:
    tree = [kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, errors.DechaffError)]
    for kind in tree:
        if kind is not errors.DechaffError:
            assert issubclass(kind, ValueError | RuntimeError | ImportError), kind


def test_every_module_can_be_imported_and_has_the_names_that_it_exports() -> None:
    for module in pkgutil.walk_packages(dechaff.__path__, "dechaff."):
        loaded = importlib.import_module(module.name)
        assert [name for name in getattr(loaded, "__all__", ()) if not hasattr(loaded, name)] == [], module.name
