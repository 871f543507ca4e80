"""From the records of the command line to the keywords of the public functions."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from dechaff.errors import InputError
from dechaff.surfaces.cli.options import Columns, Place, Reading, Room, Sealed, Work


def keywords(*groups: Columns | Sealed | Reading | Work | Room | Place) -> dict[str, Any]:
    """One dictionary of all fields of the option groups.

    Examples
    --------
    >>> keywords(Sealed(test_size=500.0))
    {'test': None, 'test_size': 500, 'split': None}
    """
    given = {field.name: getattr(group, field.name) for group in groups for field in fields(group)}
    if given.get("test_size") is not None:
        given["test_size"] = _size(given["test_size"])
    return given


def _size(number: float) -> int | float:
    """A share below one, or a whole number of rows."""
    if 0 < number < 1:
        return number
    if number >= 1 and number.is_integer():
        return int(number)
    raise InputError(
        "--test-size", "be a share between 0 and 1, or a whole number of rows", f"{number:g}", "Write 0.2 or 500."
    )
