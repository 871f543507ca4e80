"""What the API reference needs beyond the source text: an extension of griffe, which reads it for mkdocstrings.

A function that `takes` a record of options gets the signature and the docstring that users see. A parameter that is
described on its own line, ``output : file to write``, is no longer read as one of the type "file to write".
"""

from __future__ import annotations

import importlib
import inspect
import re
from operator import attrgetter
from typing import Any

import griffe

_SECTION = re.compile(r"^(Parameters|Attributes)\n-+\n", re.MULTILINE)
_END = re.compile(r"^\S.*\n-+$", re.MULTILINE)
_ITEM = re.compile(r"^(?P<name>[*\w][\w, *]*) : (?P<text>.+)$")


class PublicDocstrings(griffe.Extension):
    """Changes functions and docstrings once a module is read."""

    def on_function(self, *, func: griffe.Function, **others: Any) -> None:
        """Show the public form of a function of options."""
        if not any(str(one.value).startswith("takes(") for one in func.decorators):
            return
        within = func.path.removeprefix(f"{func.module.path}.")  # a method is found by way of its class
        public = attrgetter(within)(importlib.import_module(func.module.path))
        func.docstring = griffe.Docstring(inspect.getdoc(public) or "", parent=func)
        func.parameters = griffe.Parameters(*map(_parameter, inspect.signature(public).parameters.values()))

    def on_object(self, *, obj: griffe.Object, **others: Any) -> None:
        """Give descriptions the form of descriptions."""
        if obj.docstring is not None:
            obj.docstring.value = described(obj.docstring.value)


def _parameter(one: inspect.Parameter) -> griffe.Parameter:
    kinds = {str(kind.value): kind for kind in griffe.ParameterKind}
    default = None if one.default is inspect.Parameter.empty else repr(one.default)
    return griffe.Parameter(one.name, kind=kinds[one.kind.description], default=default)


def described(docstring: str) -> str:
    """The docstring with descriptions of parameters below their names; types stay beside them.

    Examples
    --------
    >>> print(described("Parameters\\n----------\\nn : rows to draw\\nlabels : (n,) int\\n    Given labels."))
    Parameters
    ----------
    n
        rows to draw
    labels : (n,) int
        Given labels.
    """
    for section in reversed(list(_SECTION.finditer(docstring))):
        end = _END.search(docstring, section.end())
        stop = len(docstring) if end is None else end.start()
        lines = docstring[section.end() : stop].split("\n")
        docstring = docstring[: section.end()] + "\n".join(_items(lines)) + docstring[stop:]
    return docstring


def _items(lines: list[str]) -> list[str]:
    found: list[str] = []
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        item = _ITEM.match(line)
        # What goes on below in a small letter is the rest of the sentence.
        alone = not below.startswith(" ") or below.strip()[:1].islower()
        found += [item["name"], f"    {item['text']}"] if item and alone else [line]
    return found
