"""How often `prove` says "better" of a cleaning that did nothing, and of one that did.

    python -m benchmarks.prove_false_alarms [--runs 100]

Run from the project's folder. Half of the runs are on made-up classes, half on small real tables (scikit-learn's
and, where they lie beside the project, tabular ones); labels are clean or have 20 % flipped at random. Tests have 20
to 1,000 rows; useful cleanings are counted on tests of 200 rows or more.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from tests.recipe.prove.prove_fakes import LeastSquares, Neighbours, blobs, dataset, flipped, prove

from dechaff.data.dataset import Dataset

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Cleaning = Callable[[Dataset, Ints, np.random.Generator], Dataset]
TABULAR = ("pima", "vehicle", "banknote", "vowel", "phoneme", "satimage", "spambase")
TEST_ROWS = (20, 100, 300, 1000)


def shuffled(before: Dataset, truth: Ints, rng: np.random.Generator) -> Dataset:
    return before.take(rng.permutation(len(before)))


def dropped(before: Dataset, truth: Ints, rng: np.random.Generator) -> Dataset:
    return before.take(np.sort(rng.permutation(len(before))[: round(0.8 * len(before))]))


def dropped_few(before: Dataset, truth: Ints, rng: np.random.Generator) -> Dataset:
    return before.take(np.sort(rng.permutation(len(before))[: round(0.97 * len(before))]))


def relabelled(before: Dataset, truth: Ints, rng: np.random.Generator) -> Dataset:
    k = len(before.class_names)
    return before.with_codes(flipped(before.codes, 0.05, seed=int(rng.integers(2**31)), k=k))


def both(before: Dataset, truth: Ints, rng: np.random.Generator) -> Dataset:
    return dropped(relabelled(before, truth, rng), truth, rng)


def corrected(before: Dataset, truth: Ints, rng: np.random.Generator) -> Dataset:
    return before.with_codes(truth)


def wrong_dropped(before: Dataset, truth: Ints, rng: np.random.Generator) -> Dataset:
    return before.take(np.flatnonzero(before.codes == truth))


IDLE: dict[str, Cleaning] = {
    "shuffled": shuffled,
    "20 % dropped at random": dropped,
    "3 % dropped at random": dropped_few,
    "5 % relabelled at random": relabelled,
    "dropped and relabelled": both,
}
USEFUL: dict[str, Cleaning] = {"all flips corrected": corrected, "all flips dropped": wrong_dropped}


def real_tables() -> Iterator[tuple[str, Floats, Ints]]:
    """Numeric columns, scaled, and class codes."""
    from sklearn import datasets

    for load in (datasets.load_breast_cancer, datasets.load_wine, datasets.load_digits):
        x, y = load(return_X_y=True)
        yield load.__name__.removeprefix("load_"), scaled(x), y
    yield from shared_tables()


def shared_tables() -> Iterator[tuple[str, Floats, Ints]]:
    import pandas as pd
    from tests.shared_data import _ROOT

    for name in TABULAR:
        path = _ROOT / "tabular" / f"{name}.csv.gz"
        if path.is_file():
            frame = pd.read_csv(path).sample(frac=1, random_state=0).head(3000)
            yield name, scaled(frame.iloc[:, :-1].to_numpy(np.float64)), pd.factorize(frame.iloc[:, -1])[0]


def scaled(x: Floats) -> Floats:
    return np.asarray((x - x.mean(axis=0)) / (x.std(axis=0) + 1e-9))


def splits(runs: int, *, noise: float) -> Iterator[tuple[str, Dataset, Ints, Dataset]]:
    """Before, its true labels, and a clean test; made-up and real in turn."""
    tables = list(real_tables())
    for run in range(runs):
        rng = np.random.default_rng([run, 7])
        n_test = TEST_ROWS[run % len(TEST_ROWS)]
        name, x, y = tables[(run // 2) % len(tables)] if run % 2 else made(run, n_test)
        order = rng.permutation(len(y))
        n_test = min(n_test, len(y) // 2)
        train, test = order[n_test:][:800], order[:n_test]
        k = int(y.max()) + 1
        given = flipped(y[train], noise, seed=run, k=k)
        yield name, rows(x[train], given, k), y[train], rows(x[test], y[test], k)


def made(run: int, n_test: int) -> tuple[str, Floats, Ints]:
    n = int(np.random.default_rng(run).integers(150, 800)) + n_test
    k = 2 + run % 3
    columns, codes = blobs(n, seed=run, k=k, d=3 + run % 5, apart=0.8 + 0.3 * (run % 4))
    return "made up", np.column_stack(list(columns.values())), codes


def rows(x: Floats, codes: Ints, k: int) -> Dataset:
    columns = {f"x{j}": x[:, j] for j in range(x.shape[1])}
    return dataset(columns, codes, class_names=tuple(f"class {c}" for c in range(k)))


def measured(cleaning: Cleaning, runs: int, *, noise: float, metric: str, smallest: int = 2) -> Counter[str]:
    """Verdicts of the runs whose test has at least `smallest` rows."""
    verdicts: Counter[str] = Counter()
    for run, (_, before, truth, test) in enumerate(splits(runs, noise=noise)):
        if len(test) < smallest:
            continue
        after = cleaning(before, truth, np.random.default_rng([run, 11]))
        model: Any = Neighbours() if (run // 4) % 2 else LeastSquares()
        verdicts[prove(before, after, test, model=model, metric=metric, seed=run).verdict] += 1
    return verdicts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="runs a line")
    runs = parser.parse_args().runs
    lines = [(name, c, noise, m) for name, c in IDLE.items() for noise, m in ((0.0, "accuracy"), (0.2, "accuracy"))]
    lines += [(name, IDLE[name], 0.2, "log_loss") for name in ("20 % dropped at random", "dropped and relabelled")]
    lines += [(name, IDLE[name], 0.2, "f1") for name in ("20 % dropped at random",)]
    lines += [(name, c, 0.2, "accuracy") for name, c in USEFUL.items()]
    print(f"{'cleaning':<28}{'labels':<14}{'metric':<12}{'better':>8}{'no evidence':>13}{'worse':>8}", flush=True)
    for name, cleaning, noise, metric in lines:
        smallest = 200 if name in USEFUL else 2
        counts = measured(cleaning, runs, noise=noise, metric=metric, smallest=smallest)
        shares = [counts[verdict] / counts.total() for verdict in ("better", "no evidence", "worse")]
        labels = f"{100 * noise:.0f} % flipped" if noise else "clean"
        print(f"{name:<28}{labels:<14}{metric:<12}{shares[0]:>8.1%}{shares[1]:>13.1%}{shares[2]:>8.1%}", flush=True)


if __name__ == "__main__":
    main()
