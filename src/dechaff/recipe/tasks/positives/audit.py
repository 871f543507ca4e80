"""The recipe on labelled positives and unlabelled rows: explore, train a model of the label, judge every row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dechaff.core.progress import Progress, silent
from dechaff.data.open_positives import OpenedPositives
from dechaff.methods.pu.scheme import Scheme
from dechaff.recipe.audit import Audited
from dechaff.recipe.baseline.baseline import Baseline
from dechaff.recipe.explore.explore import STOPPED, Explored, explore
from dechaff.recipe.improve.improve import Improved
from dechaff.recipe.improve.proposals import Proposal, decide
from dechaff.recipe.improve.slices import Slices
from dechaff.recipe.tasks.positives.judged import Judged, judge
from dechaff.recipe.tasks.positives.label_model import model_of_the_label
from dechaff.recipe.tasks.positives.rows import (
    PositiveEstimates,
    detection,
    labelled_copies,
    probably_not_positive,
    probably_positive,
    proposal,
    rows_to_review,
)
from dechaff.records.findings import Detection
from dechaff.records.policies import CONSERVATIVE, Policy
from dechaff.typing import Mask, Probs

ABOUT_CLASSES = ("L003", "L004", "D003")
"""Findings about classes: with unlabelled rows for a class they would say what is not so."""
_REVIEWED = ("D001", "D002", "C002")
"""Copies, and files that hold no image, are set aside for a person: labels are changed here, no row is dropped."""


@dataclass(frozen=True)
class AuditedPositives:
    """An audit whose findings are about labelled positives and unlabelled rows; ``judged`` is None where none was."""

    found: OpenedPositives
    audited: Audited
    judged: Judged | None


def audit_positives(
    found: OpenedPositives,
    *,
    scheme: Scheme = "single-training-set",
    policy: Policy = CONSERVATIVE,
    model: Any = None,
    seed: int = 0,
    threads: int = 1,
    progress: Progress = silent,
) -> AuditedPositives:
    """Look at the data, predict the label of every training row out of sample, and judge the rows by it.

    Test rows are only compared with the training rows for copies. A step that fails, or that Ctrl-C stops, is
    reported as not run.
    """
    everything = explore(found.train, found.opened.test, seed=seed, progress=progress)
    explored = replace(everything, detections=tuple(d for d in everything.detections if d.code not in ABOUT_CLASSES))
    base = model_of_the_label(found, everything, model=model, seed=seed, progress=progress, threads=threads)
    if not base.trusted:
        return _not_judged(found, explored, base, base.reason)
    progress("positives", 0, 1)
    try:
        judged = judge(found, base, scheme=scheme, model=model, seed=seed)
    except KeyboardInterrupt:
        return _not_judged(found, explored, base, STOPPED)
    except Exception as error:  # what was found without it stands, and the reason goes into the report
        return _not_judged(found, explored, base, f"{type(error).__name__}: {error}")
    copies = labelled_copies([d for d in everything.detections if d.code == "D003"], found.labelled)
    detections, proposals = _doubted(found, judged, copies, policy, seen=~everything.unread)
    progress("positives", 1, 1)
    return AuditedPositives(found, _assembled(found, explored, base, detections, proposals), judged)


def _doubted(
    found: OpenedPositives, judged: Judged, copies: dict[int, int], policy: Policy, *, seen: Mask
) -> tuple[list[Detection], list[Proposal]]:
    """P001 and P002, each with what is proposed; of a row that could not be read, nothing is said."""
    estimates = PositiveEstimates(found, judged.label_shares, judged.c, copies)
    errors = judged.errors
    positive = probably_positive(found, judged.chances * seen, copies, error_rate=errors.rate)
    wrong = probably_not_positive(found, errors.score * seen)
    proposals = [
        proposal(positive, found.positive_code, policy, reliable=judged.reliable),
        proposal(wrong, 1 - found.positive_code, policy, reliable=judged.errors_are_sure),
    ]
    return [detection(one, said, estimates) for one, said in zip((positive, wrong), proposals, strict=True)], proposals


def _not_judged(found: OpenedPositives, explored: Explored, base: Baseline, reason: str) -> AuditedPositives:
    detections = [Detection(code, not_run=reason) for code in ("P001", "P002")]
    return AuditedPositives(found, _assembled(found, explored, base, detections, []), None)


def _assembled(
    found: OpenedPositives,
    explored: Explored,
    base: Baseline,
    detections: Sequence[Detection],
    proposals: Sequence[Proposal],
) -> Audited:
    """The same record as of any audit, so that whatever reads one reads this."""
    n = len(found.train)
    reviewed = [rows_to_review(one, found.train.positions) for one in explored.detections if one.code in _REVIEWED]
    decided = decide([*proposals, *reviewed], n)
    probs = _class_probs(found, base, detections)
    everywhere: Mask = np.ones(n, dtype=np.bool_)
    improved = Improved(tuple(detections), decided, probs, Slices((), probs, everywhere, 0), None, base)
    return Audited(found.opened, explored, base, improved)


def _class_probs(found: OpenedPositives, base: Baseline, detections: Sequence[Detection]) -> Probs:
    """Chance of each class for every row; that of a label where rows were not judged."""
    scores = {detection.code: detection.score for detection in detections}
    hidden, wrong = scores.get("P001"), scores.get("P002")
    if hidden is None or wrong is None:
        return base.pooled
    positive = np.where(found.labelled, 1 - wrong, hidden)
    columns = np.stack([1 - positive, positive], axis=1)
    return columns if found.positive_code == 1 else columns[:, ::-1].copy()
