"""Step 3 of the recipe: with the baseline's help, find labels that cannot be trusted and decide about every row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from msgspec import structs

from dechaff.core.progress import Progress, silent
from dechaff.data.dataset import Dataset
from dechaff.recipe.baseline.baseline import Baseline
from dechaff.recipe.explore.explore import STOPPED, Explored
from dechaff.recipe.improve.label_outlook import with_outlook
from dechaff.recipe.improve.mislabelled import (
    Mislabelled,
    find_mislabelled,
    label_error_detection,
    label_facts,
    overlap_detection,
)
from dechaff.recipe.improve.policy import label_error_proposal
from dechaff.recipe.improve.proposals import DROP, KEEP, REVIEW, Decided, Proposal, decide
from dechaff.recipe.improve.recheck_without_slices import may_look_for_slices, rechecked_without
from dechaff.recipe.improve.slices import Slices, all_slice_facts, search_slices, slice_detection, slice_proposals
from dechaff.records.findings import Detection, Finding
from dechaff.records.metrics import LabelFacts, Noise
from dechaff.records.policies import CONSERVATIVE, Policy
from dechaff.typing import Mask, Probs, Rows

T = TypeVar("T")

REVIEWED = ("D003", "D002", "L003", "C002")
"""Findings that set their rows aside for a person, whatever the policy."""


@dataclass(frozen=True)
class Improved:
    """What was found with the baseline's help, and the decision for every row.

    ``probs`` (n, k) are out of sample, of models that saw none of the slices. ``base`` is the baseline as it is
    judged once the slices are known. ``facts`` are what the report says
    of the labels.
    """

    detections: tuple[Detection, ...]
    decided: Decided
    probs: Probs
    slices: Slices
    mislabelled: Mislabelled | None
    base: Baseline
    facts: LabelFacts = field(default_factory=LabelFacts)


def improve(
    train: Dataset,
    base: Baseline,
    explored: Explored,
    *,
    policy: Policy = CONSERVATIVE,
    seed: int = 0,
    progress: Progress = silent,
    threads: int = 1,
) -> Improved:
    """Noisy slices first, then label errors in the rest, then one decision a row.

    Slices go first because noise in a slice spoils the model for all other rows; the probabilities that judge the
    rest come from models trained outside the slices. Where the baseline is too weak to judge labels, neither is
    looked for. A detector that fails, or that Ctrl-C stops, is reported as not run.
    """
    labelled = train.codes >= 0
    nothing = Slices((), base.pooled, labelled, 0)
    looked, failed = _guarded("L002", lambda: _slices(train, base, labelled, seed, progress, threads))
    slices, base = looked or (nothing, base)
    if not base.trusted:
        skipped = tuple(Detection(code, not_run=base.reason) for code in ("L002", "L001", "L005"))
        return _assembled(train, explored, skipped, _Judged(base, nothing, None), [], policy)
    proposals = [within_policy(policy, proposal) for proposal in slice_proposals(slices, train)]
    detections = [failed or slice_detection(slices, proposals, train, not_run=_no_columns(base, train))]
    progress("label errors", 0, 1)
    judged_rows = slices.outside & ~explored.unread
    found, failed = _guarded("L001", lambda: find_mislabelled(train, slices.probs, among=judged_rows))
    progress("label errors", 1, 1)
    if found is None:
        detections += [failed or Detection("L001"), Detection("L005", not_run="it needs the label errors")]
        return _assembled(train, explored, tuple(detections), _Judged(base, slices, None), proposals, policy)
    errors = label_error_proposal(found.errors, found.rows, train.codes, policy)
    detections += [label_error_detection(found, errors, train), overlap_detection(found, train)]
    judged = _Judged(base, slices, found)
    return _assembled(train, explored, tuple(detections), judged, [*proposals, errors], policy)


def _slices(
    train: Dataset, base: Baseline, among: Mask, seed: int, progress: Progress, threads: int
) -> tuple[Slices, Baseline]:
    """The slices, and the baseline as it is judged without their rows."""
    if not may_look_for_slices(base):
        return Slices((), base.pooled, among, 0), base
    slices = search_slices(train, base, among=among, seed=seed, progress=progress, threads=threads)
    return slices, rechecked_without(slices, train, base, seed=seed)


def _no_columns(base: Baseline, train: Dataset) -> str:
    if base.fit_predict is None or not train.table.columns:
        return "only probabilities or features were given, no columns that conditions could be about"
    return ""


def _guarded(code: str, look: Callable[[], T]) -> tuple[T | None, Detection | None]:
    try:
        return look(), None
    except KeyboardInterrupt:
        return None, Detection(code, not_run=STOPPED)
    except Exception as error:  # the rest of the audit stands, and the reason goes into the report
        return None, Detection(code, not_run=f"{type(error).__name__}: {error}")


def within_policy(policy: Policy, proposal: Proposal) -> Proposal:
    """A slice's proposal, or only a review where the policy leaves everything to people."""
    if policy.acts:
        return proposal
    actions = np.where(proposal.actions > REVIEW, REVIEW, proposal.actions)
    return Proposal(proposal.code, proposal.rows, actions, np.full(len(actions), -1), proposal.score)


@dataclass(frozen=True)
class _Judged:
    """What the labels were judged with, and what came of it."""

    base: Baseline
    slices: Slices
    mislabelled: Mislabelled | None


def _assembled(
    train: Dataset,
    explored: Explored,
    detections: tuple[Detection, ...],
    judged: _Judged,
    proposals: list[Proposal],
    policy: Policy,
) -> Improved:
    by_code = {detection.code: detection for detection in explored.detections}
    copies = copies_proposal(by_code.get("D001"), policy, train.positions)
    reviewed = [review_proposal(by_code[code]) for code in REVIEWED if code in by_code]
    decided = decide([*proposals, copies, *reviewed], len(train))
    slices, found = judged.slices, judged.mislabelled
    facts = LabelFacts()
    if found is not None:
        facts = label_facts(found, train)
        facts = structs.replace(facts, noise=with_outlook(facts.noise or Noise(), found, train))
    facts = structs.replace(facts, slices=all_slice_facts(slices, train))
    return Improved(detections, decided, slices.probs, slices, found, judged.base, facts)


def copies_proposal(detection: Detection | None, policy: Policy, positions: Rows) -> Proposal:
    """All copies but the first of the file go; equal rows with different labels are another finding."""
    rows, actions, score = [], [], []
    seen: set[tuple[str, str]] = set()
    for finding in _of_rows(detection, positions):
        first = (finding.group, finding.given) not in seen
        seen.add((finding.group, finding.given))
        rows.append(finding.row)
        actions.append(KEEP if first else DROP if policy.acts else REVIEW)
        score.append(finding.score)
    return _proposal("D001", rows, actions, score)


def review_proposal(detection: Detection) -> Proposal:
    """All rows of a detection set aside for a person."""
    findings = list(_of_rows(detection, None))
    rows = [finding.row for finding in findings]
    return _proposal(detection.code, rows, [REVIEW] * len(rows), [finding.score for finding in findings])


def _of_rows(detection: Detection | None, positions: Rows | None) -> Iterable[Finding]:
    """Findings about rows, in the order of the rows, or of their positions in the file."""
    findings = detection.findings if detection is not None else ()
    place = (lambda f: f.row or 0) if positions is None else (lambda f: positions[f.row or 0])
    return sorted((f for f in findings if f.row is not None), key=place)


def _proposal(code: str, rows: list[Any], actions: list[int], score: list[float]) -> Proposal:
    return Proposal(
        code,
        np.array(rows, dtype=np.int64),
        np.array(actions, dtype=np.int64),
        np.full(len(rows), -1, dtype=np.int64),
        np.array(score, dtype=np.float64),
    )


def improved_data(train: Dataset, decided: Decided) -> Dataset:
    """The data set after the decisions."""
    kept: Mask = decided.kept()
    return train.with_codes(decided.codes(train.codes)).take(kept)
