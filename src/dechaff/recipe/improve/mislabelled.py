"""Label errors outside the noisy slices, and what they say of the classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dechaff.data.dataset import Dataset
from dechaff.methods.label_errors.class_health import class_noise, overlapping_classes
from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates, estimate_label_errors
from dechaff.methods.label_evidence.gather_evidence import Evidence, gather_evidence
from dechaff.recipe.explore.words import counted, percent
from dechaff.recipe.improve.proposals import DROP, RELABEL, Proposal
from dechaff.records.findings import Detection, Finding
from dechaff.records.metrics import ClassHealth, LabelFacts, Noise, Overlap, rows_of
from dechaff.typing import ClassMatrix, Labels, Mask, Probs, Rows

_LEAST_OVERLAP_ROWS = 10
_LEAST_OVERLAP_SHARE = 0.05
_MOST_PAIRS = 50
_MOST_CLASSES_IN_MATRIX = 60


@dataclass(frozen=True)
class Mislabelled:
    """Label errors among ``rows`` (m,) positions of the data set; the rest is over these rows."""

    rows: Rows
    errors: LabelErrorEstimates
    evidence: Evidence

    @property
    def probs(self) -> Probs:
        """What all that was heard says of the given labels."""
        return self.evidence.probs


def find_mislabelled(train: Dataset, probs: Probs, *, among: Mask) -> Mislabelled:
    """Label errors among some rows, from probabilities of models that have not seen them, and given features."""
    rows = np.flatnonzero(among)
    features = None if train.features is None else train.features[rows]
    evidence = gather_evidence(train.codes[rows], [probs[rows]], features=features)
    return Mislabelled(rows, estimate_label_errors(train.codes[rows], evidence.probs), evidence)


def label_error_detection(found: Mislabelled, proposal: Proposal, train: Dataset) -> Detection:
    """A finding for every flagged row; scores for all rows that were looked at."""
    score = np.zeros(len(train))
    flag = np.zeros(len(train), dtype=np.bool_)
    score[found.rows], flag[found.rows] = found.errors.score, found.errors.flag
    places = np.flatnonzero(found.errors.flag)
    findings = tuple(
        _finding(found, int(place), int(action), train) for place, action in zip(places, proposal.actions, strict=True)
    )
    return Detection("L001", findings, score, flag)


def _finding(found: Mislabelled, place: int, action: int, train: Dataset) -> Finding:
    row = int(found.rows[place])
    given, suggested = train.codes[row], found.errors.suggested[place]
    names, probs = train.class_names, found.probs[place]
    why = (
        f"A model that has not seen this row gives '{names[suggested]}' {percent(float(probs[suggested]))} and the "
        f"given label '{names[given]}' {percent(float(probs[given]))}."
    ) + _nearest_say(found, place, train)
    return Finding(
        "L001",
        float(found.errors.score[place]),
        why,
        _fix(action, names[suggested]),
        row=row,
        field=train.label_name,
        given=names[given],
        suggested=names[suggested],
    )


def _nearest_say(found: Mislabelled, place: int, train: Dataset) -> str:
    """What the nearest rows by the given features say, where they were heard; with its space before."""
    if not found.evidence.uses_neighbours:
        return ""
    names, suggested = list(train.class_names), found.errors.suggested
    return " " + found.evidence.why_of(np.array([place]), suggested=suggested, names=names)[0]


def _fix(action: int, suggested: str) -> str:
    if action == RELABEL:
        return f"Relabel to {suggested}."
    return "Drop the row." if action == DROP else f"Read the row; it may be {suggested}."


def overlap_detection(found: Mislabelled, train: Dataset) -> Detection:
    """Pairs of classes of which many rows carry the label of the other."""
    return overlap_of(found.errors.expected_joint, train.class_names)


def overlap_of(joint: ClassMatrix, names: Sequence[str]) -> Detection:
    """The same, from the expected rows by given label and true class."""
    overlaps = _overlaps(joint, names)
    findings = tuple(
        Finding(
            "L005",
            min(1.0, pair.share or 0.0),
            f"About {counted(round(pair.rows), 'row')} labelled '{pair.given}' "
            f"({percent(pair.share or 0.0)} of them) look like '{pair.true}'.",
            "Write down what tells the two classes apart, and look at the rows between them.",
            field=pair.given,
            given=pair.given,
            suggested=pair.true,
        )
        for pair in overlaps
        if pair.rows >= _LEAST_OVERLAP_ROWS and (pair.share or 0.0) >= _LEAST_OVERLAP_SHARE
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
    return facts_of(found.errors, train.class_names, rows=rows, flagged=flagged)


def facts_of(errors: LabelErrorEstimates, names: Sequence[str], *, rows: Labels, flagged: Labels) -> LabelFacts:
    """The same, from the rows of each class and those of them that are flagged."""
    k, n = len(names), max(int(rows.sum()), 1)
    joint = errors.expected_joint
    small = k <= _MOST_CLASSES_IN_MATRIX
    noise = Noise(
        share=errors.rate,
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
