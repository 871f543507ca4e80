"""Labels by which a data engine wins back what a model lost, against random labelling of the same pool.

``python -m benchmarks.engine [judged | chosen | SET …] [--seeds 3] [--batch 20] [--turns 6]``. A class, a cluster of
rows, or images that are upside down are left out of the training rows, and met when deployed: they are among the sealed
rows, the served rows with their outcomes, the pool, and the test rows, which the engine never sees. *Loss*: how much
more often a model is right on the test rows that has learnt from the same draw of training rows with these rows in it.
The goal is to win back 80 % of it. Each turn the engine mines, asks for a batch, learns its true labels and proves.
Rivals label rows of the same pool, train the same model with the same seed, and need no proof: random rows, ever more
by a fifth, and those of the smallest margin, batch by batch, up to five times the labels of the engine. *Newest*: the
model of the last turn, whether or not it was kept. *Elsewhere*: accuracy on the test rows that are like the training
rows after the last turn, minus that before the first one, with a 95 % interval over paired rows. Seeds with a loss
below two points are left out.

Outcomes of served rows, which the engine searches, are given and not counted, for no model learns from them. The
rules of the engine were chosen on ``chosen``. Prints one table and writes nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.active_learning import loaded
from tests.shared_data import shared

from dechaff.data.dataset import Dataset
from dechaff.data.open import open_like
from dechaff.engine import Engine, new_engine
from dechaff.errors import RunError
from dechaff.methods.active.uncertain import margin_score
from dechaff.models.model import Fitted

NO_FINDINGS = SimpleNamespace(findings=pl.DataFrame(schema={"code": pl.String, "row": pl.String}))
LABEL = "y"
LINEAR, TREES = "sklearn.linear_model:LogisticRegression", "sklearn.ensemble:ExtraTreesClassifier"
WON_BACK = 0.8
LEAST_LOSS = 0.02
PARTS = ("train", "sealed", "served", "pool", "test")
Sizes = tuple[int, int, int, int, int]
Curve = tuple[list[int], list[np.ndarray]]
"""Labels, and on which test rows a model is right."""


@dataclass(frozen=True)
class Deployed:
    """Rows, which of them training lacks by seed, and how many rows each part has."""

    name: str
    frame: pl.DataFrame
    lacks: Callable[[int], np.ndarray]
    sizes: Sizes
    model: str | None = None
    """None: the engine chooses."""


def of_class(
    name: str, frame: pl.DataFrame, classes: Sequence[Any], sizes: Sizes, model: str | None = None
) -> Deployed:
    """One class after the other."""
    return Deployed(
        f"{name}: a class", frame, lambda seed: (frame[LABEL] == classes[seed % len(classes)]).to_numpy(), sizes, model
    )


def of_cluster(name: str, places: Sequence[int], sizes: Sizes) -> Deployed:
    """One cluster of eight after the other, by their places in the order of size."""
    frame = of_file(name)
    rows = StandardScaler().fit_transform(frame.drop(LABEL).to_numpy().astype(np.float64))
    cluster = KMeans(8, n_init=3, random_state=0).fit_predict(rows)
    order = np.argsort(np.bincount(cluster))
    return Deployed(
        f"{name}: a cluster", frame, lambda seed: cluster == order[places[seed % len(places)]], sizes, TREES
    )


def of_file(name: str) -> pl.DataFrame:
    label = (pl.lit("class ") + pl.col("target").cast(pl.String)).alias(LABEL)
    return pl.read_csv(shared("tabular") / f"{name}.csv.gz").with_columns(label).drop("target")


def of_numbers(rows: np.ndarray, labels: Any) -> pl.DataFrame:
    named = {f"c{at}": np.asarray(values, dtype=np.float64).round(5) for at, values in enumerate(rows.T)}
    return pl.DataFrame({**named, LABEL: [f"class {one}" for one in np.asarray(labels).tolist()]})


def of_texts(frame: pl.DataFrame, label: str) -> pl.DataFrame:
    return frame.select("text", pl.col(label).alias(LABEL)).unique("text", keep="first", maintain_order=True)


def trec() -> Deployed:
    frame = of_texts(pl.read_csv(shared("text_trec6") / "train.csv"), "label")
    return of_class("trec6, texts", frame, ["LOC", "NUM", "HUM", "DESC"], (1000, 600, 800, 1800, 1000))


def clinc() -> Deployed:
    """Fifteen intents of 150."""
    frame = pl.read_csv(shared("text_clinc150") / "data.csv.gz").filter(pl.col("is_oos") == 0)
    names = frame["intent"].unique().sort().to_list()[::10]
    frame = of_texts(frame.filter(pl.col("intent").is_in(names)), "intent")
    return of_class("clinc150, texts", frame, names[:5], (500, 350, 400, 700, 290))


def cifar() -> Deployed:
    found = np.load(shared("cifar10n") / "embeddings_effnet_lite0.npz")
    labels = np.load(shared("cifar10n") / "labels.npz")["clean"][found["index"][:8_000]]
    rows = PCA(64, random_state=0).fit_transform(found["emb"][:8_000].astype(np.float64))
    names = [f"class {one}" for one in (3, 0, 7, 8, 5)]
    return of_class("cifar10, embeddings", of_numbers(rows, labels), names, (1200, 800, 1000, 3000, 2000), LINEAR)


def mnist() -> Deployed:
    """One image in eight is upside down, as from a camera that was mounted anew."""
    found = np.load(shared("mnist") / "mnist_train20k.npz")
    images, labels = found["images"][:8_700] / 255.0, found["labels"][:8_700]
    turned = np.random.default_rng(0).random(len(images)) < 1 / 8
    images = np.where(turned[:, None, None], images[:, ::-1, ::-1], images)
    rows = PCA(40, random_state=0).fit_transform(images.reshape(len(images), -1))
    sizes = (1500, 1000, 1200, 3000, 2000)
    return Deployed("mnist: upside down", of_numbers(rows, labels), lambda _: turned, sizes, TREES)


def digits() -> Deployed:
    found = load_digits()
    names = [f"class {one}" for one in (8, 3, 9, 1)]
    return of_class("digits", of_numbers(found.data, found.target), names, (400, 250, 300, 500, 300))


JUDGED: dict[str, Callable[[], Deployed]] = {
    "letter": lambda: of_cluster("letter", (3, 4, 5, 2), (2500, 1500, 2000, 6000, 3000)),
    "trec": trec,
    "cifar": cifar,
    "mnist": mnist,
}
CHOSEN: dict[str, Callable[[], Deployed]] = {
    "digits": digits,
    "clinc": clinc,
    "satimage": lambda: of_cluster("satimage", (5, 4, 3, 6), (1000, 700, 900, 2200, 1400)),
    "banana": lambda: of_cluster("banana", (5, 4, 3, 6), (900, 700, 900, 1800, 1000)),
}


@dataclass(frozen=True)
class Run:
    """One seed of one set: the folder with its files, and its engine at turn 0."""

    place: Path
    engine: Engine
    parts: dict[str, pl.DataFrame]
    complete: pl.DataFrame
    outside: np.ndarray
    """(n,) the test rows outside the class or slice."""

    @classmethod
    def begin(cls, data: Deployed, seed: int, place: Path) -> Run:
        """The files of all parts; training without the class or slice."""
        order, parts, start = np.random.default_rng(seed).permutation(len(data.frame)), {}, 0
        lacks = data.lacks(seed)
        for name, size in zip(PARTS, data.sizes, strict=True):
            rows = np.sort(order[start : start + size])
            parts[name], start = data.frame[rows], start + size
            if name == "train":
                complete, parts[name] = parts[name], data.frame[rows[~lacks[rows]]]
            elif name == "test":
                outside = ~lacks[rows]
            parts[name].write_csv(place / f"{name}.csv")
        parts["pool"].drop(LABEL).write_csv(place / "unlabelled.csv")
        engine = new_engine(
            place / "engine", place / "train.csv", label=LABEL, test=place / "sealed.csv", seed=seed, model=data.model
        )
        return cls(place, engine, parts, complete, outside)

    def fitted(self, rows: pl.DataFrame) -> tuple[Fitted, Dataset]:
        """The engine's model of other rows, and these rows."""
        kept, path = self.engine.files, self.place / "rows.csv"
        rows.write_csv(path)
        read = open_like(path, kept.schema(sorted(self.complete[LABEL].unique().to_list())))
        return kept.fitted_on(read, kept.entry_of(0).model_name), read

    def hits(self, rows: pl.DataFrame) -> np.ndarray:
        """(n,) test rows on which a model of these rows is right."""
        fitted, read = self.fitted(rows)
        return self._right(fitted, read)

    def _right(self, fitted: Fitted, read: Dataset) -> np.ndarray:
        test = open_like(self.place / "test.csv", read.schema)
        names = np.array(test.class_names)[fitted.probs(test.table, test.features).argmax(axis=1)]
        return np.asarray(names == self.parts["test"][LABEL].to_numpy())

    def by_engine(self, batch: int, turns: int, goal: float) -> tuple[Curve, Curve, int]:
        """Labels and hits of the model that holds after each turn, until the goal is reached.

        The same of the newest model, whether or not it is kept; and how many turns were kept.
        """
        truth, n_kept = self.parts["pool"], 0
        on = [name for name in truth.columns if name != LABEL]
        labels, found = [0], [self.hits_of_engine()]
        newest = found[:]
        while len(labels) <= turns and found[-1].mean() < goal:
            self.engine.mine(self.place / "served.csv")
            try:
                asked = self.engine.ask(self.place / "unlabelled.csv", n=batch)
            except RunError as reason:
                print(reason, file=sys.stderr)
                break
            filled = pl.read_csv(asked.output).select(on).join(truth.unique(on), on=on, how="left")
            filled.write_csv(self.place / "labelled.csv")
            entry = self.engine.learn(self.place / "labelled.csv")
            n_kept += entry.kept
            labels.append(labels[-1] + len(filled))
            found.append(self.hits_of_engine())
            newest.append(self.hits(pl.read_csv(self.engine.files.turn(entry.turn) / "train.csv")))
        return (labels, found), (labels, newest), n_kept

    def hits_of_engine(self) -> np.ndarray:
        """(n,) test rows on which the model of the turn that holds is right."""
        said = self.engine.predict(self.place / "test.csv")["prediction"].to_numpy()
        return np.asarray(said == self.parts["test"][LABEL].to_numpy())

    def at_random(self, batch: int, seed: int, goal: float) -> Curve:
        """Labels and hits of random rows, until the goal is reached."""
        pool = self.parts["pool"]
        order, sizes = np.random.default_rng(seed).permutation(len(pool)), [0, batch]
        while sizes[-1] < len(pool):
            sizes.append(min(len(pool), int(np.ceil(sizes[-1] * 1.2 / batch)) * batch))
        found: list[np.ndarray] = []
        for size in sizes:
            found.append(self.hits(pl.concat([self.parts["train"], pool[order[:size]]])))
            if found[-1].mean() >= goal:
                break
        return sizes[: len(found)], found

    def by_margin(self, batch: int, most: int, goal: float) -> Curve:
        """Labels and hits of the most uncertain rows, until the goal is reached."""
        pool, have, found, labels = self.parts["pool"], np.zeros(0, dtype=np.int64), [], []
        while True:
            fitted, read = self.fitted(pl.concat([self.parts["train"], pool[have]]))
            found.append(self._right(fitted, read))
            labels.append(len(have))
            if found[-1].mean() >= goal or len(have) >= most:
                return labels, found
            rows = open_like(self.place / "unlabelled.csv", read.schema, need_label=False)
            score = margin_score(fitted.probs(rows.table, rows.features))
            score[have] = -1.0
            have = np.append(have, np.argsort(-score, kind="stable")[:batch])


@contextmanager
def without_audits() -> Iterator[None]:
    """No audit and no report of a turn is made: nothing that is measured depends on them."""
    with ExitStack() as patches:
        patches.enter_context(patch("dechaff.api.engine.turn.audit", lambda *_, **__: NO_FINDINGS))
        for module in ("turn", "engine"):
            patches.enter_context(patch(f"dechaff.api.engine.{module}.report_turns", lambda _: None))
        yield


def reached(curve: Curve, goal: float) -> float:
    """Labels at which accuracy first reaches the goal, by a straight line between two looks; inf if it never does."""
    labels, means = curve[0], [one.mean() for one in curve[1]]
    at = next((place for place, one in enumerate(means) if one >= goal), None)
    if at is None or at == 0:
        return np.inf if at is None else 0.0
    return float(labels[at - 1] + (labels[at] - labels[at - 1]) * (goal - means[at - 1]) / (means[at] - means[at - 1]))


@dataclass(frozen=True)
class Outcome:
    """What one seed gave: labels by arm, the loss, and the change of each test row elsewhere."""

    loss: float
    labels: dict[str, float]
    turns: int
    kept: int
    elsewhere: np.ndarray


def outcome(data: Deployed, seed: int, batch: int, turns: int) -> Outcome:
    with tempfile.TemporaryDirectory() as folder, without_audits():
        run = Run.begin(data, seed, Path(folder))
        lost, whole = run.hits(run.parts["train"]), run.hits(run.complete)
        loss = whole.mean() - lost.mean()
        if loss < LEAST_LOSS:
            return Outcome(loss, {}, 0, 0, np.zeros(0))
        goal = lost.mean() + WON_BACK * loss
        curve, newest, kept = run.by_engine(batch, turns, goal)
        change = (curve[1][-1].astype(np.float64) - curve[1][0])[run.outside]
        arms = {
            "engine": curve,
            "newest": newest,
            "random": run.at_random(batch, seed, goal),
            "margin": run.by_margin(batch, 5 * curve[0][-1], goal),
        }
        labels = {name: reached(one, goal) for name, one in arms.items()}
        return Outcome(loss, labels, len(curve[0]) - 1, kept, change)


def line(data: Deployed, found: Sequence[Outcome]) -> str:
    used = [one for one in found if one.labels]
    if not used:
        return f"| {data.name} | {100 * np.mean([one.loss for one in found]):.1f} | | | | | | | |"
    each = {name: [one.labels[name] for one in used] for name in used[0].labels}
    shown = [" ".join("never" if np.isinf(one) else f"{one:.0f}" for one in each[name]) for name in each]
    ratio = sum(each["engine"]) / sum(each["random"]) if np.isfinite(each["random"]).all() else np.nan
    change = np.concatenate([one.elsewhere for one in used])
    half = 1.96 * change.std(ddof=1) / np.sqrt(len(change))
    turns = " ".join(f"{one.turns} ({one.kept})" for one in used)
    loss = 100 * np.mean([one.loss for one in used])
    ends = f"{100 * change.mean():+.2f} ± {100 * half:.2f}"
    return f"| {data.name} | {loss:.1f} | {turns} | {' | '.join(shown)} | {ratio:.2f} | {ends} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=["judged"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--turns", type=int, default=6)
    asked = parser.parse_args()
    every = {**JUDGED, **CHOSEN}
    groups = {"judged": list(JUDGED), "chosen": list(CHOSEN)}
    names = [name for one in asked.sets for name in groups.get(one, [one])]
    arms = "engine | newest | random | margin"
    print(f"| set | loss, points | turns (kept) | {arms} | engine / random | elsewhere, points |")
    print("|---|---|---|---|---|---|---|---|---|")
    for data in loaded([every[name] for name in names]):
        found = [outcome(data, seed, asked.batch, asked.turns) for seed in range(asked.seeds)]
        print(line(data, found), flush=True)


if __name__ == "__main__":
    main()
