"""Reads a run folder for showing."""

from __future__ import annotations

import glob
import shlex
from pathlib import Path

from dechaff.records.run import read_run


def improved_name(source: Path) -> str:
    """Name of the improved file, with the suffixes of the audited one.

    Examples
    --------
    >>> improved_name(Path("reviews.v2.csv.gz"))
    'improved.csv.gz'
    >>> improved_name(Path("parts/*.csv")), improved_name(Path("years/*/a.csv"))
    ('improved', 'improved')
    """
    if source.is_dir() or (not source.exists() and glob.has_magic(str(source))):
        return "improved"  # several files become a folder of them
    endings = source.suffixes[-2:] if source.suffix == ".gz" else source.suffixes[-1:]
    return f"improved{''.join(endings)}"


def next_commands(folder: Path, source: Path) -> tuple[str, str]:
    """The usual commands after an audit: open the report, write the improved file."""
    run = shlex.quote(str(folder))
    return f"dechaff report {run} --open", f"dechaff apply {run} -o {improved_name(source)}"


def audited_source(folder: Path) -> Path:
    """The file that was audited, as it was given."""
    return Path(str(read_run(folder).options.get("source") or ""))
