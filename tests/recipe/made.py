"""Small data sets made by hand, for the tests of the recipe's first step."""

from __future__ import annotations

from typing import Any

import numpy as np

from dechaff.core.table import Column, Kind, Table
from dechaff.data.dataset import Dataset


def column(name: str, cells: list[Any], kind: Kind | None = None) -> Column:
    """A column of the given cells; None is a missing cell, and numbers make a numeric column."""
    missing = np.array([cell is None for cell in cells], dtype=bool)
    numeric = all(isinstance(cell, int | float) for cell in cells if cell is not None)
    kind = kind or ("numeric" if numeric else "text")
    raw = np.array(["" if cell is None else str(cell) for cell in cells], dtype=object)
    if kind in ("numeric", "datetime"):
        values: Any = np.array([np.nan if cell is None else float(cell) for cell in cells], dtype=np.float64)
    else:
        values = raw
    return Column(name, kind, values, missing, raw)


def made(
    columns: list[Column],
    labels: list[str | None],
    *,
    ids: list[str] | None = None,
    features: Any = None,
    **changes: Any,
) -> Dataset:
    """A data set of these columns and labels."""
    n = len(labels)
    names = changes.pop("class_names", None) or tuple(sorted({label for label in labels if label is not None}))
    codes = np.array([-1 if label is None else names.index(label) for label in labels], dtype=np.int64)
    fields: dict[str, Any] = {
        "table": Table(tuple(columns), n),
        "codes": codes,
        "class_names": names,
        "ids": np.array(ids or [str(i) for i in range(n)], dtype=object),
        "id_name": "key" if ids else "",
        "keys": np.array([f"k{i}:0" for i in range(n)], dtype=object),
        "positions": np.arange(n),
        "groups": np.full(n, -1, dtype=np.int64),
        "label_name": "label",
        "probs": None,
        "features": features,
        "assumptions": (),
        "source": None,
        "schema": None,
    }
    return Dataset(**{**fields, **changes})
