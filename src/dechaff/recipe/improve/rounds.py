"""Steps 3 and 4 of the recipe in rounds: improve and select, until the out-of-sample evidence stops growing.

The evidence needs no sealed rows: it is agreement with labels that improving never touched. The rows are dealt into
parts. For each part the other rows are cleaned by themselves, the baseline's model is trained on what is left, and its
predictions are compared with the *given* labels of the part. These are noisy, but their noise knows nothing of the
cleaning, so of two models the one that agrees more is the better one. Nothing of a part is used to clean the rows that
the model for this part learns from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dechaff.core.progress import silent
from dechaff.core.row_hash import Hashes
from dechaff.data.dataset import Dataset, Opened
from dechaff.models.choose import candidate_models
from dechaff.models.model import Model
from dechaff.models.out_of_fold import stratified_group_folds
from dechaff.recipe.audit import Audited, audit_data
from dechaff.recipe.baseline.race import race
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.recipe.explore.labels import oddly_spelled
from dechaff.recipe.explore.words import counted, percent
from dechaff.recipe.improve.improve import class_counts, improved_data
from dechaff.recipe.improve.mislabelled import find_mislabelled, label_error_proposal
from dechaff.recipe.improve.proposals import DROP, KEEP, RELABEL, REVIEW, Decided, decide
from dechaff.recipe.passes.request import AuditSettings
from dechaff.recipe.select import Selection, select
from dechaff.records.metrics import Round
from dechaff.records.policies import Policy
from dechaff.typing import Groups, Mask

USUAL_ROUNDS = 4
_PARTS = 3
_FOLDS = 4
_ROWS_FOR_ALL_PARTS = 20_000
"""On more rows one part is enough to tell, and the others cost as much again."""


@dataclass(frozen=True)
class Part:
    """One part of the rows: those held out, and the others as far as they are cleaned, with groups and hashes."""

    held_out: Dataset
    rest: Dataset
    together: Groups
    hashes: Hashes


@dataclass(frozen=True)
class Evidence:
    """Agreement of held-out given labels with ``model``, row by row, over all parts, and the parts to go on with.

    ``panel`` are the models that judge labels together.
    """

    agrees: npt.NDArray[np.bool_]
    parts: tuple[Part, ...]
    model: Model
    panel: tuple[Model, ...]

    @property
    def agreement(self) -> float:
        """Fraction of the held-out rows on which model and given label agree."""
        return float(self.agrees.mean())


@dataclass(frozen=True)
class Rounds:
    """The audit of the first round with the decisions of all rounds that stand, and the model that was selected."""

    audited: Audited
    log: tuple[Round, ...]
    selection: Selection | None


def run_rounds(first: Audited, settings: AuditSettings, *, rounds: int = USUAL_ROUNDS) -> Rounds:
    """Judge labels again on what the last round left, as long as models trained on it agree more with held-out labels.

    Slices and copies of the first round stand on their own tests; what rounds must earn are the changes that label
    errors lead to. A round that does not earn them is taken back, and its rows are set aside for review.
    """
    train, progress = first.train, settings.progress
    decided = _set_aside(first.improved.decided)
    log: list[Round] = []
    evidence = _start(first, decided, settings)
    audited = first
    for number in range(1, rounds + 1):
        progress("rounds", number - 1, rounds)
        proposed = _combined(decided, audited, train) if number > 1 else first.improved.decided
        if not _changes(proposed, decided):
            log.append(_entry(number, decided, evidence, True, "there is nothing more to change"))
            break
        after = None if evidence is None else next_evidence(evidence, settings.policy, seed=settings.seed)
        kept = evidence is None or after is None or after.agreement > evidence.agreement
        log.append(_entry(number, proposed, after, kept, _why(evidence, after, kept)))
        if not kept or after is None:
            decided = proposed if kept else decided
            break
        decided, evidence = proposed, after
        if number < rounds:
            audited = audit_data(Opened(improved_data(train, decided), None), first.task, settings)
    progress("rounds", rounds, rounds)
    result = replace(first, improved=replace(first.improved, decided=decided))
    data = improved_data(train, decided)
    return Rounds(result, tuple(log), select_on(first, data, settings))


def _set_aside(decided: Decided) -> Decided:
    """The decisions without what label errors lead to: their rows are kept for review."""
    act = (decided.code == "L001") & (decided.action > REVIEW)
    return replace(decided, action=np.where(act, REVIEW, decided.action), label=np.where(act, -1, decided.label))


def _start(first: Audited, decided: Decided, settings: AuditSettings) -> Evidence | None:
    """The evidence before labels are judged; None if there is no model to train or nothing to judge with."""
    if first.base.model is None or not first.base.trusted:
        return None
    kept = decided.kept()
    judged: Mask = ~first.slices.rows[kept]
    data = improved_data(first.train, decided)
    usual = candidate_models(data.table, data.features, n_classes=len(data.class_names))
    panel = (first.base.model,) if settings.model is not None else usual
    return first_evidence(data, first.base.groups[kept], judged, first.base.model, panel, seed=settings.seed)


def _combined(decided: Decided, again: Audited, train: Dataset) -> Decided:
    """Earlier decisions, overruled where the audit of the improved data changes a row that was left."""
    rows = np.flatnonzero(decided.kept())
    later = again.improved.decided
    acts = later.action > REVIEW
    where = rows[acts]
    merged = {name: getattr(decided, name).copy() for name in ("action", "label", "code", "score")}
    for name, values in merged.items():
        values[where] = getattr(later, name)[acts]
    back = (merged["action"] == RELABEL) & (merged["label"] == train.codes)
    back[oddly_spelled(train)] = False
    merged["action"][back] = KEEP
    merged["label"][back] = -1
    return Decided(**merged)


def _changes(proposed: Decided, decided: Decided) -> bool:
    return bool((proposed.action != decided.action).any() or (proposed.label != decided.label).any())


def _entry(number: int, decided: Decided, evidence: Evidence | None, kept: bool, why: str) -> Round:
    dropped, relabelled = int((decided.action == DROP).sum()), int((decided.action == RELABEL).sum())
    return Round(number, dropped, relabelled, None if evidence is None else evidence.agreement, kept, why)


def _why(before: Evidence | None, after: Evidence | None, kept: bool) -> str:
    if before is None or after is None:
        return "there is no model to train again, so the round was not tested"
    turn = "grows" if kept else "does not grow"
    return (
        f"agreement with {counted(len(after.agrees), 'held-out label')} {turn}: "
        f"{percent(before.agreement)} before, {percent(after.agreement)} after"
    )


def select_on(first: Audited, data: Dataset, settings: AuditSettings) -> Selection | None:
    """The model for the data after the decisions, rows of the audit; None if there is nothing to learn from."""
    if not data.table.columns and data.features is None:
        return None
    together = first.explored.together[np.isin(first.train.positions, data.positions)]
    return select(data, together, replace(settings, progress=silent))


def first_evidence(
    data: Dataset, together: Groups, judged: Mask, model: Model, panel: tuple[Model, ...], *, seed: int
) -> Evidence:
    """The evidence before any label is judged; only rows of ``judged`` are held out for it."""
    n_parts = 1 if len(data) > _ROWS_FOR_ALL_PARTS else _PARTS
    hashes = data_hashes(data)
    part_of = stratified_group_folds(data.codes, together, hashes, n_folds=_PARTS, seed=seed + 1)
    parts = tuple(
        Part(data.take(~rest & judged & (data.codes >= 0)), data.take(rest), together[rest], hashes[rest])
        for rest in (part_of != p for p in range(n_parts))
    )
    return Evidence(_agreement(parts, model, seed), parts, model, panel)


def next_evidence(before: Evidence, policy: Policy, *, seed: int) -> Evidence:
    """The evidence after one more round of judging labels, in each part."""
    parts = tuple(_cleaned(part, before.panel, policy, seed) for part in before.parts)
    return replace(before, agrees=_agreement(parts, before.model, seed), parts=parts)


def _cleaned(part: Part, panel: tuple[Model, ...], policy: Policy, seed: int) -> Part:
    rest = part.rest
    folds = stratified_group_folds(rest.codes, part.together, part.hashes, n_folds=_FOLDS, seed=seed)
    raced = race(rest, panel, folds, AuditSettings(seed=seed))
    found = find_mislabelled(rest, raced.pooled, among=rest.codes >= 0)
    proposal = label_error_proposal(found, rest.codes[found.rows], class_counts(rest), policy)
    decided = decide([proposal], len(rest))
    kept = decided.kept()
    return Part(part.held_out, improved_data(rest, decided), part.together[kept], part.hashes[kept])


def _agreement(parts: tuple[Part, ...], model: Model, seed: int) -> npt.NDArray[np.bool_]:
    agrees = []
    for part in parts:
        rest, held_out = part.rest, part.held_out
        fitted = model.fit(rest.table, rest.features, rest.codes, len(rest.class_names), seed=seed)
        predicted = fitted.probs(held_out.table, held_out.features).argmax(axis=1)
        agrees.append(predicted == held_out.codes)
    return np.concatenate(agrees)
