"""Torch, if it is installed. The only file that imports it."""

from __future__ import annotations

from typing import Any

from dechaff.errors import MissingExtraError


def imported_torch() -> Any:
    """The module torch.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import torch
    except ImportError as absent:
        raise MissingExtraError.of("torch", "torch", "to train networks") from absent
    return torch
