"""What each policy changes without a review, and how often it is right.

Labels with injected noise, by people and by rules, without noise, and with a handful of wrong labels in tables whose
classes hardly overlap. For each policy: rows that are relabelled and rows that are dropped, and how many of them were
wrong labels; the net gain, which is the wrong labels changed minus the right ones; and the sets on which less than
four of five changed rows had wrong labels. The constants of ``conservative`` were chosen on the even sets, so the odd
ones have their own lines; two limits on when obvious errors are looked for were chosen on all injected noise. Prints
one table and writes nothing; takes a quarter of an hour: ``OMP_NUM_THREADS=1 python -m benchmarks.policies``.
"""

from __future__ import annotations

import sys
import warnings
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine, make_blobs, make_moons
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.label_error_kinds import (
    LabelledSet,
    other_sets,
    out_of_fold,
    planted_sets,
    sets_by_people,
    sets_by_rules,
    simple_models,
)

from dechaff.methods.label_evidence.gather_evidence import LabelEvidence
from dechaff.recipe.improve.mislabelled import judged_labels, label_error_proposal
from dechaff.recipe.improve.proposals import DROP, RELABEL
from dechaff.records.policies import BALANCED, BOLD, CONSERVATIVE, Policy

ENOUGH = 0.8
"""Precision that is good enough to change rows without a review."""
COLUMNS = (
    "labels", "sets", "wrong", "policy", "relabelled", "of wrong labels", "to the right class", "dropped",
    "of wrong labels", "net gain", f"sets below {ENOUGH:.1f}", "sets with changes",
)  # fmt: skip


def sets_with_few_errors() -> Iterator[LabelledSet]:
    """None to eight wrong labels in tables of up to 600 rows with hardly any overlap."""
    digits, tables = load_digits(), (load_iris(), load_wine(), load_breast_cancer())
    sources = {name: (one.data, one.target) for name, one in zip(("iris", "wine", "cancer"), tables, strict=True)}
    sources["digits"] = (digits.data[:500], digits.target[:500])
    sources["blobs"] = make_blobs(200, centers=[[-3, 0], [3, 0]], random_state=0)
    sources["moons"] = make_moons(300, noise=0.15, random_state=1)
    models = simple_models()
    for seed in range(3):
        for n_wrong in (0, 1, 3, 5, 8):
            for name, (features, true) in sources.items():
                rng, k = np.random.default_rng(100 * seed + n_wrong), int(true.max()) + 1
                rows, given = rng.permutation(len(true))[:n_wrong], true.copy()
                given[rows] = (true[rows] + rng.integers(1, k, n_wrong)) % k
                x = StandardScaler().fit_transform(features)
                probs = [out_of_fold(models[model], x, given, seed) for model in ("logistic", "forest")]
                group = "a few errors" if n_wrong else "clean, classes apart"
                yield LabelledSet(group, f"{name}, {n_wrong}", given, sum(probs) / 2, true)


def kind_of(group: str) -> str:
    """Whose labels they are."""
    if group.startswith(("people", "rules", "judged", "tokens")):
        return "by people and rules"
    return group if group in ("a few errors", "clean, classes apart") else "clean" if "clean" in group else "injected"


def figures(one: LabelledSet, policy: Policy) -> np.ndarray:
    """Wrong labels; relabelled rows, those of them with wrong labels, and those now right; the first two for drops."""
    given = one.given.astype(np.int64)
    probs = one.probs / one.probs.sum(axis=1, keepdims=True, dtype=np.float64)
    found = judged_labels(np.arange(len(given)), given, LabelEvidence(probs, (), given))
    proposal = label_error_proposal(found, given, np.bincount(given, minlength=probs.shape[1]), policy)
    known = np.isin(proposal.rows, np.arange(len(given)) if one.among is None else one.among)
    rows, actions, labels = proposal.rows[known], proposal.actions[known], proposal.labels[known]
    wrong, relabelled, dropped = (given != one.true)[rows], actions == RELABEL, actions == DROP
    right = relabelled & (labels == one.true[rows])
    sums = (relabelled, relabelled & wrong, right, dropped, dropped & wrong)
    return np.array([(given != one.true).sum(), *(some.sum() for some in sums)])


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    found: dict[tuple[str, int, str], list[np.ndarray]] = defaultdict(list)
    for sets in (sets_with_few_errors, planted_sets, sets_by_people, sets_by_rules, other_sets):
        for number, one in enumerate(sets()):
            for policy in (CONSERVATIVE, BALANCED, BOLD):
                found[kind_of(one.group), number % 2, policy.name].append(figures(one, policy))
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    for (kind, half, policy), rows in sorted(found.items(), key=lambda item: item[0][:2]):
        wrong, relabelled, of_wrong, right, dropped, wrong_dropped = np.sum(rows, axis=0)
        share = [(one[2] + one[5]) / (one[1] + one[4]) for one in rows if one[1] + one[4]]
        gain = 2 * (of_wrong + wrong_dropped) - relabelled - dropped
        cells = (
            f"{kind}, {'odd' if half else 'even'}", len(rows), wrong, policy, relabelled, of_wrong, right, dropped,
            wrong_dropped, gain, sum(one < ENOUGH for one in share), len(share),
        )  # fmt: skip
        print(f"| {' | '.join(map(str, cells))} |")


if __name__ == "__main__":
    main()
