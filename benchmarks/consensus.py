"""Consensus of annotators, here and by crowd-kit and cleanlab in the same run.

``python -m benchmarks.consensus [answers | model | careless | speed]``, default all. *Answers*: the sets of answers
with gold labels that lie beside the project, without a model. *Model*: the same for sets with probabilities or
features. *Careless*: annotators injected into made crowds, who answer at random, always the same, or copy. *Speed*: ten
million answers about a million items. The lines of crowd-kit are left out if it is not installed; its Wawa does not run
beside scikit-learn 1.9. Prints tables and writes nothing.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
from cleanlab.multiannotator import get_label_quality_multiannotator

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._peak_memory import peak_bytes, peak_bytes_from_here
from tests.shared_data import shared

import dechaff
from dechaff.core.threads import use_threads
from dechaff.methods.consensus.answer_rows import AnswerRows
from dechaff.methods.consensus.careless_answers import constant_answers, random_answers
from dechaff.methods.consensus.copied_answers import copied_answers
from dechaff.methods.consensus.crowd_consensus import crowd_consensus
from dechaff.methods.consensus.dawid_skene import dawid_skene
from dechaff.methods.consensus.glad import glad
from dechaff.methods.consensus.judged_annotators import judge_annotators
from dechaff.methods.consensus.mace import mace
from dechaff.methods.consensus.majority_vote import majority_vote
from dechaff.methods.consensus.one_coin import one_coin
from dechaff.methods.consensus.wawa import wawa

warnings.filterwarnings("ignore")
try:
    from crowdkit.aggregation.classification import GLAD, MACE, DawidSkene, MajorityVote

    CROWD_KIT = {"majority": MajorityVote, "Dawid–Skene": DawidSkene, "GLAD": GLAD, "MACE": MACE}
except ImportError:
    CROWD_KIT = {}
CROWDS = ("bluebird", "rte", "dog", "web", "face_sentiment", "music")
LEAST = 1e-6
"""Probabilities of rivals are raised to this, so that one sure error does not decide a mean."""
BINS = 10


@dataclass(frozen=True)
class Crowd:
    """Answers with gold labels, -1 where there is none."""

    rows: AnswerRows
    true: np.ndarray

    @property
    def frame(self) -> pd.DataFrame:
        """As crowd-kit reads them."""
        rows = self.rows
        return pd.DataFrame({"task": rows.items, "worker": rows.annotators, "label": rows.labels})


def from_files(name: str) -> Crowd:
    folder = shared("crowd")
    answers, gold = (pl.read_csv(folder / f"{name}_{part}.csv.gz") for part in ("labels", "truth"))
    items, place = np.unique(answers["item"].cast(str), return_inverse=True)
    people = np.unique(answers["worker"].cast(str), return_inverse=True)[1]
    classes = {
        label: code for code, label in enumerate(sorted({*answers["label"].cast(str), *gold["truth"].cast(str)}))
    }
    known = dict(zip(gold["item"].cast(str), gold["truth"].cast(str), strict=True))
    true = np.array([classes[known[item]] if item in known else -1 for item in items.tolist()])
    labels = np.array([classes[label] for label in answers["label"].cast(str)])
    return Crowd(AnswerRows.of(place, people, labels, n_classes=len(classes)), true)


def from_table(answers: np.ndarray, true: np.ndarray) -> Crowd:
    items, people = np.nonzero(answers >= 0)
    labels = answers[items, people]
    return Crowd(AnswerRows.of(items, people, labels, n_classes=int(max(labels.max(), true.max())) + 1), true)


def measures(posterior: np.ndarray, true: np.ndarray) -> tuple[float, float, float]:
    """Accuracy, log-loss and calibration error, in ten bins of equally many items."""
    known = true >= 0
    probs, true = np.clip(posterior[known], LEAST, 1), true[known]
    right, sure = probs.argmax(axis=1) == true, probs.max(axis=1)
    bins = np.array_split(np.argsort(sure, kind="stable"), BINS)
    error = sum(abs(right[some].mean() - sure[some].mean()) * len(some) for some in bins) / len(true)
    return float(right.mean()), float(-np.log(probs[np.arange(len(true)), true]).mean()), float(error)


def by_crowd_kit(kind: Callable[[], object]) -> Callable[[Crowd], np.ndarray]:
    def posterior(crowd: Crowd) -> np.ndarray:
        rows = crowd.rows
        found = kind().fit_predict_proba(crowd.frame)  # type: ignore[attr-defined]
        return found.reindex(index=range(rows.n_items), columns=range(rows.n_classes), fill_value=0).to_numpy()

    return posterior


def by_crowdlab(crowd: Crowd, model: np.ndarray) -> np.ndarray:
    """cleanlab's own labels and qualities; the rest is spread evenly over the other classes."""
    rows = crowd.rows
    wide = np.full((rows.n_items, rows.n_annotators), np.nan)
    wide[rows.items, rows.annotators] = rows.labels
    kept = ~np.isnan(wide).all(axis=0)
    found = get_label_quality_multiannotator(pd.DataFrame(wide[:, kept]), model, verbose=False)["label_quality"]
    label, quality = found["consensus_label"].to_numpy(), found["consensus_quality_score"].to_numpy()
    posterior = np.repeat((1 - quality)[:, None] / (rows.n_classes - 1), rows.n_classes, axis=1)
    posterior[np.arange(len(label)), label] = quality
    return posterior


OURS: dict[str, Callable[[AnswerRows], np.ndarray]] = {
    "majority": majority_vote,
    "Wawa": lambda rows: wawa(rows).posterior,
    "one-coin": lambda rows: one_coin(rows).posterior,
    "Dawid–Skene": lambda rows: dawid_skene(rows).posterior,
    "Dawid–Skene, not smoothed": lambda rows: dawid_skene(rows, pseudo_answers=0).posterior,
    "GLAD": lambda rows: glad(rows).posterior,
    "MACE": lambda rows: mace(rows).posterior,
    "the default": lambda rows: crowd_consensus(rows).posterior,
}


def row(name: str, found: list[tuple[float, float, float]]) -> None:
    each = " | ".join(f"{accuracy:.3f} / {loss:.3f}" for accuracy, loss, _ in found)
    accuracy, loss, error = np.mean(found, axis=0)
    print(f"| {name} | {accuracy:.4f} | {loss:.3f} | {error:.3f} | {each} |", flush=True)


def header(names: list[str]) -> None:
    print(f"| method | accuracy | log-loss | calibration error | {' | '.join(names)} |\n|{'---|' * (4 + len(names))}")


def answers() -> None:
    crowds = {name: from_files(name) for name in CROWDS}
    header(list(crowds))
    for name, method in OURS.items():
        row(f"dechaff, {name}", [measures(method(crowd.rows), crowd.true) for crowd in crowds.values()])
    for name, kind in CROWD_KIT.items():
        row(f"crowd-kit, {name}", [measures(by_crowd_kit(kind)(crowd), crowd.true) for crowd in crowds.values()])


def made_answers(true: np.ndarray, k: int, seed: int, *, each: int = 3) -> Crowd:
    """Answers about each item by 40 annotators, who confuse neighbouring classes more than others."""
    rng = np.random.default_rng(seed)
    accuracy = rng.uniform(0.65, 0.95, 40)
    people = np.concatenate([rng.choice(40, each, replace=False) for _ in true])
    items = np.repeat(np.arange(len(true)), each)
    near = np.where(rng.random(len(items)) < 0.6, 1, rng.integers(1, k, size=len(items)))
    labels = np.where(rng.random(len(items)) < accuracy[people], true[items], (true[items] + near) % k)
    return Crowd(AnswerRows.of(items, people, labels, n_classes=k), true)


def feature_sets() -> Iterator[tuple[str, Crowd, np.ndarray]]:
    """Real answers about scenes, and made ones about digits and flowers."""
    from sklearn.datasets import load_breast_cancer, load_digits, load_wine

    scenes = np.load(shared("labelme") / "data.npz")
    yield "LabelMe", from_table(scenes["answers"].astype(int), scenes["y_train"].astype(int)), scenes["X_train"]
    for name, load in {"digits": load_digits, "wine": load_wine, "cancer": load_breast_cancer}.items():
        features, true = load(return_X_y=True)
        yield f"{name}, made answers", made_answers(true, int(true.max()) + 1, 0), features


def model() -> None:
    noisy = np.load(shared("cifar10n") / "labels.npz")
    probs = np.load(shared("cifar10n") / "pred_probs_cv.npz")
    crowd = from_table(noisy["annotators"].astype(int), noisy["clean"].astype(int))
    print("| set | model | model alone | CROWDLAB (cleanlab) | without the model | the default |\n|" + 6 * "---|")
    for name in ("aggre_resnet18", "worst_resnet18", "aggre_swin"):
        given = probs[name].astype(float)
        compared("CIFAR-10N", name, crowd, given / given.sum(axis=1, keepdims=True))
    for name, some, features in feature_sets():
        wide = np.full((some.rows.n_items, some.rows.n_annotators), -1)
        wide[some.rows.items, some.rows.annotators] = some.rows.labels
        table = pl.DataFrame({f"x{place}": column for place, column in enumerate(features.astype(float).T)})
        found = dechaff.consensus(wide, data=table.with_row_index("item"), classes=range(some.rows.n_classes))
        compared(name, found.model_name, some, found.model_probs)


def compared(name: str, model_name: str, crowd: Crowd, probs: np.ndarray) -> None:
    found = crowd_consensus(crowd.rows, probs)
    columns = [probs, by_crowdlab(crowd, probs), crowd_consensus(crowd.rows).posterior, found.posterior]
    cells = " | ".join("{:.4f} / {:.3f} / {:.3f}".format(*measures(one, crowd.true)) for one in columns)
    print(f"| {name} | {model_name} | {cells} |", flush=True)


def careless(runs: int = 40, answers_each: int = 60) -> None:
    """Each run injects one annotator of each kind into a made crowd of 40."""
    print("| items, annotators, classes | answers each | random | constant | copies | false alarms |\n|" + 6 * "---|")
    for items, k in ((400, 2), (400, 4), (400, 10)):
        found, accused, people = np.zeros(3, dtype=int), 0, 0
        for seed in range(runs):
            rng = np.random.default_rng(seed)
            crowd = made_answers(rng.integers(k, size=items), k, seed, each=5).rows
            source = rng.choice(np.flatnonzero(np.bincount(crowd.annotators) >= 25))
            mine = np.flatnonzero(crowd.annotators == source)[:answers_each]
            some = rng.choice(items, answers_each, replace=False)
            more = [
                (some, rng.integers(k, size=answers_each)),
                (some, np.full(answers_each, rng.integers(k))),
                (crowd.items[mine], crowd.labels[mine]),
            ]
            columns = [(crowd.items, crowd.annotators, crowd.labels)]
            columns += [(about, np.full(len(about), 40 + place), said) for place, (about, said) in enumerate(more)]
            rows = AnswerRows.of(*(np.concatenate(parts) for parts in zip(*columns, strict=True)), n_classes=k)
            consensus = crowd_consensus(rows)
            judged = judge_annotators(rows, consensus)
            random, same, copies = random_answers(judged), constant_answers(judged), copied_answers(rows, consensus)
            found += [random[40], same[41], copies[42] == source or copies[source] == 42]
            others = np.setdiff1d(np.arange(40), [source])
            accused += int((random[others] | same[others] | (copies[others] >= 0)).sum())
            people += len(others)
        shares = " | ".join(f"{count / runs:.0%}" for count in found)
        print(f"| {items}, 40, {k} | {answers_each} | {shares} | {accused / people:.1%} |", flush=True)


def made_millions(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ten answers about each of n items, by a thousand annotators, of ten classes."""
    rng = np.random.default_rng(0)
    items = np.repeat(np.arange(n, dtype=np.int32), 10)
    people = rng.integers(1000, size=10 * n, dtype=np.int32)
    accuracy, true = rng.beta(6, 3, size=1000), rng.integers(10, size=n)
    right = rng.random(10 * n) < accuracy[people]
    return items, people, np.where(right, true[items], rng.integers(10, size=10 * n)).astype(np.int32)


def timed(who: str, n: int) -> tuple[str, float, float, float, int]:
    """CPU seconds, wall seconds, and the memory beyond that of the answers."""
    items, people, labels = made_millions(n)
    frame = pd.DataFrame({"task": items, "worker": people, "label": labels}) if who != "dechaff" else None
    before, cpu, wall = peak_bytes_from_here(), time.process_time(), time.perf_counter()
    if frame is None:
        with use_threads(1):
            rounds = dawid_skene(AnswerRows.of(items, people, labels)).rounds
    else:
        rival = CROWD_KIT["Dawid–Skene"]()
        rounds = len(rival.fit(frame).loss_history_)
    return who, time.process_time() - cpu, time.perf_counter() - wall, (peak_bytes() - before) / 2**30, rounds


def speed(sizes: tuple[int, ...] = (100_000, 1_000_000)) -> None:
    print("| answers | | CPU, s | wall, s | memory beyond the answers, GiB | rounds |\n|---|---|---|---|---|---|")
    for n in sizes:
        for who in ("dechaff", *(["crowd-kit"] if CROWD_KIT else [])):
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                name, cpu, wall, memory, rounds = pool.apply(timed, (who, n))
            print(f"| {10 * n:,} | {name} | {cpu:.1f} | {wall:.1f} | {memory:.2f} | {rounds} |", flush=True)


PARTS = {"answers": answers, "model": model, "careless": careless, "speed": speed}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        print(f"\n{part}\n")
        PARTS[part]()
