"""Options that several commands share, each group one frozen record; the docstring of a field is its help."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Group, Parameter

Repeatable = tuple[str, ...]
Policy = Literal["conservative", "balanced", "bold", "review"]
BackendName = Literal["local", "dask", "ray"]
Metric = Literal["accuracy", "balanced_accuracy", "f1", "log_loss", "auc"]


@Parameter(name="*", group=Group("Columns", sort_key=1))
@dataclass(frozen=True, kw_only=True)
class Columns:
    """What the columns are; whatever is not said is sniffed, and the summary prints what was assumed."""

    label: str | None = None
    """Column that holds the labels."""
    id: str | None = None
    """Column that names the rows."""
    group: str | None = None
    """Column of rows that belong together (a patient, an author); never torn apart by a split."""
    text: Repeatable = ()
    """Column to read as text; repeatable, like the four below."""
    categorical: Repeatable = ()
    """Column to read as categories."""
    numeric: Repeatable = ()
    """Column to read as numbers."""
    date: Repeatable = ()
    """Column to read as dates."""
    drop: Repeatable = ()
    """Column to leave out of the features."""


@Parameter(name="*", group=Group("Sealed test rows", sort_key=2))
@dataclass(frozen=True, kw_only=True)
class Sealed:
    """Which rows are put aside, before anything looks at the data."""

    test: Path | None = None
    """File of test rows."""
    test_size: float | None = None
    """Share of the rows (0.2) or number of rows (500) to seal."""
    split: str | None = None
    """Column that says train or test."""


@Parameter(name="*", group=Group("Reading", sort_key=3))
@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a text file is read."""

    delimiter: str | None = None
    """Character between two fields."""
    encoding: str | None = None
    """Character encoding, such as utf-8 or latin-1."""


@Parameter(name="*", group=Group("Work", sort_key=4))
@dataclass(frozen=True, kw_only=True)
class Work:
    """How the audit works."""

    model: str | None = None
    """Your own scikit-learn classifier, as module:object."""
    policy: Policy = "conservative"
    """How readily rows are dropped and relabelled."""
    seed: int = 0
    """Seed of everything random."""
    threads: int | None = None
    """Number of threads, or of workers to start, one a core as a rule; the result does not depend on it."""
    out: Path | None = None
    """Folder to write; SOURCE.dechaff otherwise."""
    decisions: Path | None = None
    """Decisions to start from: a CSV that dechaff wrote and you edited."""


@Parameter(name="*", group=Group("Where it runs", sort_key=5))
@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the work is done; the result does not depend on it."""

    backend: BackendName = "local"
    """On threads, or by the workers of a Dask or Ray cluster."""
    address: str | None = None
    """Address of the cluster, such as tcp://host:8786; without it, workers are started on this machine."""


@Parameter(name="*", group=Group("Work", sort_key=4))
@dataclass(frozen=True, kw_only=True)
class Room:
    """How much memory may be used."""

    memory: str | None = None
    """How much may be used, such as 2GB; three quarters of what is free as a rule. More is read in passes."""


@Parameter(name="*", group=Group("Output", sort_key=6))
@dataclass(frozen=True, kw_only=True)
class Output:
    """What is printed."""

    json: bool = False
    """Print the result as JSON."""
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"])] = False
    """Print no progress."""
