"""The keys of the review page: one table of actions, which people may remap."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from markupsafe import Markup

from dechaff.data.columns.names import closest, did_you_mean
from dechaff.errors import InputError

CHOICES = 9
"""Classes, and rows of a group, that have a key of their own."""
DEFAULTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "accept": ("accept the suggested fix", ("Enter", "w")),
    "keep": ("keep as is: no issue", ("q",)),
    **{f"choice-{n}": ("label as this class; keep only this row of a group", (str(n),)) for n in range(1, CHOICES + 1)},
    "relabel": ("type to find a class", ("/",)),
    "exclude": ("exclude the row", ("e",)),
    "edit": ("edit a cell", ("c",)),
    "flag": ("flag for later, with a note", ("n",)),
    "reopen": ("open again: withdraw the decision", ("o",)),
    "next": ("next finding", ("j", "ArrowDown")),
    "previous": ("previous finding", ("k", "ArrowUp")),
    "undo": ("undo", ("u", "Control+z")),
    "redo": ("redo", ("Shift+Control+z",)),
    "select": ("select", ("x",)),
    "extend-next": ("select, and go to the next", ("J",)),
    "extend-previous": ("select, and go to the previous", ("K",)),
    "select-all": ("select all of the filter", ("*",)),
    "accept-many": ("accept what is selected: opens a preview", ("Shift+Enter",)),
    "copies": ("the duplicates of this row", ("d",)),
    "blind": ("blind mode: hide the suggestion", ("b",)),
    "zoom": ("zoom the image", ("z",)),
    "labels": ("go to labels", ("g l",)),
    "outliers": ("go to outliers", ("g o",)),
    "duplicates": ("go to duplicates", ("g d",)),
    "cells": ("go to cells", ("g c",)),
    "search": ("search the text", ("s",)),
    "help": ("this list", ("?",)),
}
"""Action -> what it does, and its keys. A key is what it types, or a name; ``g l`` is one key after another."""
_NAMED = {"enter": "Enter", "space": "Space", "insert": "Insert", "delete": "Delete", "home": "Home", "end": "End"}
_NAMED |= {name.lower(): name for name in ("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "PageUp", "PageDown")}
_NAMED |= {f"f{n}": f"F{n}" for n in range(1, 13)}
"""Keys that have a name; Escape, Tab and Backspace stay what they are in every browser."""
_MODIFIERS = {"shift": "Shift", "control": "Control", "ctrl": "Control"}
_SHOWN = {"ArrowUp": "↑", "ArrowDown": "↓", "ArrowLeft": "←", "ArrowRight": "→"}
_SUCH_AS = "k, Enter, Space, F2, Shift+Enter, Control+z, or g l"
_CHANGE = "Write it as in --keys keep=k,relabel=r, or in a TOML file."
Changes: TypeAlias = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Keys:
    """Which keys do what.

    Examples
    --------
    >>> keys = remapped({"keep": "k", "relabel": "r"})
    >>> keys.of["keep"], keys.of["previous"]
    (('k',), ('ArrowUp',))
    >>> print(keys.cap("keep"))
    <kbd>k</kbd>
    """

    of: Mapping[str, tuple[str, ...]]

    @cached_property
    def actions(self) -> dict[str, str]:
        """Key -> action."""
        return {key: action for action, keys in self.of.items() for key in keys}

    def on(self, action: str) -> Markup:
        """The attributes of the control of an action."""
        keys = " ".join(key for key in self.of[action] if " " not in key)
        return Markup('data-act="{}"').format(action) + Markup(' aria-keyshortcuts="{}"').format(keys) * bool(keys)

    def cap(self, action: str) -> Markup:
        """The first key of an action, as it is shown on its control."""
        return Markup("<kbd>{}</kbd>").format(_shown(self.of[action][0]))

    def table(self) -> Iterator[tuple[list[str], str]]:
        """Keys and what they do, for people to read."""
        for words, actions in groupby(DEFAULTS, key=lambda action: DEFAULTS[action][0]):
            yield [_shown(key) for action in actions for key in self.of[action]], words


DEFAULT = Keys({action: keys for action, (_, keys) in DEFAULTS.items()})


def _shown(key: str) -> str:
    """A key as people write it.

    Examples
    --------
    >>> _shown("Shift+Control+z"), _shown("J"), _shown("ArrowUp")
    ('Shift Ctrl z', 'Shift j', '↑')
    """
    if key != key.lower() and len(key) == 1:
        return f"Shift {key.lower()}"
    return _SHOWN.get(key, key.replace("Control", "Ctrl").replace("+", " ") if len(key) > 1 else key)


def remapped(changes: Changes | None) -> Keys:
    """The keys with some changed. A key that is taken from an action is lost to it, if it has another one.

    Parameters
    ----------
    changes : action -> its key, or keys.

    Raises
    ------
    InputError
        If an action or a key is unknown, two actions get the same key, or one is left without any.
    """
    changes = changes or {}
    unknown = next((name for name in changes if name not in DEFAULTS), None)
    if unknown is not None:
        near = did_you_mean(closest(unknown, list(DEFAULTS)))
        raise InputError("the action in keys", "be one of the page", repr(unknown),
                         f"{near}There are: {', '.join(DEFAULTS)}.")  # fmt: skip
    wanted = {name: _keys_of(name, value) for name, value in changes.items()}
    taken: dict[str, str] = {}
    for name, keys in wanted.items():
        for key in keys:
            if taken.setdefault(key, name) != name:
                raise _clash(key, taken[key], name)
    found = {name: wanted.get(name) or tuple(key for key in DEFAULT.of[name] if key not in taken) for name in DEFAULTS}
    for name, keys in found.items():
        if not keys:
            key = DEFAULT.of[name][0]
            raise _clash(key, name, taken[key])
    _check_sequences(found)
    return Keys(found)


def _keys_of(name: str, value: str | Sequence[str]) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not listed or not all(isinstance(one, str) and one for one in listed):
        raise InputError(f"keys.{name}", "be a key or a list of keys", repr(value), _CHANGE)
    return tuple(dict.fromkeys(" ".join(_key(name, one) for one in key.split(" ")) for key in listed))


def _key(name: str, text: str) -> str:
    """One key as the page names it: ``Shift+j`` types ``J``."""
    *modifiers, last = text.split("+") if len(text) > 1 and not text.endswith("+") else [text]
    held = {_MODIFIERS.get(one.lower(), "") for one in modifiers}
    plain = _NAMED.get(last.lower()) or (last if len(last) == 1 and last.isprintable() and last != " " else "")
    if not plain or "" in held:
        raise InputError(
            f"keys.{name}",
            f"be a key such as {_SUCH_AS}",
            repr(text),
            _CHANGE,
        )
    if held == {"Shift"} and len(plain) == 1:
        return plain.upper()
    control = "Control" in held and len(plain) == 1
    return "".join(f"{one}+" for one in ("Shift", "Control") if one in held) + (plain.lower() if control else plain)


def _check_sequences(found: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse a key that does something and begins a sequence, too."""
    alone = {key: name for name, keys in found.items() for key in keys if " " not in key}
    for name, keys in found.items():
        for key in keys:
            first, _, second = key.partition(" ")
            if second and first in alone:
                raise _clash(first, alone[first], name)


def _clash(key: str, one: str, other: str) -> InputError:
    return InputError(
        "keys", "do one thing each", f"{key}, for both {one} and {other}", f"Give {one} or {other} another key as well."
    )


def read_keys(text: str) -> Changes:
    """Changes of keys as the command line has them: ``keep=k,relabel=r``, or a TOML file of such lines.

    Raises
    ------
    InputError
        If the text or the file cannot be read, or `remapped` refuses it.
    """
    if text.endswith(".toml"):
        changes = _of_file(Path(text))
    else:
        pairs = [one.partition("=") for one in text.split(",")] if text else []
        wrong = next((one for one in pairs if not one[1] or not one[2]), None)
        if wrong is not None:
            raise InputError("keys", "be pairs of an action and a key", repr("".join(wrong)), _CHANGE)
        changes = {name.strip(): key.strip() for name, _, key in pairs}
    remapped(changes)  # what is wrong is said before an audit begins
    return changes


def _of_file(path: Path) -> Changes:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"Cannot read the keys in {path}: {error.strerror or error}.", fix=_CHANGE) from error
    except ValueError as error:
        raise InputError(f"keys in {path}", "be TOML", str(error), _CHANGE) from error
    inner = found.get("keys")
    return inner if isinstance(inner, dict) else found
