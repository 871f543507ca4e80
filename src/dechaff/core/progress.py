"""How long work tells that it is going on; surfaces decide what to draw."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""``progress(step, done, total)``: step in words, done of total parts finished."""


def silent(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
