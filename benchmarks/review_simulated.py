"""Reviewers who know the truth, at the page over HTTP: precision, learning, and errors found.

Each run audits a random part of one data set: human labels of CIFAR-10 (probabilities of two networks), magazine
reviews of which 40 % are flipped, and questions with class-conditional and with uniform noise. A reviewer corrects what
is wrong and keeps what is right, the highest score first or in random order, and learns every 100 reviews: with the
token and the cookie of a browser, one form for each decision.

    python -m benchmarks.review_simulated [--runs 10] [--only NAME]

"covered" is the fraction of all looks (after 50, 100, 200 and 500 reviews) at which the interval of `precision` holds
the true precision of the findings; average precision is of the rows that were not reviewed, before and after `learn`;
errors are those among the first 300 reviews, by the queue, by the queue with learning, and by self-confidence; the
leads are those of the queue with learning over self-confidence.
"""

from __future__ import annotations

import argparse
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from benchmarks.review_page import Client
from sklearn.metrics import average_precision_score
from tests.shared_data import shared

import dechaff
from dechaff.records.review import QueueItem
from dechaff.surfaces.review.server import ReviewServer

LABELS = ("L001", "L002")
LOOKS = (50, 100, 200, 500)
STEP = 100


@dataclass
class Figures:
    """What was seen in all runs of one data set."""

    covered: list[bool] = field(default_factory=list)
    before: list[float] = field(default_factory=list)
    after: list[float] = field(default_factory=list)
    queue: list[float] = field(default_factory=list)
    learning: list[float] = field(default_factory=list)
    confidence: list[float] = field(default_factory=list)


@dataclass
class Made:
    """An audit, and what is true."""

    audit: dechaff.Audit
    true: dict[str, str]

    @cached_property
    def server(self) -> ReviewServer:
        """The page."""
        return dechaff.review(self.audit, reviewer="simulated")

    @cached_property
    def client(self) -> Client:
        """The browser of the reviewer."""
        return Client(self.server.url)


def cifar(net: str, seed: int) -> Made:
    labels = np.load(shared("cifar10n") / "labels.npz")
    probs = np.load(shared("cifar10n") / "pred_probs_cv.npz")[net]
    rows = np.random.default_rng(seed).choice(len(probs), 8_000, replace=False)
    names = [str(name) for name in labels["classes"]]
    given = labels["worse" if net.startswith("worst") else "aggre"][rows]
    folder = Path(tempfile.mkdtemp())
    wide = probs[rows].astype(np.float64)
    wide /= wide.sum(axis=1, keepdims=True)
    content = {"labels": given, "pred_probs": wide, "class_names": np.array(names)}
    np.savez(folder / "rows.npz", **content, ids=rows.astype(str))
    audit = dechaff.audit(folder / "rows.npz", policy="review", threads=1)
    return Made(audit, dict(zip(rows.astype(str).tolist(), (names[k] for k in labels["clean"][rows]), strict=True)))


def magazines(seed: int) -> Made:
    table = pl.read_csv(shared("reviews_lab") / "reviews_train.csv")
    table = table.sample(2_500, seed=seed).with_row_index("id")
    flipped = pl.col("review").str.contains("<", literal=True)
    other = pl.when(pl.col("label") == "good").then(pl.lit("bad")).otherwise(pl.lit("good"))
    true = table.select(pl.when(flipped).then(other).otherwise(pl.col("label")).alias("true"))["true"].to_list()
    return _audited(table, true)


def questions(noise: str, seed: int) -> Made:
    random = np.random.default_rng(seed)
    table = pl.read_csv(shared("text_trec6") / "train.csv").select("text", "label").sample(2_500, seed=seed)
    true = table["label"].cast(pl.String).to_list()
    names = sorted(set(true))
    code = np.array([names.index(name) for name in true])
    shift = np.ones(len(code), dtype=int) if noise == "by class" else random.integers(1, len(names), len(code))
    chance = np.array([0.05, 0.35, 0.1, 0.25, 0.0, 0.3])[code % 6] if noise == "by class" else 0.15
    given = np.where(random.random(len(code)) < chance, (code + shift) % len(names), code)
    named = pl.Series("label", [names[k] for k in given])
    return _audited(table.with_columns(named).with_row_index("id"), true)


def _audited(table: pl.DataFrame, true: list[str]) -> Made:
    folder = Path(tempfile.mkdtemp())
    table = table.with_columns(("q" + pl.col("id").cast(pl.String)).alias("id"))
    table.write_csv(folder / "rows.csv")
    audit = dechaff.audit(folder / "rows.csv", label="label", id="id", policy="review", threads=1)
    return Made(audit, dict(zip(table["id"].to_list(), true, strict=True)))


def about_rows(items: Iterable[QueueItem]) -> list[QueueItem]:
    """The findings without those about a slice as a whole."""
    return [item for item in items if item.row]


def say(made: Made, items: list[QueueItem]) -> int:
    """Decisions of one who knows the truth; how many were errors."""
    wrong = 0
    for item in items:
        true = made.true[item.row]
        wrong += true != item.given
        if not made.client.decide(item.finding_id, "keep" if true == item.given else f"relabel:{true}"):
            raise RuntimeError(f"The decision about {item.finding_id} was refused.")
    return wrong


def learn(made: Made) -> None:
    """The form of the page, and the end of the job; nothing is learnt from reviews of noisy slices alone."""
    made.client.page(f"{made.client.post('/learn')}/events")
    job = made.server.site.job
    if job is None or (job.state != "done" and "outside noisy slices" not in job.error):
        raise RuntimeError(f"Learning failed: {job and job.error}")


def take_back(made: Made) -> None:
    while made.client.post("/undo", back="/") != "/":  # where nothing is left to undo
        pass


def left_out_precision(made: Made, reviewed: set[str]) -> float:
    """Average precision of the scores of rows without a review."""
    scores = made.audit.run.scores
    score = scores.select(pl.max_horizontal(name for name in LABELS if name in scores.columns).alias("score"))
    scores = pl.concat([scores.select("row", "given"), score], how="horizontal")
    some = scores.filter(~pl.col("row").is_in(list(reviewed)) & (pl.col("given") != ""))
    wrong = [made.true[row] != given for row, given in zip(some["row"].to_list(), some["given"].to_list(), strict=True)]
    return float(average_precision_score(wrong, some["score"].to_numpy()))


def look(made: Made, figures: Figures, sort: str) -> None:
    """Reviews in one order; the interval is looked at after each number of them."""
    first, after = list[QueueItem](), ""
    while page := made.audit.queue(codes=LABELS, sort=sort, size=1000, after=after):
        first, after = [*first, *about_rows(page.items)], page.after
        if not after:
            break
    precision = np.mean([made.true[item.row] != item.given for item in first])
    done = 0
    for number in LOOKS:
        say(made, first[done:number])
        done = number
        seen = made.audit.precision()
        figures.covered.append(bool(seen.low - 1e-9 <= precision <= seen.high + 1e-9))


def one_run(made: Made, figures: Figures) -> None:
    for sort in ("random", "score"):
        look(made, figures, sort)
        take_back(made)
    most = 300
    probs = np.load(made.audit.folder / "probs.npz")
    doubt = 1 - probs["pred_probs"][np.arange(len(probs["labels"])), np.maximum(probs["labels"], 0)]
    doubt[probs["labels"] < 0] = -1
    scores = made.audit.run.scores.select("row", "given")
    rows, given = scores["row"].to_list(), scores["given"].to_list()
    worst = np.argsort(-doubt, kind="stable")[:most]
    figures.confidence.append(100 * np.mean([made.true[rows[at]] != given[at] for at in worst]))
    items = about_rows(made.audit.queue(codes=LABELS, size=most + 9).items)[:most]
    figures.queue.append(100 * np.mean([made.true[item.row] != item.given for item in items]))
    reviewed: set[str] = set()
    found = asked = 0
    for _ in range(most // STEP):
        items = about_rows(made.audit.queue(codes=LABELS, status="open", size=STEP + 9).items)[:STEP]
        found, asked = found + say(made, items), asked + len(items)
        reviewed |= {item.row for item in items}
        figures.before.append(left_out_precision(made, reviewed))
        learn(made)
        figures.after.append(left_out_precision(made, reviewed))
    figures.learning.append(100 * found / max(asked, 1))
    made.server.close()


def runs(name: str, number: int) -> Iterator[Made]:
    for seed in range(number):
        if name.startswith("CIFAR"):
            yield cifar(name.split()[-1], seed)
        elif name.startswith("magazine"):
            yield magazines(seed)
        else:
            yield questions(name.removeprefix("questions, "), seed)


NAMES = (
    "CIFAR-10 aggre_resnet18",
    "CIFAR-10 worst_swin",
    "magazine reviews",
    "questions, by class",
    "questions, uniform",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    print("| data | covered | average precision, before | after | lowest change | errors in 100, queue "
          "| with learning | self-confidence | mean lead | lowest lead |")  # fmt: skip
    print("| --- |" + " ---: |" * 9)
    for name in NAMES:
        if given.only in name:
            figures = Figures()
            for made in runs(name, given.runs):
                one_run(made, figures)
            change = np.array(figures.after) - np.array(figures.before)
            lead = np.array(figures.learning) - np.array(figures.confidence)
            cells = (
                f"{np.mean(figures.covered):.1%} of {len(figures.covered)}", f"{np.mean(figures.before):.3f}",
                f"{np.mean(figures.after):.3f}", f"{change.min():+.3f}", f"{np.mean(figures.queue):.1f}",
                f"{np.mean(figures.learning):.1f}", f"{np.mean(figures.confidence):.1f}", f"{lead.mean():+.1f}",
                f"{lead.min():+.1f}",
            )  # fmt: skip
            print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
