"""The base of all figures of a report, those of the data as they were read, and conversion from JSON values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from dechaff.errors import RunError

_SURROGATE = re.compile("[\ud800-\udfff]")
T = TypeVar("T")


class Record(msgspec.Struct, frozen=True):
    """One part of the report."""


def converted(content: Mapping[str, Any], form: type[T], name: str) -> T:
    """The records from plain values. A RunError that names the file is raised if they have another form."""
    try:
        return msgspec.convert(encodable(content), form, strict=False)
    except msgspec.ValidationError as error:
        raise RunError(f"Cannot read {name}: {error}.", fix="Run the audit again to write the folder anew.") from error


def encodable(value: Any) -> Any:
    """The same values without lone surrogates, which no file in UTF-8 can hold."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {encodable(name): encodable(one) for name, one in value.items()}
    return [encodable(one) for one in value] if isinstance(value, list | tuple) else value


class Column(Record, frozen=True):
    """One feature column as it was read."""

    name: str = ""
    kind: str = ""
    missing: int | None = None
    distinct: int | None = None


class Strip(Record, frozen=True):
    """Where the number of a row lies in its column: 21 quantiles from the lowest to the highest, and the row's own.

    ``suggested`` is what may be right instead.
    """

    column: str = ""
    quantiles: tuple[float, ...] = ()
    value: float = 0.0
    suggested: float | None = None


class DatasetFacts(Record, frozen=True):
    """What was audited."""

    name: str = ""
    format: str = ""
    rows: int = 0
    test_rows: int | None = None
    label: str | None = None
    id: str | None = None
    sha256: str | None = None
    columns: tuple[Column, ...] = ()
    classes: tuple[str, ...] = ()
    class_counts: tuple[int, ...] = ()


class Assumed(Record, frozen=True):
    """One thing that was inferred, and the flag that overrides it."""

    what: str = ""
    value: str = ""
    why: str = ""
    flag: str = ""


class Estimate(Record, frozen=True):
    """A mean and its interval."""

    mean: float | None = None
    low: float | None = None
    high: float | None = None
