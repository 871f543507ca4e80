"""Leaks and identifiers: are columns found that were added to clean tables, and is nothing said of the others?

A leak is a column of codes of the label with 5 % of them wrong, or filled in for 30 % of the rows only, or a text of a
dozen words with one sentence that names the class. An identifier has 5 % repeats, or holds random numbers of eight
digits, or moments (as seconds, or as dates). A false alarm is any column of the table as it is.

    python -m benchmarks.leaks [DATA] [--seeds 3] [--rows 2500]
"""

from __future__ import annotations

import argparse
import warnings
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from dechaff.data.open import open_data
from dechaff.recipe.explore.features import identifier_columns, leaking_columns
from dechaff.recipe.explore.view import View

DATA = Path("shared/data")
LABEL, ADDED = "target", "added"
_WORDS = "the of and please note that we sent a letter about this account yesterday morning again"
Random = np.random.Generator


def _codes(labels: np.ndarray) -> list[str]:
    names = {name: f"code {number}" for number, name in enumerate(np.unique(labels))}
    return [names[one] for one in labels.tolist()]


def with_slips(labels: np.ndarray, rng: Random) -> list[Any]:
    classes = np.unique(labels)
    wrong = np.array([rng.choice(classes[classes != one]) for one in labels])
    return _codes(np.where(rng.random(len(labels)) < 0.05, wrong, labels))


def filled_in_part(labels: np.ndarray, rng: Random) -> list[Any]:
    return [
        code if filled else None for code, filled in zip(_codes(labels), rng.random(len(labels)) < 0.3, strict=True)
    ]


def sentence(labels: np.ndarray, rng: Random) -> list[Any]:
    parts = (" ".join(rng.choice(_WORDS.split(), 8)) + f". Closed with {code}. " for code in _codes(labels))
    return [part + " ".join(rng.choice(_WORDS.split(), 5)) for part in parts]


def repeated(labels: np.ndarray, rng: Random) -> list[Any]:
    ids = rng.permutation(np.arange(1000, 1000 + len(labels)))
    return np.where(rng.random(len(ids)) < 0.05, rng.choice(ids, len(ids)), ids).tolist()


def random_numbers(labels: np.ndarray, rng: Random) -> list[Any]:
    return rng.integers(10**7, 10**8, len(labels)).tolist()


def seconds(labels: np.ndarray, rng: Random) -> list[Any]:
    return rng.integers(1_600_000_000, 1_700_000_000, len(labels)).tolist()


def moments(labels: np.ndarray, rng: Random) -> list[Any]:
    return [datetime(2023, 1, 1) + timedelta(seconds=int(one)) for one in rng.integers(0, 3 * 10**7, len(labels))]


KINDS: dict[str, Callable[[np.ndarray, Random], list[Any]]] = {
    "leak with 5 % wrong": with_slips,
    "leak filled for 30 %": filled_in_part,
    "leak in a sentence": sentence,
    "id with 5 % repeats": repeated,
    "random numbers of 8 digits": random_numbers,
    "moments as seconds": seconds,
    "moments as dates": moments,
}


def named(frame: pl.DataFrame, kind: str) -> set[str]:
    """The columns of which F002 (leaks) or F001 speaks."""
    view = View(open_data(frame, label=LABEL).train, None, 0)
    find = leaking_columns if kind.startswith("leak") else identifier_columns
    return {one.field for one in find(view).findings}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=DATA)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=2500)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    found, missed, alarms, tables = Counter[str](), [], [], 0
    for path in sorted((given.data / "tabular").glob("*.csv.gz")):
        whole = pl.read_csv(path, infer_schema_length=None)
        for seed in range(given.seeds):
            tables += 1
            frame = whole.sample(min(given.rows, whole.height), seed=100 + seed)
            alarms += [(path.name, kind) for kind in ("leak", "id") if named(frame, kind)]
            labels = frame[LABEL].cast(pl.String).to_numpy()
            for kind, make in KINDS.items():
                column = pl.Series(ADDED, make(labels, np.random.default_rng(seed)))
                hit = ADDED in named(frame.with_columns(column), kind)
                found[kind] += hit
                missed += [] if hit else [f"{kind}: {path.name}"]
    print("| added column | found | of |\n|---|--:|--:|")
    for kind in KINDS:
        print(f"| {kind} | {found[kind] / tables:.0%} | {tables} |")
    print(f"| **none: false alarms** | {len(alarms) / tables:.0%} | {tables} |")
    print("missed:", dict(Counter(missed)), "alarms:", alarms)


if __name__ == "__main__":
    main()
