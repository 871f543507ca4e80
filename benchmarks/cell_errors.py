"""Cell errors found and repaired without labels or settings, beside figures of Raha + Baran and HoloClean.

``python -m benchmarks.cell_errors``, or with ``reviews`` behind it: before and after
20 rows were reviewed. Hospital and Beers of the error detection literature; a made table of flights
that several sites report; slips made in seven clean tables; cells flagged in clean tables. The rivals' figures are
those of their stored outputs on the same files, scored by exact match; they got 20 labelled rows (Raha + Baran), or
constraints written by hand (HoloClean). Prints tables and writes nothing.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from sklearn import datasets

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._made_cells import Cells, flights, with_slips
from tests.shared_data import shared

import dechaff
from dechaff.api.cell_errors import CellErrors

RIVALS = {"hospital": (".62 / .55", ".23 / .18"), "beers": (".98 / .95", ".41 / .41")}
SLIPPED = ("adult", "german", "housevotes", "mushroom", "phoneme", "pima", "vehicle")
ROWS, SEEDS = 5_000, 3


def main() -> None:
    """All tables."""
    print("| data | wrong cells | detection P / R / F1 | repair F1 | Raha + Baran | HoloClean | s |\n|" + "---|" * 7)
    for name, others in RIVALS.items():
        dirty, clean = (read(shared(f"cells_{name}") / f"{kind}.csv") for kind in ("dirty", "clean"))
        row(name, [(dirty, clean)], others)
    row("flights, made", [flights(seed=seed) for seed in range(10, 10 + SEEDS)])
    tables = {name: read(shared("tabular") / f"{name}.csv.gz", ROWS) for name in SLIPPED}
    f1 = [row(f"{name}, slips", [with_slips(table, seed=10 + seed) for seed in range(SEEDS)])
          for name, table in tables.items()]  # fmt: skip
    print(f"\nMean detection F1 of the slips: {np.mean(f1):.3f}\n\n| clean table | cells | flagged |\n|---|---|---|")
    for name, table in clean_tables():
        cells = sum(map(len, table.values()))
        print(f"| {name} | {cells:,} | {dechaff.find_cell_errors(table).n_flagged / cells:.3%} |")


def reviews() -> None:
    """Repairs without labels, after the 20 rows that are proposed, and after 20 rows at random."""
    print("| data | detection F1 | proposed 20 | random 20 | repair F1 | proposed 20 | random 20 |\n|" + "---|" * 7)
    seeds = range(30, 30 + SEEDS)
    for name in RIVALS:
        reviewed_row(name, [tuple(read(shared(f"cells_{name}") / f"{kind}.csv") for kind in ("dirty", "clean"))])
    reviewed_row("flights, made", [flights(seed=seed) for seed in seeds])
    reviewed_row("flights, most copy", [flights(seed=seed, copying=0.6, leaders=2) for seed in seeds])
    for name in SLIPPED:
        table = read(shared("tabular") / f"{name}.csv.gz", ROWS)
        reviewed_row(f"{name}, slips", [with_slips(table, seed=seed) for seed in seeds])


def reviewed_row(name: str, pairs: list[tuple[Cells, ...]]) -> None:
    """Prints the means over some tables of the F1 of detection and repair, each without and with reviews."""
    figures = []
    for seed, (dirty, clean) in enumerate(pairs):
        found = dechaff.find_cell_errors(dirty)
        rows = np.random.default_rng(seed).choice(found.n_rows, min(20, found.n_rows), replace=False).tolist()
        updated = [found.update({row: {column: clean[column][row] for column in clean} for row in some})
                   for some in (found.rows_to_review(20).tolist(), rows)]  # fmt: skip
        figures.append([scored_as(one, dirty, clean)[3:] for one in (found, *updated)])
    for detection, repair in [np.mean(figures, axis=0).T]:
        shown = [f"{value:.3f}" for value in (*detection, *repair)]
        print(f"| {name} | {' | '.join(shown)} |", flush=True)


def row(name: str, pairs: list[tuple[Cells, Cells]], rivals: tuple[str, str] = ("–", "–")) -> float:
    """Prints the means over some tables; the F1 of detection."""
    start = time.process_time()
    figures = np.mean([scored(dirty, clean) for dirty, clean in pairs], axis=0)
    spent = (time.process_time() - start) / len(pairs)
    found = " / ".join(f"{value:.3f}" for value in figures[1:4])
    print(
        f"| {name} | {figures[0]:,.0f} | {found} | {figures[4]:.3f} | {' | '.join(rivals)} | {spent:.1f} |", flush=True
    )
    return float(figures[3])


def scored(dirty: Cells, clean: Cells) -> tuple[float, float, float, float, float]:
    """Wrong cells; precision, recall and F1 of the flags; F1 of the repairs, by exact match."""
    return scored_as(dechaff.find_cell_errors(dirty), dirty, clean)


def scored_as(found: CellErrors, dirty: Cells, clean: Cells) -> tuple[float, float, float, float, float]:
    """The same of a result."""
    flag, suggested = (np.asarray(one) for one in (found.flag, found.suggested))
    wrong = np.stack([dirty[name] != clean[name] for name in dirty], axis=1)
    right = np.stack([clean[name] for name in dirty], axis=1)
    repaired = flag & (suggested != None)  # noqa: E711 - element by element
    hits, fixed = int((flag & wrong).sum()), int((repaired & wrong & (suggested == right)).sum())
    precision, recall = hits / max(flag.sum(), 1), hits / wrong.sum()
    return (float(wrong.sum()), precision, recall, f1(precision, recall),
            f1(fixed / max(repaired.sum(), 1), fixed / wrong.sum()))  # fmt: skip


def f1(precision: float, recall: float) -> float:
    """Their harmonic mean."""
    return 2 * precision * recall / max(precision + recall, 1e-12)


def read(path: Path, rows: int | None = None) -> Cells:
    """A file as columns of text."""
    table = pl.read_csv(path, infer_schema=False, n_rows=rows)
    return {name: table[name].fill_null("").to_numpy().astype(object) for name in table.columns}


def clean_tables() -> Iterator[tuple[str, Cells]]:
    """Tables without known errors."""
    for path in sorted(shared("tabular").glob("*.csv.gz")):
        yield path.name.removesuffix(".csv.gz"), read(path)
    for name in ("hospital", "beers"):
        yield f"{name}, clean", read(shared(f"cells_{name}") / "clean.csv")
    for name in ("breast_cancer", "diabetes", "digits", "iris", "linnerud", "wine"):
        frame = getattr(datasets, f"load_{name}")(as_frame=True).frame
        yield name, {column: frame[column].astype(str).to_numpy(dtype=object) for column in frame}


if __name__ == "__main__":
    reviews() if sys.argv[1:] == ["reviews"] else main()
