"""Real tables with known classes, made positive-unlabelled by hiding labels at random."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.model_selection import train_test_split
from tests.shared_data import shared

CELLS = 6000
"""Rows kept of a larger table, drawn once, so that a run costs seconds."""


@dataclass(frozen=True)
class PUTable:
    """Numbers (categories as indicators) and the hidden truth."""

    name: str
    features: npt.NDArray[np.float64]
    positive: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Draw:
    """One table, split into train and test, with a share c of the train rows' positives labelled."""

    features: npt.NDArray[np.float64]
    positive: npt.NDArray[np.bool_]
    labelled: npt.NDArray[np.bool_]
    test_features: npt.NDArray[np.float64]
    test_positive: npt.NDArray[np.bool_]

    @property
    def c(self) -> float:
        """The share of the train rows' positives that came out labelled."""
        return float(self.labelled.sum() / self.positive.sum())


def draw(table: PUTable, c: float, seed: int) -> Draw:
    """Seven in ten rows to train on; labels of the positives drawn completely at random."""
    train, test = train_test_split(
        np.arange(len(table.positive)), test_size=0.3, stratify=table.positive, random_state=seed
    )
    random = np.random.default_rng([seed, round(100 * c)])
    positive = table.positive[train]
    labelled = positive & (random.random(len(train)) < c)
    return Draw(table.features[train], positive, labelled, table.features[test], table.positive[test])


def all_tables() -> dict[str, Callable[[], PUTable]]:
    """Name -> loader, in the order of the tables in docs/benchmarks/pu.md."""
    uci: dict[str, Callable[[], PUTable]] = {
        "mushroom": _mushroom,
        "bank": _bank,
        "spambase": _spambase,
        "landsat": _landsat,
        "pageblock": _pageblock,
        "wine": _wine,
    }
    tabular = ["adult", "banana", "banknote", "german", "housevotes", "letter", "phoneme", "pima", "titanic"]
    return uci | {name: _tabular(name) for name in [*tabular, "vehicle", "vowel"]}


def _table(name: str, frame: pd.DataFrame, positive: pd.Series) -> PUTable:
    features = pd.get_dummies(frame, dummy_na=False, dtype=float)
    features = features.loc[:, features.nunique() > 1].fillna(features.median())
    kept = np.arange(len(features))
    if len(kept) > CELLS:
        kept = np.sort(np.random.default_rng(0).choice(len(kept), CELLS, replace=False))
    return PUTable(name, features.to_numpy(np.float64)[kept], positive.to_numpy(bool)[kept])


def _uci(*parts: str) -> Path:
    return shared("pu_uci").joinpath(*parts)


def _mushroom() -> PUTable:
    frame = pd.read_csv(_uci("mushroom", "agaricus-lepiota.data.txt"), header=None)
    return _table("mushroom", frame.drop(columns=0), frame[0] == "p")


def _bank() -> PUTable:
    frame = pd.read_csv(_uci("bank", "bank.csv"), sep=";")
    return _table("bank", frame.drop(columns="y"), frame["y"] == "yes")


def _spambase() -> PUTable:
    frame = pd.read_csv(_uci("spambase", "spambase.data.txt"), header=None)
    return _table("spambase", frame.iloc[:, :-1], frame.iloc[:, -1] == 1)


def _landsat() -> PUTable:
    parts = [pd.read_csv(_uci("landsat", name), header=None, sep=" ") for name in ("sat.trn.txt", "sat.tst.txt")]
    frame = pd.concat(parts, ignore_index=True)
    return _table("landsat", frame.iloc[:, :-1], frame.iloc[:, -1].isin([1, 2, 3]))


def _pageblock() -> PUTable:
    frame = pd.read_csv(_uci("pageblock", "page-blocks.data"), header=None, sep=r"\s+")
    return _table("pageblock", frame.iloc[:, :-1], frame.iloc[:, -1] == 1)


def _wine() -> PUTable:
    red, white = (pd.read_csv(_uci("wine", f"winequality-{colour}.csv"), sep=";") for colour in ("red", "white"))
    frame = pd.concat([red, white], ignore_index=True)
    return _table("wine", frame, pd.Series(np.arange(len(frame)) < len(red)))


def _tabular(name: str) -> Callable[[], PUTable]:
    def load() -> PUTable:
        frame = pd.read_csv(shared("tabular") / f"{name}.csv.gz")
        target = frame.pop("target")
        return _table(name, frame, target == target.value_counts().index[0])

    return load
