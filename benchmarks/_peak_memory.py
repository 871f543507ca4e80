"""The most memory that a process has had at once."""

from __future__ import annotations

from pathlib import Path

_SELF = Path("/proc/self")


def peak_bytes() -> int:
    """Peak of resident memory; `ru_maxrss` would begin at what the parent process had when it started this one."""
    status = (_SELF / "status").read_text(encoding="ascii")
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def peak_bytes_from_here() -> int:
    """Resident memory now, from which the peak is counted anew."""
    (_SELF / "clear_refs").write_text("5", encoding="ascii")
    return peak_bytes()
