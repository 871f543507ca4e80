"""Outliers, found here and by scikit-learn and cleanlab in the same run.

``python -m benchmarks.outliers [ranking | rate | removal | speed]``, default all. *Ranking*: the labelled sets of
ADBench that lie beside the project. *Rate*: outliers injected in made data and in clean tables, and how many flagged
rows are none. *Removal*: what an audit of clean tables flags. *Speed*: a table of 100,000 rows and 20 columns. Prints
tables and writes nothing.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors
from sklearn.preprocessing import StandardScaler, normalize

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.shared_data import shared

import dechaff
from dechaff.methods.outliers.embedding_distance import shrunk_covariance

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from cleanlab.outlier import OutOfDistribution

RATES = (0.05, 0.1, 0.2)
Score = Callable[[np.ndarray], np.ndarray]


def nearest(k: int, metric: str = "euclidean") -> Score:
    """Mean distance to the k nearest rows."""

    def score(rows: np.ndarray) -> np.ndarray:
        found = NearestNeighbors(n_neighbors=min(k, len(rows) - 1), metric=metric).fit(rows).kneighbors()[0]
        return found.mean(axis=1)

    return score


def forest(rows: np.ndarray) -> np.ndarray:
    return -IsolationForest(random_state=0).fit(rows).score_samples(rows)


def local(rows: np.ndarray) -> np.ndarray:
    return -LocalOutlierFactor(n_neighbors=20).fit(rows).negative_outlier_factor_


def cleanlab(rows: np.ndarray) -> np.ndarray:
    return 1 - OutOfDistribution().fit_score(features=rows, verbose=False)


def mahalanobis(rows: np.ndarray) -> np.ndarray:
    centred = rows - rows.mean(axis=0)
    inverse = np.linalg.pinv(shrunk_covariance(rows), hermitian=True)
    return np.einsum("ij,jk,ik->i", centred, inverse, centred)


def scaled(score: Score) -> Score:
    return lambda rows: score(StandardScaler().fit_transform(rows))


def ours(rows: np.ndarray) -> np.ndarray:
    return np.asarray(dechaff.find_outliers(rows).score)


SCORES: dict[str, Score] = {
    "k-NN, k = 10": scaled(nearest(10)),
    "k-NN, k = 100": scaled(nearest(100)),
    "isolation forest": forest,
    "local outlier factor": scaled(local),
    "cleanlab, as given": cleanlab,
    "cosine k-NN, k = 10": lambda rows: nearest(10, "cosine")(normalize(rows)),
    "Mahalanobis, shrunk": mahalanobis,
    "dechaff": ours,
}


def ranking() -> None:
    """AUROC and average precision, means over tables and over embeddings."""
    found: dict[tuple[bool, str], list[tuple[float, float]]] = {}
    for path in sorted(shared("outliers").glob("*.npz")):
        rows = np.load(path)
        embedding = "_by_" in path.name
        for name, score in SCORES.items():
            order = score(rows["X"].astype(np.float64))
            quality = roc_auc_score(rows["y"], order), average_precision_score(rows["y"], order)
            found.setdefault((embedding, name), []).append(quality)
    print("| score | AUROC / AP, 11 tables | better here on | AUROC / AP, 2 embeddings |\n|---|---|---|---|")
    for name in SCORES:
        tables, mine = (np.array(found[False, one]) for one in (name, "dechaff"))
        wins = (
            "–" if name == "dechaff" else f"{(mine[:, 0] > tables[:, 0]).sum()} / {(mine[:, 1] > tables[:, 1]).sum()}"
        )
        means = [" / ".join(f"{one:.3f}" for one in np.mean(found[kind, name], axis=0)) for kind in (False, True)]
        print(f"| {name} | {means[0]} | {wins} | {means[1]} |")


def made(kind: str, rng: np.random.Generator, n: int, d: int = 8) -> np.ndarray:
    """Rows without outliers."""
    return {
        "normal": lambda: rng.normal(size=(n, d)),
        "correlated": lambda: rng.normal(size=(n, d)) @ rng.normal(size=(d, d)),
        "t, 5 degrees": lambda: rng.standard_t(5, size=(n, d)),
        "log-normal": lambda: np.exp(0.7 * rng.normal(size=(n, d))),
        "uniform": lambda: rng.random((n, d)),
    }[kind]()


def clean_tables(rng: np.random.Generator, most: int = 2_000) -> Iterator[tuple[str, np.ndarray]]:
    """The numbers of the tables of the literature."""
    for path in sorted(shared("tabular").glob("*.csv.gz")):
        frame = pl.read_csv(path, infer_schema_length=None)
        numbers = frame.select(pl.col(name) for name in frame.columns[:-1] if frame[name].dtype.is_numeric())
        if numbers.width >= 2:
            rows = numbers.fill_null(strategy="mean").to_numpy().astype(np.float64)
            yield path.name.removesuffix(".csv.gz"), rows[rng.permutation(len(rows))[:most]]


def with_outliers(rows: np.ndarray, rng: np.random.Generator, fraction: float) -> tuple[np.ndarray, np.ndarray]:
    """One cell of some rows three or ten times as large as the largest of its column."""
    changed, odd = rows.copy(), rng.permutation(len(rows))[: round(fraction * len(rows))]
    columns = rng.integers(0, rows.shape[1], len(odd))
    spread = np.abs(rows).max(axis=0) + rows.std(axis=0)
    changed[odd, columns] = spread[columns] * rng.choice([3, 10], len(odd))
    return changed, np.isin(np.arange(len(rows)), odd)


def rate() -> None:
    """The fraction of flagged rows that are none, power, and that of Bonferroni's correction."""
    kinds = ("normal", "correlated", "t, 5 degrees", "log-normal", "uniform")
    print("| data | nominal rate | false discoveries | power | power, Bonferroni |\n|---|---|---|---|---|")
    for title, reference in (("made, reference rows known", True), ("made", False), ("clean tables", False)):
        rng, results = np.random.default_rng(0), dict[float, list[tuple[float, float, float]]]()
        for _ in range(4 if title.startswith("made") else 1):
            sets = ((kind, made(kind, rng, 4_000)) for kind in kinds) if "made" in title else clean_tables(rng)
            for _, rows in sets:
                half = len(rows) // 2 if reference else 0
                known, (changed, odd) = rows[:half], with_outliers(rows[half:][:2_000], rng, 0.02)
                found = dechaff.find_outliers(changed, reference=known if reference else None)
                p_values = np.asarray(found.p_value)
                for nominal in RATES:
                    flag = dechaff.api.outliers.flagged(p_values, rate=nominal)
                    strict = p_values <= nominal / len(p_values)
                    false = (flag & ~odd).sum() / max(flag.sum(), 1)
                    results.setdefault(nominal, []).append((false, flag[odd].mean(), strict[odd].mean()))
        for nominal, values in results.items():
            print(f"| {title} | {nominal} | " + " | ".join(f"{one:.3f}" for one in np.mean(values, axis=0)) + " |")


def removal() -> None:
    """Rows of clean tables that an audit flags; none is proposed to be dropped."""
    print("| table | rows | outliers | proposed to be dropped |\n|---|---|---|---|")
    for path in sorted(shared("tabular").glob("*.csv.gz")):
        audit = dechaff.audit(path, label="target", policy="bold")
        decided = [event for event in audit.run.decided().values() if event.code == "O001"]
        flagged = audit.findings.filter(pl.col("code") == "O001").height
        print(
            f"| {path.name} | {audit.metrics.dataset.rows:,} | {flagged} | {sum(e.action == 'drop' for e in decided)} |"
        )


def speed() -> None:
    """CPU seconds of one table, each alone, after a warm-up on a small one."""
    rows = np.random.default_rng(0).normal(size=(100_000, 20))
    rivals: dict[str, Score] = {"isolation forest": forest, "k-NN, k = 10": nearest(10), "dechaff": ours}
    print("| 100,000 × 20 | CPU s |\n|---|---|")
    for name, score in rivals.items():
        score(rows[:1_000])
        start = time.process_time()
        score(rows)
        print(f"| {name} | {time.process_time() - start:.2f} |", flush=True)


PARTS = {"ranking": ranking, "rate": rate, "removal": removal, "speed": speed}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
        print()
