"""Small tables, made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from dechaff.core.table import Column, Kind, Table


def column(name: str, kind: Kind, values: Any) -> Column:
    if kind in ("numeric", "datetime"):
        numbers = np.asarray(values, dtype=np.float64)
        return Column(name, kind, numbers, np.isnan(numbers), numbers.astype(str).astype(object))
    texts = np.array(list(values), dtype=object)
    return Column(name, kind, texts, texts == "", texts)


def table(*columns: Column) -> Table:
    return Table(tuple(columns), len(columns[0].values))


def numbers_and_categories(n: int = 300, seed: int = 0) -> tuple[Table, np.ndarray]:
    random = np.random.default_rng(seed)
    size = random.normal(size=n)
    colour = random.choice(["red", "green", "blue"], n)
    codes = ((size + (colour == "red")) > 0.3).astype(np.int64)
    gaps = np.where(random.random(n) < 0.1, np.nan, size)
    colour = np.where(random.random(n) < 0.1, "", colour)
    return table(column("size", "numeric", gaps), column("colour", "categorical", colour)), codes


def texts(n: int = 200, seed: int = 0) -> tuple[Table, np.ndarray]:
    random = np.random.default_rng(seed)
    words = (["good", "great", "fine", "lovely"], ["bad", "awful", "poor", "dreadful"])
    codes = random.integers(0, 2, n)
    rows = [
        " ".join([*random.choice(words[code], 2), *random.choice(["the", "film", "was", "plot"], 3)]) for code in codes
    ]
    return table(column("text", "text", rows)), codes.astype(np.int64)


def alone(n: int) -> np.ndarray:
    return np.full(n, -1, dtype=np.int64)
