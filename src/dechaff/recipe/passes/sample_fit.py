"""What the audit of the sample settles for all rows, as plain values that a stopped run keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dechaff.data.dataset import Dataset
from dechaff.methods.cells.placeholders import Placeholder
from dechaff.methods.duplicates.chance_repeats import chance_repeats
from dechaff.methods.noisy_slices.condition import Condition
from dechaff.models.choose import candidate_models
from dechaff.models.estimator import as_model
from dechaff.models.model import Model
from dechaff.recipe.baseline.baseline import Baseline
from dechaff.recipe.explore.cells import artefacts_of, placeholders_of
from dechaff.recipe.explore.view import View
from dechaff.recipe.improve.slices import Slices
from dechaff.records.findings import Detection, Finding
from dechaff.records.metrics import BaselineFacts

OF_COLUMNS = ("F001", "F002", "F003")
"""Checks of columns: what the sample says of them stands, but that a constant column is looked at in every row."""


@dataclass(frozen=True)
class SliceRule:
    """A noisy slice: its condition, and how labels go wrong where it holds."""

    condition: Condition
    transition: list[list[float]]
    nature: str
    action: str
    agreement_inside: float
    expected_inside: float
    agreement_outside: float
    agreement_within: float
    z: float
    p_value: float


@dataclass(frozen=True)
class SampleFit:
    """Findings about columns, and the rules by which every row is looked at."""

    rows: int
    findings: list[Finding]
    not_run: dict[str, str]
    identifiers: list[str]
    placeholders: list[tuple[str, Placeholder]]
    everywhere: dict[str, dict[int, float]]
    chance_pairs: float
    """Equal pairs of rows of the sample that chance explains."""
    coincides: str
    """Whether equal cells of a single column are to be expected: "yes", "no", or "short" for texts of a word or two."""
    base: BaselineFacts
    """The model that judges the rows, chosen on the sample, and whether it may."""
    notes: tuple[str, ...]
    slices: list[SliceRule]
    n_tested: int


def sample_fit_of(
    sample: Dataset, detections: Sequence[Detection], base: Baseline, slices: Slices, *, seed: int
) -> SampleFit:
    """The outcome of an audit of the sample.

    Parameters
    ----------
    sample : the rows.
    detections : what was found in them.
    base : the models that were compared.
    slices : the noisy parts.
    seed : of the checks.
    """
    view = View(sample, None, seed)
    by_code = {one.code: one for one in detections}
    found = [finding for code in OF_COLUMNS if code in by_code for finding in by_code[code].findings]
    not_run = {one.code: one.not_run for one in detections if one.not_run}
    not_run |= {"L002": slices.not_run} if slices.not_run else {}
    return SampleFit(
        rows=len(sample),
        findings=found,
        not_run=not_run,
        identifiers=list(view.identifiers),
        placeholders=placeholders_of(sample.table.columns),
        everywhere={name: dict(found.everywhere) for name, found in artefacts_of(sample).items()},
        chance_pairs=_chance_pairs(view),
        coincides=view.coincides,
        base=base.facts,
        notes=base.notes,
        slices=[_rule(one) for one in slices.found],
        n_tested=slices.n_tested,
    )


def judging_model(sample: Dataset, sample_fit: SampleFit, model: Any) -> Model:
    """The model that was chosen, to be trained again."""
    if model is not None:
        return as_model(model)
    models = candidate_models(sample.table, sample.features, n_classes=len(sample.class_names))
    return next((one for one in models if one.name == sample_fit.base.name), models[0])


def _rule(one: Any) -> SliceRule:
    return SliceRule(
        one.condition,
        one.found.transition.tolist(),
        one.found.nature,
        one.action,
        float(one.agreement_inside),
        float(one.expected_inside),
        float(one.agreement_outside),
        float(one.agreement_within),
        float(one.z),
        float(one.p_value),
    )


def _chance_pairs(view: View) -> float:
    """As `chance_repeats` computes them; one copy is injected if there is none, for it returns early otherwise."""
    coded, n = [codes[~view.blank] for codes in view.coded], int((~view.blank).sum())
    if len(coded) < 2 or n < 2:
        return 0.0
    if view.repeats.observed:
        return view.repeats.expected
    return chance_repeats([np.append(codes, codes[0]) for codes in coded], n + 1).expected
