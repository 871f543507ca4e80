"""Step 3 of the recipe: with the baseline's help, find labels that cannot be trusted and decide about every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import structs

from dechaff.core.progress import silent
from dechaff.core.words import counted
from dechaff.data.dataset import Dataset, Opened
from dechaff.models.baseline_guard import LEAST_INFORMATION
from dechaff.recipe.baseline.baseline import Baseline, baseline
from dechaff.recipe.explore.explore import STOPPED, Explored
from dechaff.recipe.explore.labels import oddly_spelled
from dechaff.recipe.improve.failing import find_failing
from dechaff.recipe.improve.mislabelled import find_mislabelled, label_error_results, label_facts, overlap_detection
from dechaff.recipe.improve.proposals import Decided, Proposal, decide, proposal_of, spelling_proposal
from dechaff.recipe.improve.slices import Slices, all_slice_facts, search_slices, slice_results
from dechaff.recipe.passes.request import AuditSettings
from dechaff.records.crowds import ConsensusFacts
from dechaff.records.curricula import CurriculumFacts
from dechaff.records.findings import Detection
from dechaff.records.metrics import LabelFacts, PositivesFacts
from dechaff.records.policies import Policy
from dechaff.typing import Labels, Mask, Probs

JUDGING = ("L002", "L001", "L005", "S001")
"""Checks that need a model that can be trusted."""
_OF_ROWS = ("D001", "D003", "D002", "L003", "C002", "O001")
"""Findings without a model whose rows are dropped or set aside, in order of trust."""


@dataclass(frozen=True)
class Fitted:
    """What is fitted to some rows before their labels are judged.

    ``base`` is the baseline as it is judged once the ``slices`` are known.
    """

    opened: Opened
    explored: Explored
    base: Baseline
    slices: Slices

    @property
    def train(self) -> Dataset:
        """The rows that are audited."""
        return self.opened.train

    @property
    def stopped(self) -> bool:
        """Whether Ctrl-C stopped a step."""
        return self.explored.stopped or any(why.startswith(STOPPED) for why in (self.base.reason, self.slices.not_run))


@dataclass(frozen=True)
class Improved:
    """What was found with the baseline's help, and the decision for every row.

    ``probs`` (n, k) are out of sample, of models that saw none of the slices. ``labels``, ``positives``,
    ``curriculum`` and ``consensus`` are what the report says of the labels, ``arrays`` further numbers of the rows to
    keep.
    """

    detections: tuple[Detection, ...]
    decided: Decided
    probs: Probs
    labels: LabelFacts = field(default_factory=LabelFacts)
    positives: PositivesFacts | None = None
    curriculum: CurriculumFacts | None = None
    consensus: ConsensusFacts | None = None
    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)


def find_slices(train: Dataset, base: Baseline, settings: AuditSettings) -> tuple[Slices, Baseline]:
    """Noisy slices, and the baseline as it is judged without their rows.

    Neighbours memorise that labels are swapped in one part of the data, which a linear model cannot; so lagging behind
    them alone does not say that the model is wrong: it is judged again without the slices. A search that fails, or that
    Ctrl-C stops, finds nothing.
    """
    nothing = Slices((), base.pooled, train.codes >= 0, 0)
    if not base.trusted and (base.model is None or (base.metrics.information or 0.0) < LEAST_INFORMATION):
        return nothing, base
    try:
        slices = search_slices(train, base, settings, among=nothing.outside)
        base = _rechecked(train, base, slices, settings)
    except KeyboardInterrupt:
        return replace(nothing, not_run=STOPPED), base
    except Exception as error:  # the rest of the audit stands, and the reason goes into the report
        return replace(nothing, not_run=f"{type(error).__name__}: {error}"), base
    if not base.trusted:
        return nothing, base
    if base.fit_predict is None or not train.table.columns:
        reason = "only probabilities or features were given, no columns that conditions could be about"
        return replace(slices, not_run=reason), base
    return slices, base


def _rechecked(train: Dataset, base: Baseline, slices: Slices, settings: AuditSettings) -> Baseline:
    """The baseline, trusted as well where the same model can be trusted on the rows outside the slices."""
    if base.trusted or not slices.found or base.model is None:
        return base
    rest = np.flatnonzero(slices.outside)
    again = baseline(train.take(rest), base.groups[rest], replace(settings, model=base.model, progress=silent))
    if not again.trusted:
        return base
    note = f"The baseline lags behind nearest neighbours until {counted(int(slices.rows.sum()), 'row')} are left out."
    return replace(base, trusted=True, reason="", notes=(*base.notes, note))


def improve(fitted: Fitted, settings: AuditSettings) -> Improved:
    """Noisy slices first, then label errors in the rest, then one decision a row.

    Slices go first because noise in a slice spoils the model for all other rows; the probabilities that judge the
    rest come from models trained outside the slices. If the baseline is too weak to judge labels, neither is
    reported. A detector that fails, or that Ctrl-C stops, is reported as not run.
    """
    train, slices, policy = fitted.train, fitted.slices, settings.policy
    choice = settings.checks
    if not fitted.base.trusted or not any(map(choice.wants, JUDGING)):
        skipped = [Detection(code, not_run=fitted.base.reason) for code in JUDGING]
        return _assembled(fitted, skipped, [], LabelFacts(), settings)
    of_slices, proposals = slice_results(slices, train, policy)
    detections, facts = [of_slices], LabelFacts()
    if not any(map(choice.wants, JUDGING[1:])):
        return _assembled(fitted, detections, proposals, facts, settings)
    settings.progress("label errors", 0, 1)
    failing = Detection("S001", not_run="it needs the label errors")
    try:
        found = find_mislabelled(train, slices.probs, among=slices.outside & ~fitted.explored.unread)
        settings.progress("label errors", 1, 1)
        counts = class_counts(train)
        of_labels, proposed = label_error_results(found, train, counts, policy)
        more = [of_labels, overlap_detection(found.errors.expected_joint, train.class_names)]
        detections, facts = [*detections, *more], label_facts(found, train)
        proposals += [proposed] if choice.wants("L001") else []
        if why := choice.too_late():
            failing = Detection("S001", not_run=why)
        elif choice.wants("S001"):
            failing, parts = find_failing(train, fitted.base, found, seed=settings.seed)
            facts = structs.replace(facts, failing=parts)
    except KeyboardInterrupt:
        detections += _not_judged(STOPPED)
    except Exception as error:  # the rest of the audit stands, and the reason goes into the report
        detections += _not_judged(f"{type(error).__name__}: {error}")
    return _assembled(fitted, [*detections, failing], proposals, facts, settings)


def class_counts(train: Dataset) -> Labels:
    """(k,) rows given each label."""
    return np.bincount(train.codes[train.codes >= 0], minlength=len(train.class_names))


def _not_judged(reason: str) -> list[Detection]:
    return [Detection("L001", not_run=reason), Detection("L005", not_run="it needs the label errors")]


def _assembled(
    fitted: Fitted, detections: list[Detection], proposals: list[Proposal], facts: LabelFacts, settings: AuditSettings
) -> Improved:
    slices, decided = fitted.slices, decided_rows(fitted, proposals, _OF_ROWS, settings.policy)
    facts = structs.replace(facts, slices=all_slice_facts(slices, fitted.train))
    wanted = tuple(one for one in detections if settings.checks.wants(one.code))
    return Improved(wanted, decided, slices.probs, facts)


def decided_rows(
    fitted: Fitted, proposals: Sequence[Proposal], codes: Sequence[str], policy: Policy, *, drops: bool = True
) -> Decided:
    """One decision a row: by what is proposed of its label, then by what was found without a model under `codes`."""
    by_code, positions = {one.code: one for one in fitted.explored.detections}, fitted.train.positions
    more = [proposal_of(by_code[code], positions, policy, drops=drops) for code in codes if code in by_code]
    odd = oddly_spelled(fitted.train)
    spelled = spelling_proposal(odd, fitted.train.codes[odd], policy)
    return decide([*proposals, *more, spelled], len(positions))


def improved_data(train: Dataset, decided: Decided) -> Dataset:
    """The data set after the decisions."""
    kept: Mask = decided.kept()
    return replace(train.with_codes(decided.codes(train.codes)).take(kept), odd_labels={})
