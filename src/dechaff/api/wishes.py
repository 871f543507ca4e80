"""What options say about columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dechaff.data.roles import Wishes

_KINDS = ("text", "categorical", "numeric", "date", "drop")


def wishes_of(options: Mapping[str, Any]) -> Wishes:
    """What was said about columns."""
    text, categorical, numeric, date, drop = (tuple(options.get(name) or ()) for name in _KINDS)
    return Wishes(
        label=options.get("label"),
        id=options.get("id"),
        group=options.get("group"),
        split=options.get("split"),
        text=text,
        categorical=categorical,
        numeric=numeric,
        date=date,
        drop=drop,
    )
