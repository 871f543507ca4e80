"""What the audit of the sample settles for all rows, as plain values that a stopped run keeps."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dechaff.data.dataset import Dataset
from dechaff.methods.cells.placeholders import Placeholder
from dechaff.methods.duplicates.chance_repeats import chance_repeats
from dechaff.methods.noisy_slices.examine_slice import NoisySlice
from dechaff.recipe.explore.cell_rules import rules_as_json
from dechaff.recipe.explore.cells import artefacts_of
from dechaff.recipe.explore.view import View
from dechaff.recipe.improve.failing import find_failing
from dechaff.recipe.improve.improve import Fitted
from dechaff.recipe.improve.mislabelled import find_mislabelled
from dechaff.records.failing import FailingPart
from dechaff.records.findings import Detection, Finding
from dechaff.records.metrics import BaselineFacts
from dechaff.records.wrong_cells import WrongCells

OF_COLUMNS = ("F001", "F002", "F003", "F004", "F007")
"""Checks of columns: their results on the sample are final, but a constant column is checked in every row."""


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
    slices: list[NoisySlice]
    """Without rows: the condition, and how labels go wrong where it holds."""
    n_tested: int
    cell_rules: str
    """What holds in nearly all rows of the sample, as JSON."""
    cells: list[Finding]
    """The cells of the sample that contradict the rest of it, by the places of its rows."""
    wrong_cells: tuple[WrongCells, ...]
    """The columns of the sample with such cells."""
    failing: tuple[FailingPart, ...]
    """Parts of the sample in which the model fails."""


def sample_fit_of(fitted: Fitted, *, seed: int, judged: bool) -> SampleFit:
    """What is known of the sample once it is audited, up to the labels; `judged` says whether those name classes."""
    sample, detections, base, slices = fitted.train, fitted.explored.detections, fitted.base, fitted.slices
    view = View(sample, None, seed)
    found = [finding for one in detections if one.code in OF_COLUMNS for finding in one.findings]
    not_run = {one.code: one.not_run for one in detections if one.not_run}
    not_run |= {"L002": slices.not_run} if slices.not_run else {}
    failing, parts = _failing(fitted, seed) if judged and base.trusted else (Detection("S001"), ())
    found += [_in_source(one, sample) for one in failing.findings]
    not_run |= {"S001": failing.not_run} if failing.not_run else {}
    return SampleFit(
        rows=len(sample),
        findings=found,
        not_run=not_run,
        identifiers=list(view.identifiers),
        placeholders=view.placeholders,
        everywhere={name: dict(found.everywhere) for name, found in artefacts_of(sample).items()},
        chance_pairs=_chance_pairs(view),
        coincides=view.coincides,
        base=base.facts,
        notes=base.notes,
        slices=[
            replace(one, rows=one.rows[:0], found=replace(one.found, posterior=one.found.posterior[:0]))
            for one in slices.found
        ],
        n_tested=slices.n_tested,
        cell_rules=rules_as_json(fitted.explored.cell_rules, sample),
        cells=[finding for one in detections if one.code == "C001" for finding in one.findings],
        wrong_cells=fitted.explored.wrong_cells,
        failing=parts,
    )


def _failing(fitted: Fitted, seed: int) -> tuple[Detection, tuple[FailingPart, ...]]:
    train, slices = fitted.train, fitted.slices
    judged = find_mislabelled(train, slices.probs, among=slices.outside & ~fitted.explored.unread)
    return find_failing(train, fitted.base, judged, seed=seed)


def _in_source(finding: Finding, sample: Dataset) -> Finding:
    """The same with the number of its row in the source."""
    return finding if finding.row is None else replace(finding, row=int(sample.positions[finding.row]))


def _chance_pairs(view: View) -> float:
    """As `chance_repeats` computes them; one copy is injected if there is none, for it returns early otherwise."""
    coded, n = [codes[~view.blank] for codes in view.coded], int((~view.blank).sum())
    if len(coded) < 2 or n < 2:
        return 0.0
    if view.repeats.observed:
        return view.repeats.expected
    return chance_repeats([np.append(codes, codes[0]) for codes in coded], n + 1).expected
