"""The figures of the data as they were read: ``dataset`` and ``assumptions`` in ``metrics.json``."""

from __future__ import annotations

from dechaff.records.record import Record


class Column(Record, frozen=True):
    """One feature column as it was read."""

    name: str = ""
    kind: str = ""
    missing: int | None = None
    distinct: int | None = None


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
