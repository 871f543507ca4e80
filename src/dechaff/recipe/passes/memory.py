"""How much memory a run may take, whether an audit in memory fits into it, and how large a sample does."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from dechaff.errors import InputError

SHARE_OF_FREE = 0.75
"""Of the free memory, by default."""
TIMES_THE_FILE = 75
"""Bytes that an audit in memory needs per byte of a plain text file, beyond the start: .6, .9 and 1.7 GiB in all for
2, 6 and 21 MB of texts."""
TIMES_THE_SAMPLE, CLEARLY = 100, 1.25
"""Bytes that the audit of a sample needs per byte of it: 2.4 GB for 2,000 rows of 10 kB."""
PACKED = 4
"""How many times larger a gzipped or Parquet file usually is in memory."""
START = 500 * 2**20
"""Bytes that Python, its packages and the smallest audit use."""
FOR_SAMPLE = 0.55
"""Fraction of the memory beyond the start that a sample is drawn for: short texts take up to 115 times their bytes, and
later passes take less."""
MOST_SAMPLED, FEWEST_SAMPLED = 30_000, 2_000
FEWEST_BYTES, FEWEST_LONG = 10**7, 500
"""If FEWEST_SAMPLED rows exceed FEWEST_BYTES, the sample is the rows that fit into it, but at least FEWEST_LONG."""
FOR_PROCESS = 2**30
"""Bytes for each further process: Python, its packages, the sample and the models."""
UNKNOWN = 4 * 2**30
"""Bytes that are taken to be free where the system does not say."""
_UNITS = {"": 1, "b": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_CGROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def memory_bytes(amount: str | int | None) -> int:
    """The bytes that may be used: the amount that was passed, or a fraction of what is free.

    Raises
    ------
    InputError
        If it is no such amount, or too little to start.

    Examples
    --------
    >>> memory_bytes("2GB"), memory_bytes("1.5 GiB"), memory_bytes(2_000_000_000)
    (2000000000, 1610612736, 2000000000)
    """
    wanted = int(free_memory() * SHARE_OF_FREE) if amount is None else _amount(amount)
    if amount is not None and wanted < START:
        raise InputError("memory", f"be at least {START // 2**20} MiB", str(amount), "Pass, for example, --memory 2GB.")
    return wanted


def _amount(given: str | int) -> int:
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgtKMGT]?)([iI]?)[bB]?\s*", str(given))
    if found is None:
        raise InputError("memory", "be an amount such as 2GB or 800MB", repr(given), "Pass, for example, --memory 2GB.")
    unit = _UNITS[found[2].lower()]
    if found[3] and unit > 1:
        unit = 2 ** (10 * "bkmgt".index(found[2].lower()))
    return int(float(found[1]) * unit)


def free_memory() -> int:
    """Bytes that this process may still take: of the machine, of its control group, of its own limit."""
    free = [_available(), *_group_limits()]
    return max(0, min([*free, *_own_limit()]))


def _own_limit() -> list[int]:
    try:
        import resource
    except ImportError:  # Windows has none
        return []
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return [] if soft == resource.RLIM_INFINITY else [soft]


def _available() -> int:
    with suppress(OSError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    if hasattr(os, "sysconf"):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return UNKNOWN


def _group_limits() -> list[int]:
    found = []
    for name in _CGROUPS:
        with suppress(OSError):
            limit = Path(name).read_text().strip()
            found += [int(limit)] if limit.isdigit() else []
    return found


def content_bytes(files: Sequence[Path]) -> int:
    """About how many bytes of plain text some files hold."""
    return sum(file.stat().st_size * (PACKED if _is_packed(file) else 1) for file in files)


def needed_in_memory(files: Sequence[Path]) -> int:
    """About how many bytes an audit of the files in memory needs."""
    return START + TIMES_THE_FILE * content_bytes(files)


def sample_rows(memory: int, bytes_of_row: float) -> int:
    """The rows of a sample whose audit fits.

    Examples
    --------
    >>> sample_rows(2 * 10**9, 200.0)
    30000
    >>> sample_rows(10**9, 5_000.0), sample_rows(10**9, 10_000.0), sample_rows(10**9, 10**6)
    (2000, 1000, 500)
    """
    room, one = max(0.0, (memory - START) * FOR_SAMPLE), max(bytes_of_row, 1.0)
    fewest = min(FEWEST_SAMPLED, max(FEWEST_LONG, FEWEST_BYTES / one))
    return int(min(MOST_SAMPLED, max(fewest, room / (TIMES_THE_FILE * one))))


def too_much(memory: int, rows: int, bytes_of_row: float) -> int:
    """About how many bytes the audit of a sample takes, where that is clearly more than what is allowed; else 0.

    Examples
    --------
    >>> too_much(2 * 10**9, 2_000, 1_000.0), too_much(10**9, 2_000, 10_000.0)
    (0, 2524288000)
    """
    needed = START + int(TIMES_THE_SAMPLE * rows * bytes_of_row)
    return needed if needed > CLEARLY * memory else 0


def _is_packed(file: Path) -> bool:
    return file.name.lower().endswith((".gz", ".gzip", ".parquet", ".pq"))
