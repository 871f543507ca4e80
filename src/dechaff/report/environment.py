"""The environment in which the templates of all reports are rendered."""

from __future__ import annotations

from inspect import isfunction
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment


def environment(folder: str, *modules: ModuleType, package: str = "dechaff.report", **options: Any) -> Environment:
    """An environment for the templates of a folder; the functions of these modules are filters and globals in it."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # loads what few commands need

    made = Environment(
        loader=PackageLoader(package, folder),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )
    for one in modules:
        functions = {name: found for name, found in vars(one).items() if isfunction(found)}
        made.filters |= functions
        made.globals |= functions
    return made
