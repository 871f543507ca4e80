"""Label errors outside the noisy slices, and what they say of the classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from msgspec import structs

from dechaff.core.top_rows import top_rows
from dechaff.core.words import counted, percent
from dechaff.data.dataset import Dataset
from dechaff.methods.label_errors.class_health import class_noise, overlapping_classes, rare_classes
from dechaff.methods.label_errors.estimates_of_rows import calibrated_for
from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates, estimate_label_errors
from dechaff.methods.label_errors.obvious_errors import obvious_errors
from dechaff.methods.label_evidence.gather_evidence import LabelEvidence, gather_evidence
from dechaff.methods.label_reviews.review_budget import budget_steps, level_excursions, review_budget
from dechaff.recipe.improve.estimated_recall import Flagging, estimated_recall
from dechaff.recipe.improve.proposals import RELABEL, REVIEW, Proposal, label_actions, row_fix
from dechaff.records.budget import BudgetStep
from dechaff.records.findings import Detection, Finding
from dechaff.records.metrics import ClassHealth, LabelFacts, Noise, Overlap, rows_of
from dechaff.records.policies import Policy
from dechaff.records.record import Estimate
from dechaff.typing import ClassMatrix, Labels, Mask, Probs, Rows

_LEAST_OVERLAP_ROWS = 10
_LEAST_OVERLAP = 0.05
_MOST_PAIRS = 50
_MOST_CLASSES_IN_MATRIX = 60


@dataclass(frozen=True)
class Mislabelled:
    """Label errors among ``rows`` (m,) positions of the data set; the rest is over these rows."""

    rows: Rows
    errors: LabelErrorEstimates
    evidence: LabelEvidence
    certain: Mask
    """(m,) those in doubt even if the noise rate lies at the lower end of its interval, and the obvious errors."""

    @property
    def probs(self) -> Probs:
        """Probabilities of the classes from all evidence that is used."""
        return self.evidence.probs


def find_mislabelled(train: Dataset, probs: Probs, *, among: Mask) -> Mislabelled:
    """Label errors among some rows, from probabilities of models that have not seen them, and given features."""
    rows = np.flatnonzero(among)
    features = None if train.features is None else train.features[rows]
    return judged_labels(rows, train.codes[rows], gather_evidence(train.codes[rows], [probs[rows]], features=features))


def judged_labels(rows: Rows, given: Labels, evidence: LabelEvidence) -> Mislabelled:
    """Label errors among the rows with these given labels (m,)."""
    errors = estimate_label_errors(given, evidence.probs)
    flagged, certain = np.flatnonzero(errors.flag), top_rows(errors.log_odds, round(errors.n_errors_low))
    some, probs = given[flagged], evidence.probs[flagged]
    certain[flagged] |= obvious_errors(some, calibrated_for(errors, some, probs), errors.obvious)
    return Mislabelled(rows, errors, evidence, certain)


def label_error_results(
    found: Mislabelled, train: Dataset, counts: Labels, policy: Policy
) -> tuple[Detection, Proposal]:
    """A finding for every flagged row, with scores for all rows that were looked at, and what is proposed.

    `counts` (k,) are the rows of each class among all rows, of which `train` may be some.
    """
    proposal = label_error_proposal(found, train.codes[found.rows], counts, policy)
    score = np.zeros(len(train))
    flag = np.zeros(len(train), dtype=np.bool_)
    score[found.rows], flag[found.rows] = found.errors.score, found.errors.flag
    places = np.flatnonzero(found.errors.flag)
    findings = tuple(
        _finding(found, int(place), int(action), train) for place, action in zip(places, proposal.actions, strict=True)
    )
    return Detection("L001", findings, score, flag), proposal


def label_error_proposal(found: Mislabelled, given: Labels, counts: Labels, policy: Policy) -> Proposal:
    """For the flagged rows: relabel where the suggestion is sure, drop where the error is, else review.

    If the policy changes rows on proof only, those that are not certain are reviewed. So are rows of a class that
    hardly has any: no model has learnt it, so none can judge its labels.

    Parameters
    ----------
    found : label errors among m rows
    given : (m,) int, their given labels
    counts : (k,) int, rows of each class among all rows
    policy : the bounds
    """
    errors, flagged = found.errors, np.flatnonzero(found.errors.flag)
    wrong, known = errors.score[flagged], ~(rare_classes(counts) > 0)[given[flagged]]
    acts = label_actions(policy, wrong=wrong, suggested_prob=errors.suggested_prob[flagged])
    if policy.proved:
        known &= found.certain[flagged]
    actions = np.where(known, acts, REVIEW)
    labels = np.where(actions == RELABEL, errors.suggested[flagged], -1)
    return Proposal("L001", found.rows[flagged], actions, labels, wrong)


def _finding(found: Mislabelled, place: int, action: int, train: Dataset) -> Finding:
    row = int(found.rows[place])
    given, suggested = train.codes[row], found.errors.suggested[place]
    names, probs = train.class_names, found.probs[place]
    why = (
        f"A model that was not trained on this row predicts '{names[suggested]}' with "
        f"{percent(float(probs[suggested]))}, the given label '{names[given]}' with {percent(float(probs[given]))}."
    ) + _nearest_say(found, place, train)
    return Finding(
        "L001",
        float(found.errors.score[place]),
        why,
        row_fix(action, names[suggested]),
        row=row,
        field=train.label_name,
        given=names[given],
        suggested=names[suggested],
    )


def _nearest_say(found: Mislabelled, place: int, train: Dataset) -> str:
    """The sentence on the nearest rows by the given features, if they are used as evidence."""
    if found.evidence.nearest is None:
        return ""
    names, suggested = list(train.class_names), found.errors.suggested
    return " " + found.evidence.why_of(np.array([place]), suggested=suggested, names=names)[0]


def overlap_detection(joint: ClassMatrix, names: Sequence[str]) -> Detection:
    """Pairs of classes of which many rows carry the label of the other, from the rows by given label and true class."""
    overlaps = _overlaps(joint, names)
    findings = tuple(
        Finding(
            "L005",
            min(1.0, pair.fraction or 0.0),
            f"About {counted(round(pair.rows), 'row')} labelled '{pair.given}' "
            f"({percent(pair.fraction or 0.0)} of them) look like '{pair.true}'.",
            "Write down what separates the two classes, and review the rows between them.",
            field=pair.given,
            given=pair.given,
            suggested=pair.true,
        )
        for pair in overlaps
        if round(pair.rows) >= _LEAST_OVERLAP_ROWS and (pair.fraction or 0.0) >= _LEAST_OVERLAP
    )
    return Detection("L005", findings)


def _overlaps(joint: ClassMatrix, names: Sequence[str]) -> tuple[Overlap, ...]:
    pairs = overlapping_classes(joint)
    totals = np.maximum(joint.sum(axis=1), 1.0)
    found = zip(pairs.given, pairs.true, pairs.rows, strict=True)
    return tuple(
        Overlap(names[given], names[true], float(rows), float(rows / totals[given]))
        for given, true, rows in found
        if rows >= 0.5
    )[:_MOST_PAIRS]


def label_facts(found: Mislabelled, train: Dataset) -> LabelFacts:
    """What the report says of the labels: the noise, the health of each class, and the pairs that overlap."""
    codes, k = train.codes[found.rows], len(train.class_names)
    rows, flagged = (np.bincount(some, minlength=k) for some in (codes, codes[found.errors.flag]))
    facts = facts_of(found.errors, train.class_names, rows=rows, flagged=flagged)
    return structs.replace(facts, noise=with_outlook(facts.noise or Noise(), found, codes))


def with_outlook(noise: Noise, found: Mislabelled, labels: Labels) -> Noise:
    """The figures of the noise, and what reading rows will bring: the budget curve, and the estimated recall."""
    errors = found.errors
    if not errors.flag.any():
        return noise
    excursions = level_excursions(errors.log_odds, errors.n_errors_low, errors.n_errors_high)
    budget = review_budget(errors.log_odds, budget_steps(len(labels)), excursions=excursions)
    steps = zip(budget.rows, budget.errors, budget.low, budget.high, strict=True)
    flagging = Flagging(
        errors, labels, found.probs, errors.transition, errors.log_odds, errors.flag, errors.n_errors_high
    )
    recall = estimated_recall(flagging)
    return structs.replace(
        noise,
        recall=Estimate(*recall),
        budget=tuple(BudgetStep(int(rows), float(one), float(least), float(most)) for rows, one, least, most in steps),
    )


def facts_of(errors: LabelErrorEstimates, names: Sequence[str], *, rows: Labels, flagged: Labels) -> LabelFacts:
    """The same, from the rows of each class and those of them that are flagged."""
    k, n = len(names), max(int(rows.sum()), 1)
    joint = errors.expected_joint
    small = k <= _MOST_CLASSES_IN_MATRIX
    noise = Noise(
        rate=errors.rate,
        low=errors.rate_low,
        high=errors.rate_high,
        kind=errors.kind,
        kind_sure=errors.kind_sure,
        transition=rows_of(errors.transition) if small else (),
        joint=rows_of(joint / n) if small else (),
        temperature=errors.temperature,
    )
    rates = class_noise(joint)
    health = tuple(ClassHealth(name, int(rows[c]), int(flagged[c]), float(rates[c])) for c, name in enumerate(names))
    return LabelFacts(noise, health, _overlaps(joint, names))
