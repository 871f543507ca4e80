"""Steps 3 and 4 of the recipe in rounds: improve and select, until the out-of-sample evidence stops growing.

The evidence needs no sealed rows: it is the likelihood of labels that improving never touched. The rows are dealt into
parts. For each part the other rows are cleaned by themselves, and models are trained on what is left. If the noise that
was cleaned away was real, the *given* labels of the part still have it: they are likelier if it is added to the
predictions. Then agreement with them is no measure. If they do not show that noise, they count as right, and models
should predict them no worse than before. What little noise they show may be an overlap of classes; so unless it is
clear, a round falls that makes them clearly less likely. Nothing of a part is used to clean the rows that the models
for this part learn from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dechaff.core.progress import silent
from dechaff.core.row_hash import Hashes
from dechaff.core.words import counted
from dechaff.data.dataset import Dataset, Opened
from dechaff.models.baseline_guard import check_baseline
from dechaff.models.choose import candidate_models
from dechaff.models.model import Model
from dechaff.models.out_of_fold import stratified_group_folds
from dechaff.recipe.audit import Audited, audit_data
from dechaff.recipe.baseline.race import race
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.recipe.explore.labels import oddly_spelled
from dechaff.recipe.improve.improve import class_counts, improve, improved_data
from dechaff.recipe.improve.mislabelled import find_mislabelled, label_error_proposal
from dechaff.recipe.improve.proposals import DROP, KEEP, RELABEL, REVIEW, Decided, decide
from dechaff.recipe.passes.request import AuditSettings
from dechaff.recipe.select import Selection, select
from dechaff.records.metrics import Round
from dechaff.records.policies import Policy
from dechaff.typing import ClassMatrix, Groups, Labels, Mask, Numbers, Probs

USUAL_ROUNDS = 4
_SURE, _CLEARLY = 3.0, 2.0
"""Standard errors by which held-out labels must show noise to be believed whatever else they say, and by which they
must get less likely to speak against a round, or be predicted better than by class shares to be judged at all."""
_PARTS = 3
_FOLDS = 4
_ROWS_FOR_ALL_PARTS = 20_000
"""On more rows one part is enough to tell, and the others cost as much again."""
_POWERS = np.exp2(np.arange(-2.0, 4.5, 0.5))
"""Of probabilities: from a memorising model's, which are too sure, to those of few texts under a strong penalty."""
_LEAST = 1e-6
"""Smaller probabilities count as this much: one sure and wrong prediction must not outweigh a thousand others."""


@dataclass(frozen=True)
class Part:
    """One part of the rows: those held out, and the others as far as they are cleaned, with groups and hashes.

    ``transition`` (k, k) is p(given | true) of the noise that was cleaned away in the others; the identity before.
    ``predicted`` (m, k) are probabilities of the held-out rows, the mean of models trained on the others; None before
    training.
    """

    held_out: Dataset
    rest: Dataset
    together: Groups
    hashes: Hashes
    transition: ClassMatrix
    predicted: Probs | None = None

    def log_likelihood(self, transition: ClassMatrix) -> Numbers:
        """(m,) of the given labels of the held-out rows under this noise.

        It is that of the models' mean, which is less sure of itself than each of them: their own doubt is less easily
        taken for noise.
        """
        assert self.predicted is not None
        return label_log_likelihood(self.held_out.codes, self.predicted, transition)


@dataclass(frozen=True)
class Gain:
    """Log-likelihoods (m,) of the held-out labels by the models ``before`` a round and after it.

    After it without the noise that the round found (``without``), and with it (``with_noise``).
    """

    before: Numbers
    without: Numbers
    with_noise: Numbers

    @property
    def noise_seen(self) -> bool:
        """Whether the held-out labels show the noise."""
        return bool(self.with_noise.mean() > self.without.mean())

    @property
    def worse(self) -> bool:
        """Whether the labels are clearly less likely than before and do not clearly show the noise."""
        best = self.with_noise if self.noise_seen else self.without
        shown = _standard_errors(self.with_noise - self.without)
        return shown < _SURE and _standard_errors(best - self.before) < -_CLEARLY

    @property
    def helps(self) -> bool:
        """Whether the labels show the noise, or are likelier than before without it."""
        return not self.worse and (self.noise_seen or bool(self.without.mean() > self.before.mean()))


@dataclass(frozen=True)
class RoundState:
    """The parts before or after a round, the ``panel`` of models that judges labels, and what the round brought."""

    parts: tuple[Part, ...]
    panel: tuple[Model, ...]
    gain: Gain | None = None


def _standard_errors(gain: Numbers) -> float:
    """By how many of them the mean differs from 0."""
    spread = max(float(gain.std()), 1e-12)
    return float(gain.mean()) / spread * float(np.sqrt(len(gain)))


def label_log_likelihood(given: Labels, probs: Probs, transition: ClassMatrix) -> Numbers:
    """(n,) log-likelihood of noisy labels, from a model's probabilities of the true classes and the noise.

    ``log (T q(x))[y]`` for label y, where q are the probabilities as sure as makes the labels most likely: a model that
    learns from cleaned labels is too sure of itself, as is one that memorises noisy ones.

    Parameters
    ----------
    given : (n,) int
    probs : (n, k) float, rows sum to 1
    transition : (k, k) float, columns sum to 1
        p(given = row | true = column); the identity for a model that predicts the given labels themselves.

    Source
    ------
    Patrini, Rozza, Menon, Nock, Qu (2017), CVPR, theorem 2: the forward-corrected likelihood. Differs: it compares
    models instead of training them, and the probabilities are tempered first.

    Examples
    --------
    >>> a_quarter_is_swapped = np.array([[0.75, 0.25], [0.25, 0.75]])
    >>> true = np.array([[1.0, 0.0]] * 4)
    >>> np.exp(label_log_likelihood(np.array([0, 0, 0, 1]), true, a_quarter_is_swapped)).round(2)
    array([0.75, 0.75, 0.75, 0.25])
    """
    logs, rows = np.log(np.maximum(probs, _LEAST)), np.arange(len(given))
    found = []
    for power in _POWERS:
        sure = np.exp(power * logs)
        of_given = ((sure / sure.sum(axis=1, keepdims=True)) @ transition.T)[rows, given]
        found.append(np.log(np.maximum(of_given, _LEAST)))
    return max(found, key=lambda one: float(one.sum()))


@dataclass(frozen=True)
class Rounds:
    """The audit of the first round with the decisions of all rounds that stand, and the model that was selected."""

    audited: Audited
    log: tuple[Round, ...]
    selection: Selection | None


def run_rounds(first: Audited, settings: AuditSettings, *, rounds: int = USUAL_ROUNDS) -> Rounds:
    """Judge labels again on what the last round left, until held-out labels speak against a round.

    Slices and copies of the first round stand on their own tests; what rounds are tested on are the changes that label
    errors lead to. A round that does worse is taken back, and its rows are set aside for review.
    """
    train, progress = first.train, settings.progress
    judging = _trusted_by_panel(first, settings)
    decided = _set_aside(judging.improved.decided)
    log: list[Round] = []
    state, loss = _start(judging, decided, settings), None
    audited = judging
    for number in range(1, rounds + 1):
        progress("rounds", number - 1, rounds)
        proposed = _combined(decided, audited, train) if number > 1 else judging.improved.decided
        if not _changes(proposed, decided):
            log.append(_entry(number, decided, loss, True, "there is nothing more to change"))
            break
        after = None if state is None else next_round(state, settings.policy, seed=settings.seed)
        gain = None if after is None else after.gain
        # The first round has the tests of the audit on its side: it needs no more than that nothing speaks against it.
        kept = gain is None or (gain.helps if log else not gain.worse)
        loss = None if gain is None else -float(gain.with_noise.mean())
        log.append(_entry(number, proposed, loss, kept, _why(gain)))
        if not kept or after is None:
            decided = proposed if kept else decided
            break
        decided, state = proposed, after
        if number < rounds:
            audited = audit_data(Opened(improved_data(train, decided), None), first.task, settings)
    progress("rounds", rounds, rounds)
    if not any(one.kept for one in log):
        judging, decided = first, _set_aside(first.improved.decided)
    result = replace(judging, improved=replace(judging.improved, decided=decided))
    data = improved_data(train, decided)
    return Rounds(result, tuple(log), select_on(first, data, settings))


def _trusted_by_panel(first: Audited, settings: AuditSettings) -> Audited:
    """The same, with labels judged where all candidates together beat the class shares and the best one does not.

    On few rows with much noise one model may be too weak to be sure of. What is proposed is tested before it is done,
    so the panel need not be as sure as a model whose word alone counts.
    """
    base, codes, nothing = first.base, first.train.codes, np.zeros(0, dtype=np.int64)
    if base.trusted or base.model is None or settings.model is not None or first.slices.not_run:
        return first
    lags_behind_neighbours = check_baseline(codes, base.probs, base.folds, base.groups, nothing, None).trusted
    panel = check_baseline(codes, base.pooled, base.folds, base.groups, nothing, None, sure=_CLEARLY)
    if lags_behind_neighbours or not panel.trusted:
        return first
    note = (
        "The baseline alone is too weak to judge labels; the candidates together are not, and the rounds tested them."
    )
    judging = replace(first, base=replace(base, trusted=True, reason="", notes=(*base.notes, note)))
    return replace(judging, improved=improve(judging, replace(settings, progress=silent)))


def _set_aside(decided: Decided) -> Decided:
    """The decisions without what label errors lead to: their rows are kept for review."""
    act = (decided.code == "L001") & (decided.action > REVIEW)
    return replace(decided, action=np.where(act, REVIEW, decided.action), label=np.where(act, -1, decided.label))


def _start(first: Audited, decided: Decided, settings: AuditSettings) -> RoundState | None:
    """The state before labels are judged; None if there is no model to train or nothing to judge with."""
    if first.base.model is None or not first.base.trusted:
        return None
    kept = decided.kept()
    judged: Mask = ~first.slices.rows[kept]
    data = improved_data(first.train, decided)
    usual = candidate_models(data.table, data.features, n_classes=len(data.class_names))
    panel = (first.base.model,) if settings.model is not None else usual
    return first_round(data, first.base.groups[kept], judged, panel, seed=settings.seed)


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


def _entry(number: int, decided: Decided, loss: float | None, kept: bool, why: str) -> Round:
    dropped, relabelled = int((decided.action == DROP).sum()), int((decided.action == RELABEL).sum())
    return Round(number, dropped, relabelled, loss, kept, why)


def _why(gain: Gain | None) -> str:
    if gain is None:
        return "there is no model to train again, so the round was not tested"
    shown, worse = "show" if gain.noise_seen else "do not show", ", which is clearly worse" if gain.worse else ""
    without, with_noise, before = (-one.mean() for one in (gain.without, gain.with_noise, gain.before))
    return (
        f"{counted(len(gain.before), 'held-out label')} {shown} the noise that was found: log-loss {without:.4f} "
        f"without it, {with_noise:.4f} with it, {before:.4f} before{worse}"
    )


def select_on(first: Audited, data: Dataset, settings: AuditSettings) -> Selection | None:
    """The model for the data after the decisions, rows of the audit; None if there is nothing to learn from."""
    if not data.table.columns and data.features is None:
        return None
    together = first.explored.together[np.isin(first.train.positions, data.positions)]
    return select(data, together, replace(settings, progress=silent))


def first_round(data: Dataset, together: Groups, judged: Mask, panel: tuple[Model, ...], *, seed: int) -> RoundState:
    """The parts before any label is judged; only rows of ``judged`` are held out."""
    n_parts = 1 if len(data) > _ROWS_FOR_ALL_PARTS else _PARTS
    hashes, no_noise = data_hashes(data), np.eye(len(data.class_names))
    part_of = stratified_group_folds(data.codes, together, hashes, n_folds=_PARTS, seed=seed + 1)
    judged = judged & (data.codes >= 0)
    parts = (
        Part(data.take(~rest & judged), data.take(rest), together[rest], hashes[rest], no_noise)
        for rest in (part_of != p for p in range(n_parts))
    )
    return RoundState(tuple(_learnt(part, panel, seed) for part in parts), panel)


def next_round(before: RoundState, policy: Policy, *, seed: int) -> RoundState:
    """The parts after one more round of judging labels in each, and what it brought."""
    cleaned = (_cleaned(part, before.panel, policy, seed) for part in before.parts)
    parts = tuple(_learnt(part, before.panel, seed) for part in cleaned)
    both = list(zip(before.parts, parts, strict=True))
    gain = Gain(
        before=np.concatenate([old.log_likelihood(old.transition) for old, _ in both]),
        without=np.concatenate([new.log_likelihood(old.transition) for old, new in both]),
        with_noise=np.concatenate([new.log_likelihood(new.transition) for _, new in both]),
    )
    return RoundState(parts, before.panel, gain)


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
        transition=part.transition @ found.errors.transition,
    )


def _learnt(part: Part, panel: tuple[Model, ...], seed: int) -> Part:
    """The part with the mean prediction of the models, trained on its rest."""
    rest, held_out = part.rest, part.held_out
    fitted = (model.fit(rest.table, rest.features, rest.codes, len(rest.class_names), seed=seed) for model in panel)
    return replace(part, predicted=np.mean([one.probs(held_out.table, held_out.features) for one in fitted], axis=0))
