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
from dechaff.typing import ClassMatrix, Groups, Labels, Mask, Numbers

USUAL_ROUNDS = 4
_PARTS = 3
_FOLDS = 4
_ROWS_FOR_ALL_PARTS = 20_000
"""On more rows one part is enough to tell, and the others cost as much again."""
_IN_DOUBT = 1.0
"""Standard errors by which the first round may seem to lose: its changes stand on evidence of their own."""


@dataclass(frozen=True)
class Part:
    """One part of the rows: those held out, and the others as far as they are cleaned, with groups and hashes.

    ``predicted`` (m,) are the classes of the held-out rows by a model that was trained on the others, ``transition``
    (k, k) is p(given | true) of the given labels, as the others show before they are cleaned.
    """

    held_out: Dataset
    rest: Dataset
    together: Groups
    hashes: Hashes
    predicted: Labels
    transition: ClassMatrix | None = None

    def right(self, transition: ClassMatrix) -> Numbers:
        """Whether each held-out row is predicted rightly, in expectation (n,)."""
        return right_in_expectation(self.predicted, self.held_out.codes, transition)


@dataclass(frozen=True)
class Evidence:
    """The parts as they are before or after a round, the ``model`` that is trained, and the ``panel`` that judges."""

    parts: tuple[Part, ...]
    model: Model
    panel: tuple[Model, ...]


@dataclass(frozen=True)
class Gain:
    """Estimated accuracy ``before`` and ``after`` a round on ``n_rows``, and the standard error of the difference."""

    before: float
    after: float
    error: float
    n_rows: int

    def stands(self, number: int) -> bool:
        """Whether the round is kept: the first unless it does worse, the later ones if they bring something."""
        gain = self.after - self.before
        return gain >= -_IN_DOUBT * self.error if number == 1 else gain > 0


def right_in_expectation(predicted: Labels, given: Labels, transition: ClassMatrix) -> Numbers:
    """(n,) numbers whose mean is expected to be the accuracy on true labels, from noisy ones.

    For class t where the label is y it is ``inv(T)[t, y]``, with p(given | true) in the columns of T: over the labels
    that a row may be given, its mean is 1 where t is the true class, and 0 elsewhere.

    Parameters
    ----------
    predicted, given : (n,) int
    transition : (k, k) float, columns sum to 1

    Source
    ------
    Natarajan, Dhillon, Ravikumar, Tewari (2013), NeurIPS, lemma 1: the unbiased estimator of a loss.

    Examples
    --------
    >>> a_quarter_is_swapped = np.array([[0.75, 0.25], [0.25, 0.75]])
    >>> right_in_expectation(np.array([1, 1, 0]), np.array([1, 0, 0]), a_quarter_is_swapped).round(2)
    array([ 1.5, -0.5,  1.5])
    """
    return np.asarray(np.linalg.pinv(transition)[predicted, given])


@dataclass(frozen=True)
class Rounds:
    """The audit of the first round with the decisions of all rounds that stand, and the model that was selected."""

    audited: Audited
    log: tuple[Round, ...]
    selection: Selection | None


def run_rounds(first: Audited, settings: AuditSettings, *, rounds: int = USUAL_ROUNDS) -> Rounds:
    """Judge labels again on what the last round left, until models trained on it do worse on held-out labels.

    Slices and copies of the first round stand on their own tests; what rounds are tested on are the changes that label
    errors lead to. A round that does worse is taken back, and its rows are set aside for review.
    """
    train, progress = first.train, settings.progress
    decided = _set_aside(first.improved.decided)
    log: list[Round] = []
    evidence, accuracy = _start(first, decided, settings), None
    audited = first
    for number in range(1, rounds + 1):
        progress("rounds", number - 1, rounds)
        proposed = _combined(decided, audited, train) if number > 1 else first.improved.decided
        if not _changes(proposed, decided):
            log.append(_entry(number, decided, accuracy, True, "there is nothing more to change"))
            break
        after = None if evidence is None else next_evidence(evidence, settings.policy, seed=settings.seed)
        gain = None if evidence is None or after is None else gain_of(evidence, after)
        kept = gain is None or gain.stands(number)
        accuracy = None if gain is None else gain.after
        log.append(_entry(number, proposed, accuracy, kept, _why(gain)))
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


def _entry(number: int, decided: Decided, accuracy: float | None, kept: bool, why: str) -> Round:
    dropped, relabelled = int((decided.action == DROP).sum()), int((decided.action == RELABEL).sum())
    return Round(number, dropped, relabelled, accuracy, kept, why)


def _why(gain: Gain | None) -> str:
    if gain is None:
        return "there is no model to train again, so the round was not tested"
    return (
        f"accuracy on {counted(gain.n_rows, 'held-out label')}, their noise taken into account: "
        f"{percent(gain.before)} before, {percent(gain.after)} after (± {percent(gain.error)})"
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
    judged, unknown = judged & (data.codes >= 0), data.codes[:0]
    parts = (
        Part(data.take(~rest & judged), data.take(rest), together[rest], hashes[rest], unknown)
        for rest in (part_of != p for p in range(n_parts))
    )
    return Evidence(tuple(_learnt(part, model, seed) for part in parts), model, panel)


def next_evidence(before: Evidence, policy: Policy, *, seed: int) -> Evidence:
    """The evidence after one more round of judging labels, in each part."""
    cleaned = (_cleaned(part, before.panel, policy, seed) for part in before.parts)
    return replace(before, parts=tuple(_learnt(part, before.model, seed) for part in cleaned))


def _cleaned(part: Part, panel: tuple[Model, ...], policy: Policy, seed: int) -> Part:
    rest = part.rest
    folds = stratified_group_folds(rest.codes, part.together, part.hashes, n_folds=_FOLDS, seed=seed)
    raced = race(rest, panel, folds, AuditSettings(seed=seed))
    found = find_mislabelled(rest, raced.pooled, among=rest.codes >= 0)
    proposal = label_error_proposal(found, rest.codes[found.rows], class_counts(rest), policy)
    decided = decide([proposal], len(rest))
    kept = decided.kept()
    return replace(
        part,
        rest=improved_data(rest, decided),
        together=part.together[kept],
        hashes=part.hashes[kept],
        transition=found.errors.transition if part.transition is None else part.transition,
    )


def _learnt(part: Part, model: Model, seed: int) -> Part:
    """The part with the predictions of a model that is trained on its rest."""
    rest, held_out = part.rest, part.held_out
    fitted = model.fit(rest.table, rest.features, rest.codes, len(rest.class_names), seed=seed)
    return replace(part, predicted=fitted.probs(held_out.table, held_out.features).argmax(axis=1))


def gain_of(before: Evidence, after: Evidence) -> Gain:
    """What one more round of judging labels brings, on the same held-out rows."""
    pairs = [
        (old.right(new.transition), new.right(new.transition))
        for old, new in zip(before.parts, after.parts, strict=True)
        if new.transition is not None
    ]
    first, then = (np.concatenate(rights) for rights in zip(*pairs, strict=True))
    error = float((then - first).std() / np.sqrt(len(first)))
    return Gain(float(first.mean()), float(then.mean()), error, len(first))
