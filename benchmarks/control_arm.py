"""How often the interval of the control arm covers, and what the rule that says when to stop wastes and gives up.

``python -m benchmarks.control_arm [seeds] [judged | chosen]``, default 10 seeds and all sets of
``benchmarks.active_learning``. Batches of 20 rows by ``auto``, two of them at random, up to 600 labels. The accuracy of
the model that has learnt from the chosen ones is estimated on the random ones at 120, 240, 360, 480 and 600 labels, and
compared with that of a model of all labels on up to 2,000 other rows.

The plateau is where the next 100 labels gain less than half a point, on the mean curve over seeds, which is smoothed
over three batches. *Wasted* is the fraction of the labels at the stop that lie beyond it; *next 100* is the accuracy
that the 100 labels after the stop would have gained. The fraction of ``next_gain`` was chosen on digits, trec6, phoneme
and vowel. Prints one table and writes nothing.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import KFold

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.active_learning import CHOSEN_ON, JUDGED_ON, POOL, TEST, Labelled, loaded

from dechaff.core.intervals import wilson_interval
from dechaff.core.row_hash import row_hash
from dechaff.methods.active.auto import auto
from dechaff.methods.active.control_arm import control_order, reserved
from dechaff.methods.active.next_gain import PAYS, next_gain
from dechaff.methods.active.view import PoolView

BATCH, RANDOM, BUDGET, STEP, REFERENCE = 20, 2, 600, 100, 1_000
BACK = 3
"""Batches between the models that are compared: at least 50 labels."""
CHECKED = (120, 240, 360, 480, 600)


@dataclass(frozen=True)
class Labelling:
    """One run: accuracy after each batch, whether the intervals covered, and labels at the stop."""

    labels: np.ndarray
    accuracy: np.ndarray
    covered: list[bool]
    widths: list[float]
    stop: int


def probs_of(data: Labelled, model: Any, rows: np.ndarray, k: int) -> np.ndarray:
    """(n, k) probabilities; 0 for classes that the model has not seen."""
    probs = np.zeros((len(rows), k))
    probs[:, model.classes_] = model.predict_proba(data.rows[rows])
    return probs


def out_of_fold(data: Labelled, have: np.ndarray, k: int, seed: int) -> np.ndarray:
    """(len(have), k) probabilities of labelled rows by models that have not learnt from them."""
    probs = np.zeros((len(have), k))
    for _, rest in KFold(5, shuffle=True, random_state=seed).split(have):
        learn = np.delete(have, rest)
        model = data.model(seed).fit(data.rows[learn], data.codes[learn])
        probs[rest] = probs_of(data, model, have[rest], k)
    return probs


def labelling(data: Labelled, seed: int) -> Labelling:
    """Label batch after batch; the decision to stop is noted, and labelling goes on."""
    rng, k = np.random.default_rng(seed), int(data.codes.max()) + 1
    rows = np.random.default_rng(1_000 + seed).permutation(len(data.codes))
    n_test = min(TEST, len(rows) // 3)
    test, pool = rows[:n_test], rows[n_test:][:POOL]
    order = np.full(len(data.codes), np.iinfo(np.uint64).max, dtype=np.uint64)
    order[pool] = control_order(row_hash(pool[:, None]), seed=seed)
    reference = pool[np.argsort(order[pool])[:REFERENCE]]
    control = asked = np.zeros(0, dtype=np.int64)
    model = None
    said: list[np.ndarray] = []
    reached, covered, widths, stop = [], [], [], 0
    while len(control) + len(asked) < min(BUDGET, len(pool) - BATCH):
        free = pool[~np.isin(pool, np.concatenate([control, asked]))]
        arm = free[np.argsort(order[free])[:RANDOM]]
        rest = free[~np.isin(free, arm) & ~reserved(order[free], RANDOM / BATCH)]
        view = PoolView(data.rows[rest], data.rows[asked], None if model is None else probs_of(data, model, rest, k))
        asked = np.concatenate([asked, rest[auto(view, BATCH - RANDOM, rng)]])
        control = np.concatenate([control, arm])
        have = np.concatenate([control, asked])
        final = data.model(seed).fit(data.rows[have], data.codes[have])
        reached.append(float((final.predict(data.rows[test]) == data.codes[test]).mean()))
        model = data.model(seed).fit(data.rows[asked], data.codes[asked])
        probs = probs_of(data, model, reference, k)
        if not stop:
            held_out = out_of_fold(data, asked, k, seed)
            place = {row: at for at, row in enumerate(asked.tolist())}
            known = np.array([place.get(row, -1) for row in reference.tolist()])
            probs[known >= 0] = held_out[known[known >= 0]]
        if len(have) in CHECKED:
            hits = model.predict(data.rows[control]) == data.codes[control]
            low, high = wilson_interval(hits.mean(), len(hits))
            covered.append(bool(low - 1e-9 <= reached[-1] <= high + 1e-9))
            widths.append(float(high - low))
        said.append(probs.argmax(axis=1))
        if len(said) > 2 * BACK + 1 and not stop:
            gains = [next_gain(said[at], said[at - BACK], said[at - 2 * BACK]) for at in (-1, -2)]
            stop = len(have) if max(gains) * STEP / (BACK * BATCH) < PAYS else 0
    return Labelling(BATCH * (1 + np.arange(len(reached))), np.array(reached), covered, widths, stop or len(have))


def report(data: Labelled, runs: list[Labelling]) -> tuple[list[bool], float, float]:
    """One line of the table; what is averaged."""
    labels, step = runs[0].labels, STEP // BATCH
    mean = np.mean([one.accuracy for one in runs], axis=0)
    smooth = np.array([mean[max(0, at - 1) : at + 2].mean() for at in range(len(mean))])
    gains = np.append(smooth[step:] - smooth[:-step], np.zeros(step))
    plateau = labels[min(int(np.argmax(gains < PAYS)), len(labels) - 1)]
    if not (gains[:-step] < PAYS).any():
        plateau = labels[-1]
    stops = np.array([one.stop for one in runs])
    at = stops // BATCH - 1
    wasted = float((np.maximum(0, stops - plateau) / stops).mean())
    lost = float(gains[at].mean())
    covered = [one for run in runs for one in run.covered]
    widths = np.mean([run.widths for run in runs], axis=0)
    print(
        f"| {data.name} | {np.mean(covered):.3f} | {widths[0]:.2f}, {widths[-1]:.2f} | {plateau} | {stops.mean():.0f} "
        f"| {wasted:.2f} | {100 * lost:+.2f} | {100 * (smooth.max() - smooth[at].mean()):+.2f} |",
        flush=True,
    )
    return covered, wasted, lost


def table(title: str, sets: list[Any], seeds: int) -> None:
    """One table, with the means."""
    print(f"\n{title}\n")
    print(
        "| set | covers | width at 120, 600 labels | plateau | stop | wasted | next 100, points | to the best, points |"
    )
    print("|---|---|---|---|---|---|---|---|")
    lines = [report(data, [labelling(data, seed) for seed in range(seeds)]) for data in loaded(sets)]
    covered = np.concatenate([one[0] for one in lines])
    print(f"| all | {covered.mean():.3f} of {len(covered)} | | | | {np.mean([one[1] for one in lines]):.2f} "
          f"| {100 * np.mean([one[2] for one in lines]):+.2f} | |")  # fmt: skip


def main(arguments: list[str]) -> None:
    """The tables of the command line."""
    seeds = int(arguments[0]) if arguments else 10
    if "chosen" not in arguments:
        table("Sets that the rule was not chosen on", JUDGED_ON, seeds)
    if "judged" not in arguments:
        table("Sets that it was chosen on", CHOSEN_ON, seeds)


if __name__ == "__main__":
    main(sys.argv[1:])
