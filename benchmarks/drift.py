"""Drift: is a made change of one column found between training and test rows, and is the column named?

The rows of clean tables are dealt at random into training and test rows. One column of the test rows is changed.
Numbers are moved by half a standard deviation, or spread 1.6 times as wide; a quarter of the cells are multiplied by a
hundred (another unit), or emptied; a third of the cells of the most frequent category are moved to the next one, or to
a new one. Without a change, whatever is said is a false alarm.

Rivals, made anew from their documentation: Evidently's default test per column (up to 1,000 reference rows: KS or chi²
test at p < .05; above: normalised Wasserstein or Jensen-Shannon distance of at least .1) and deepchecks' FeatureDrift
(KS statistic or Cramér's V of at least .2). A rival has an alarm if it names any column.

    python -m benchmarks.drift [DATA] [--seeds 6] [--rows 2500]
"""

from __future__ import annotations

import argparse
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, ks_2samp, wasserstein_distance

from dechaff.core.table import Column
from dechaff.data.dataset import Dataset
from dechaff.data.open import open_data
from dechaff.recipe.explore.view import View

DATA = Path("shared/data")
LABEL = "target"
Named = set[str]


def of_unit(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.where(rng.random(len(values)) < 0.25, values * 100 + 1, values)


NUMBERS: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "moved": lambda values, _: values + 0.5 * np.nanstd(values),
    "wider": lambda values, _: np.nanmean(values) + 1.6 * (values - np.nanmean(values)),
    "another unit": of_unit,
    "emptied": lambda values, rng: np.where(rng.random(len(values)) < 0.25, np.nan, values),
}


def a_category(values: np.ndarray, rng: np.random.Generator, *, new: bool) -> np.ndarray:
    common = [str(one) for one, _ in Counter(values.tolist()).most_common(2)]
    first, other = common[0], "brand new" if new else common[-1]
    moved = (values == first) & (rng.random(len(values)) < 0.35)
    return np.where(moved, other, values)


KINDS = (*NUMBERS, "moved to another category", "moved to a new category")


def changed(
    test: pl.DataFrame, kind: str, names: dict[str, list[str]], rng: np.random.Generator
) -> tuple[pl.DataFrame, str]:
    """The test rows with one column changed, and its name; '' if the table has no such column."""
    fitting = names["numbers" if kind in NUMBERS else "categories"]
    if not fitting:
        return test, ""
    name = str(rng.choice(fitting))
    values = test[name].to_numpy()
    if kind in NUMBERS:
        made = pl.Series(name, NUMBERS[kind](values.astype(float), rng)).fill_nan(None)
    else:
        made = pl.Series(name, a_category(values.astype(str), rng, new=kind.endswith("new category")).tolist())
    return test.with_columns(made), name


def ours(train: Dataset, test: Dataset) -> tuple[bool, Named]:
    found = [one for one in View(train, test).drift if one.between == "test"]
    return any(one.differs for one in found), {column.column for one in found for column in one.columns[:1]}


def _sides(column: Column, other: Column) -> tuple[np.ndarray, np.ndarray]:
    return column.values[~column.missing], other.values[~other.missing]


def _counts(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    levels = np.unique(np.concatenate([one, other]).astype(str))
    return np.array([[(side.astype(str) == level).sum() for level in levels] for side in (one, other)])


def evidently(column: Column, other: Column) -> float:
    """How far above its threshold, 0 or less = no drift."""
    one, two = _sides(column, other)
    numeric = column.kind in ("numeric", "datetime")
    if len(one) <= 1000:
        p = ks_2samp(one, two).pvalue if numeric else _chi2(_counts(one, two))
        return float(0.05 - p)
    if numeric:
        return float(wasserstein_distance(one, two) / max(np.std(one), 1e-9) - 0.1)
    shares = _counts(one, two)
    return float(jensenshannon(shares[0] / shares[0].sum(), shares[1] / shares[1].sum(), base=2) - 0.1)


def _chi2(counts: np.ndarray) -> float:
    return float(chi2_contingency(counts).pvalue) if counts.shape[1] > 1 else 1.0


def deepchecks(column: Column, other: Column) -> float:
    one, two = _sides(column, other)
    if column.kind in ("numeric", "datetime"):
        return float(ks_2samp(one, two).statistic - 0.2)
    counts = _counts(one, two)
    if counts.shape[1] < 2:
        return -0.2
    chi2 = chi2_contingency(counts).statistic
    phi2 = max(0.0, chi2 / counts.sum() - (counts.shape[1] - 1) / (counts.sum() - 1))
    return float(np.sqrt(phi2) - 0.2)


def by_columns(measure: Callable[[Column, Column], float]) -> Callable[[Dataset, Dataset], tuple[bool, Named]]:
    def found(train: Dataset, test: Dataset) -> tuple[bool, Named]:
        above = {one.name: measure(one, test.table[one.name]) for one in train.table.columns}
        top = max(above, key=above.__getitem__)
        return above[top] > 0, {top} if above[top] > 0 else set()

    return found


METHODS = {"dechaff": ours, "Evidently": by_columns(evidently), "deepchecks": by_columns(deepchecks)}


def compared(train: pl.DataFrame, test: pl.DataFrame) -> tuple[Dataset, Dataset]:
    opened = open_data(train, label=LABEL, test=test)
    assert opened.test is not None
    return opened.train, opened.test


def columns_of(frame: pl.DataFrame) -> dict[str, list[str]]:
    """The columns that can be changed so that they stay of their kind."""
    kinds = {one.name: one for one in open_data(frame, label=LABEL).train.table.columns}
    numbers = [name for name, one in kinds.items() if one.kind == "numeric" and frame[name].n_unique() > 20]
    texts = [name for name, one in kinds.items() if one.kind == "categorical" and frame[name].dtype == pl.String]
    return {"numbers": numbers, "categories": [name for name in texts if frame[name].n_unique() > 1]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=DATA)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--rows", type=int, default=2500)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    found, made = Counter[tuple[str, str, str]](), Counter[str]()
    for path in sorted((given.data / "tabular").glob("*.csv.gz")):
        whole = pl.read_csv(path, infer_schema_length=None)
        for seed in range(given.seeds):
            rng = np.random.default_rng(seed)
            frame = whole.sample(min(given.rows, whole.height), seed=seed, shuffle=True)
            train, test = frame[: frame.height * 2 // 3], frame[frame.height * 2 // 3 :]
            names = columns_of(frame)
            for kind in ("none", *KINDS):
                other, column = (test, "-") if kind == "none" else changed(test, kind, names, rng)
                if not column:
                    continue
                made[kind] += 1
                sides = compared(train, other)
                for method, find in METHODS.items():
                    alarm, named = find(*sides)
                    found[method, kind, "found"] += alarm
                    found[method, kind, "named"] += column in named
        print(path.name, dict(made), flush=True)
    print("| made change | cases | " + " | ".join(f"{name}: found, column named first" for name in METHODS) + " |")
    print("|---|--:|" + "--:|" * len(METHODS))
    for kind in filter(made.__getitem__, (*KINDS, "none")):  # none may be made if rows or tables are few
        cells = [
            f"{found[name, kind, 'found'] / made[kind]:.0%}"
            + ("" if kind == "none" else f", {found[name, kind, 'named'] / made[kind]:.0%}")
            for name in METHODS
        ]
        print(f"| {kind} | {made[kind]} | " + " | ".join(cells) + " |")
    n = max(sum(made[kind] for kind in KINDS), 1)
    cells = [
        ", ".join(f"{sum(found[name, kind, what] for kind in KINDS) / n:.0%}" for what in ("found", "named"))
        for name in METHODS
    ]
    print(f"| **all changes** | {n} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
