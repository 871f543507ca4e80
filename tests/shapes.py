"""Checks the array shapes that signatures promise, on every call that a test makes.

`check_every_call` puts a wrapper around each public function of a package. After the call it compares the
arguments and the result (also the fields of a returned dataclass) with the `Axes` of their annotations: the
number of axes, and one length for one axis name within the call. A call that raises is not looked at.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from types import FunctionType, ModuleType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import numpy as np

from dechaff.typing import Axes


class ShapeError(BaseException):
    """An array has another shape than its annotation says. No guard around a detector may swallow it."""


def check_every_call(package: str) -> None:
    """Wraps the public functions of all modules of the package, wherever they have been imported."""
    modules = list(_modules(package))
    wrapped = {function: checked(function) for module in modules for function in public_functions(module)}
    for module in [one for name, one in sys.modules.items() if name.partition(".")[0] == package.partition(".")[0]]:
        for name, value in list(vars(module).items()):
            if isinstance(value, FunctionType) and value in wrapped:
                setattr(module, name, wrapped[value])


def public_functions(module: ModuleType) -> Iterator[FunctionType]:
    """Functions that the module itself defines and does not hide."""
    for name, value in vars(module).items():
        if isinstance(value, FunctionType) and value.__module__ == module.__name__ and not name.startswith("_"):
            yield value


def checked(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which now also fails where a shape is not what its signature says."""
    signature, hints = inspect.signature(function), get_type_hints(function, include_extras=True)
    result_hint = hints.get("return")

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        lengths: dict[str, int] = {}
        for name, value in signature.bind(*args, **kwargs).arguments.items():
            _check(f"{function.__name__}: {name}", value, hints.get(name), lengths)
        _check(f"{function.__name__}: result", result, result_hint, lengths)
        return result

    return call


def _check(what: str, value: Any, hint: Any, lengths: dict[str, int]) -> None:
    axes = _axes(hint)
    if axes is not None and isinstance(value, np.ndarray):
        _check_array(what, value, axes, lengths)
    if is_dataclass(value) and not isinstance(value, type) and type(value).__module__.startswith("dechaff.methods"):
        for name, hint in _field_hints(type(value)).items():
            _check(f"{what}.{name}", getattr(value, name), hint, lengths)


@functools.cache
def _field_hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name] for field in fields(kind)}


def _axes(hint: Any) -> tuple[str, ...] | None:
    if get_origin(hint) is Annotated:
        return next((tuple(note.names.split()) for note in hint.__metadata__ if isinstance(note, Axes)), None)
    found = [axes for part in get_args(hint) if (axes := _axes(part)) is not None] if _is_optional(hint) else []
    return found[0] if found else None


def _is_optional(hint: Any) -> bool:
    return type(None) in get_args(hint)


def _check_array(what: str, value: np.ndarray, axes: tuple[str, ...], lengths: dict[str, int]) -> None:
    if value.ndim != len(axes):
        raise ShapeError(f"{what} must have the axes ({' '.join(axes)}); its shape is {value.shape}")
    for axis, length in zip(axes, value.shape, strict=True):
        if lengths.setdefault(axis, length) != length:
            raise ShapeError(f"{what}: the axis {axis} is {length} here and {lengths[axis]} elsewhere in the call")


def _modules(package: str) -> Iterator[ModuleType]:
    root = importlib.import_module(package)
    yield root
    for module in pkgutil.walk_packages(root.__path__, f"{package}."):
        yield importlib.import_module(module.name)
