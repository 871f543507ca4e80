"""A small audit to review: texts of three classes with wrong, missing and repeated ones."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

import dechaff

CLASSES = ("fruit", "pet", "road")
_WORDS = {"fruit": ["apple", "pear", "plum"], "pet": ["dog", "cat", "hare"], "road": ["car", "bus", "lane"]}


def table() -> pl.DataFrame:
    """240 rows: 24 labels are wrong, 3 are missing, and one text comes three times."""
    random = np.random.default_rng(0)
    true = np.array(CLASSES)[np.arange(240) % 3].astype(object)
    given = true.copy()
    wrong = random.choice(np.arange(10, 240), 24, replace=False)
    given[wrong] = [CLASSES[(CLASSES.index(name) + 1) % 3] for name in true[wrong]]
    given[[1, 3, 5]] = ""
    texts = [" ".join([*random.choice(_WORDS[name], 4), f"n{row}"]) for row, name in enumerate(true)]
    texts[7] = texts[8] = texts[6]
    given[[6, 7, 8]] = true[6]
    sizes = random.normal(10, 2, 240).round(2).astype(str).astype(object)
    sizes[[6, 7, 8]] = "9.0"
    return pl.DataFrame(
        {"id": [f"r{row}" for row in range(240)], "text": texts, "size": sizes, "label": given, "true": true}
    )


@functools.cache
def _made() -> Path:
    folder = Path(tempfile.mkdtemp())
    table().drop("true").write_csv(folder / "rows.csv")
    dechaff.audit(folder / "rows.csv", label="label", policy="review", threads=1)
    (folder / "rows.csv").rename(folder / "kept")  # so that each copy has a file of its own
    return folder


def reviewed(folder: Path) -> dechaff.Audit:
    """A run of its own in a folder."""
    shutil.copytree(_made(), folder, dirs_exist_ok=True)
    (folder / "kept").rename(folder / "rows.csv")
    return dechaff.open_run(folder / "rows.dechaff")


def truth() -> dict[str, str]:
    """Row id -> its true label."""
    rows = table()
    return dict(zip(rows["id"].to_list(), rows["true"].to_list(), strict=True))
