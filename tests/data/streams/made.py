"""Labels and probabilities in files of every form."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl

NAMES = np.array(["ant", "bee", "cat"])
N = 700


def rows(dtype: type = np.float64) -> tuple[np.ndarray, np.ndarray]:
    """Labels of which a fifth is wrong, and what a model says, some of it twice over."""
    random = np.random.default_rng(0)
    true = random.integers(0, 3, N)
    labels = np.where(random.random(N) < 0.2, (true + 1) % 3, true)
    logits = 2.5 * np.eye(3)[true] + random.normal(size=(N, 3))
    logits[N // 2 :: 7] = logits[0]
    probs = np.exp(logits)
    return labels, (probs / probs.sum(axis=1, keepdims=True)).astype(dtype)


def frame(dtype: type = np.float64) -> pl.DataFrame:
    labels, probs = rows(dtype)
    columns = {"id": [f"r{row}" for row in range(N)], "y": NAMES[labels]}
    return pl.DataFrame({**columns, **{name: probs[:, place] for place, name in enumerate(NAMES.tolist())}})


def write_all(folder: Path) -> dict[str, tuple[object, object]]:
    """By name: the source, and where its labels are."""
    whole, (labels, probs) = frame(), rows()
    lists = whole.select("id", "y", probs=pl.Series(probs.tolist()))
    arrays = whole.select("id", "y", probs=pl.Series(probs, dtype=pl.Array(pl.Float64, 3)))
    whole.write_parquet(folder / "wide.parquet", row_group_size=100)
    lists.write_parquet(folder / "lists.parquet", row_group_size=100)
    arrays.write_parquet(folder / "arrays.parquet", row_group_size=100)
    whole.write_csv(folder / "wide.csv", float_precision=None)
    (folder / "lists.jsonl").write_text("".join(json.dumps(row) + "\n" for row in lists.to_dicts()))
    (folder / "many").mkdir()
    for place in range(3):
        whole[place * 300 : (place + 1) * 300].write_parquet(folder / "many" / f"p{place}.parquet")
    np.save(folder / "probs.npy", probs)
    np.save(folder / "labels.npy", NAMES[labels])
    return {
        "wide": (folder / "wide.parquet", "y"),
        "lists": (folder / "lists.parquet", "y"),
        "arrays": (folder / "arrays.parquet", "y"),
        "csv": (folder / "wide.csv", "y"),
        "jsonl": (folder / "lists.jsonl", "y"),
        "folder": (folder / "many", "y"),
        "pattern": (str(folder / "many" / "*.parquet"), "y"),
        "files": ([folder / "many" / f"p{place}.parquet" for place in range(3)], "y"),
        "npy": (folder / "probs.npy", folder / "labels.npy"),
    }


FORMS = ("wide", "lists", "arrays", "csv", "jsonl", "folder", "pattern", "files", "npy")
