"""Near copies of rows of tables and of records, against cosines of character TF-IDF: recall, precision and CPU.

Tables: the different rows of 14 real ones (the first 1,000 in random order), and copies of one row in twenty with one
cell from another row. A pair is right if it was made so. Some tables have near copies of their own, such as rows that
differ by one in the last digit: "own" counts what is reported before copies are added, which is left out of the
precision beside it. "Left" counts what is still reported once one row of each of these pairs is gone, and "by chance"
what is reported in tables whose rows are independent given groups of 32 rows that are alike: there half of the columns
is shuffled, so that every pair reported is false (mean of three tables).

Records: persons written down several times with errors (FEBRL); a pair is right if it is of one person.

    python -m benchmarks.near_duplicates DATA

DATA holds the folders ``tabular`` and ``dedup_febrl``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.groups import connected_groups
from dechaff.methods.duplicates.near_records import near_records

ROWS, COPIED, ALIKE, NULLS, COSINE = 1000, 0.05, 32, 3, 0.9
Table = list[npt.NDArray[Any]]
Found = set[tuple[int, int]]


def by_dechaff(table: Table) -> Found:
    """Pairs by `near_records`."""
    return {(one, other) for one, other in near_records(table)[0].tolist()}


def by_characters(table: Table) -> Found:
    """Pairs of rows whose TF-IDF of three to five characters has a cosine of .9 or more."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    rows = [" ".join(map(str, cells)) for cells in zip(*table, strict=True)]
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5)).fit_transform(rows)
    left, right = np.nonzero(np.triu((vectors @ vectors.T).toarray() >= COSINE, 1))
    return {(one, other) for one, other in zip(left.tolist(), right.tolist(), strict=True)}


def read(path: Path, rng: np.random.Generator) -> Table:
    """Some different rows of a table, numbers as floats."""
    import polars as pl

    frame = pl.read_csv(path, infer_schema_length=None).unique(maintain_order=True)
    frame = frame[rng.permutation(len(frame))[:ROWS].tolist()]
    columns = frame.get_columns()
    return [
        np.array(one.cast(pl.Float64).fill_null(np.nan)) if one.dtype.is_numeric() else texts_of(one) for one in columns
    ]


def texts_of(column: Any) -> npt.NDArray[Any]:
    """The cells as texts, '' if missing."""
    return np.array(column.cast(str).fill_null("").str.strip_chars().to_list(), dtype=object)


def with_copies(table: Table, rng: np.random.Generator) -> tuple[Table, Found]:
    """The table with changed copies behind it, and the pairs."""
    n = len(table[0])
    rows = rng.choice(n, max(1, int(COPIED * n)), replace=False)
    which = rng.integers(len(table), size=len(rows))
    made = [
        np.where(which == at, column[rng.integers(n, size=len(rows))], column[rows]) for at, column in enumerate(table)
    ]
    both = [np.concatenate([own, copies]).astype(own.dtype) for own, copies in zip(table, made, strict=True)]
    changed = np.any([_codes(column)[rows] != _codes(column)[n:] for column in both], axis=0)
    return both, {(row, n + at) for at, row in enumerate(rows.tolist()) if changed[at]}


def recombined(table: Table, seed: int) -> Table:
    """Half of the columns shuffled within groups of rows that are alike: no row is a copy of another one."""
    rng = np.random.default_rng(seed)
    ranks = np.stack([_codes(column) / len(column) for column in table], axis=1)
    donors, waiting = np.arange(len(ranks)), [np.arange(len(ranks))]
    while waiting:
        rows = waiting.pop()
        if len(rows) <= ALIKE:
            donors[rows] = rng.permutation(rows)
            continue
        cells = ranks[rows]
        one = cells[np.argmax(((cells - cells[0]) ** 2).sum(axis=1))]
        other = cells[np.argmax(((cells - one) ** 2).sum(axis=1))]
        along = np.argsort(cells @ (one - other), kind="stable")
        waiting += [rows[along[: len(rows) // 2]], rows[along[len(rows) // 2 :]]]
    second = rng.permutation(len(table)) < len(table) // 2
    return [column[donors] if shuffled else column for column, shuffled in zip(table, second, strict=True)]


def _codes(column: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    cells = column if column.dtype.kind == "f" else column.astype(str)
    return np.unique(cells, return_inverse=True)[1].astype(np.int64)


def without_copies(table: Table, pairs: Found) -> Table:
    """One row of each group of pairs, and all rows in none."""
    n = len(table[0])
    groups = connected_groups(np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2), n)
    first = np.unique(groups[groups >= 0], return_index=True)[1]
    rows = np.union1d(np.flatnonzero(groups < 0), np.flatnonzero(groups >= 0)[first])
    return [column[rows] for column in table]


def timed(way: Callable[[Table], Found], table: Table) -> tuple[Found, float]:
    """What is found, and the CPU seconds."""
    start = time.process_time()
    found = way(table)
    return found, time.process_time() - start


def rates(found: Found, true: Found, own: Found) -> str:
    """Recall and precision, without the pairs that are the table's own."""
    right, beside = len(found & true), len(found - own)
    precision = f"{right / beside:.2f}" if beside else "-"
    return f"{right / max(1, len(true)):.2f} | {precision}"


def tables(data: Path) -> None:
    """The rows for tables."""
    print("| table | recall | precision | CPU s | own | left | by chance | TF-IDF recall | precision | CPU s |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for path in sorted((data / "tabular").glob("*.csv.gz")):
        rng = np.random.default_rng(0)
        table = read(path, rng)
        own, kept = by_dechaff(table), without_copies(table, by_dechaff(table))
        chance = sum(len(by_dechaff(recombined(kept, seed))) for seed in range(NULLS)) / NULLS
        both, true = with_copies(table, rng)
        found, cpu = timed(by_dechaff, both)
        rival, rival_cpu = timed(by_characters, both)
        ours = f"{rates(found, true, own)} | {cpu:.2f} | {len(own)} | {len(by_dechaff(kept))} | {chance:.1f}"
        theirs = f"{rates(rival, true, by_characters(table))} | {rival_cpu:.2f}"
        print(f"| {path.name.split('.')[0]} | {ours} | {theirs} |", flush=True)


def records(data: Path) -> None:
    """The rows for records."""
    import polars as pl

    print("\n| records | way | recall | precision | CPU s |\n|---|---|---|---|---|")
    for name in ("dataset1", "dataset3"):
        frame = pl.read_csv(data / "dedup_febrl" / f"{name}.csv.gz", infer_schema_length=0)
        people = _codes(frame["cluster"].to_numpy())
        table = [texts_of(column) for column in frame.drop("rec_id", "cluster").get_columns()]
        groups = [np.flatnonzero(people == one).tolist() for one in range(people.max() + 1)]
        true = {pair for group in groups for pair in combinations(group, 2)}
        for way, find in (("dechaff", by_dechaff), ("character TF-IDF", by_characters)):
            found, cpu = timed(find, table)
            print(f"| FEBRL {name} | {way} | {rates(found, true, set())} | {cpu:.2f} |", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    tables(data)
    records(data)


if __name__ == "__main__":
    main()
