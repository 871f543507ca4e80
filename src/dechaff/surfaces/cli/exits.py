"""Exit codes, the same for every command."""

from __future__ import annotations

FINE = 0
GATE_FAILED = 1
"""A limit of ``--fail-on`` was exceeded."""
UNUSABLE = 2
"""The command, a file or the data cannot be used as they are; the message explains what to do."""
OUR_FAULT = 70
"""An error in dechaff itself."""
STOPPED = 130
"""Stopped with Ctrl-C."""
PIPE_CLOSED = 141
"""The reader of stdout went away, as ``head`` does."""
