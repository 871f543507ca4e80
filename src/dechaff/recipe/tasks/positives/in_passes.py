"""Labelled positives and unlabelled rows, out of core: the findings about every row, from its label probability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.data.dataset import Dataset, Opened
from dechaff.data.open_positives import OpenedPositives
from dechaff.estimators.pu.estimates import pu_estimates
from dechaff.methods.pu.class_prior.plateau import Plateau, fit_plateau
from dechaff.methods.pu.diagnostics.score_diagnoses import wrong_positives
from dechaff.methods.pu.scheme import Scheme
from dechaff.methods.pu.weighted_unlabelled import weights_from_positive_probs
from dechaff.models.single_threaded import single_threaded
from dechaff.recipe.baseline.prob_parts import Part
from dechaff.recipe.explore.copies import some_rows, whole_groups
from dechaff.recipe.explore.equal import Equal
from dechaff.recipe.explore.explore import STOPPED, explore
from dechaff.recipe.improve.slices import Slices
from dechaff.recipe.outcome.row_results import RowResults
from dechaff.recipe.outcome.row_store import RowColumn
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.recipe.passes.request import AuditRequest
from dechaff.recipe.passes.sample_fit import SampleFit, sample_fit_of
from dechaff.recipe.tasks.positives.audit import ABOUT_CLASSES
from dechaff.recipe.tasks.positives.diagnosed import diagnosed
from dechaff.recipe.tasks.positives.judged import USED, Judged
from dechaff.recipe.tasks.positives.label_grid import grid_places, label_grid
from dechaff.recipe.tasks.positives.label_model import model_of_the_label
from dechaff.recipe.tasks.positives.rows import (
    Doubted,
    PositiveEstimates,
    detection,
    probably_not_positive,
    probably_positive,
    proposal,
)


@dataclass(frozen=True)
class Positives:
    """The two names: of labelled positives, and of all other rows."""

    positive: str
    other: str
    scheme: Scheme

    def opened(self, rows: Dataset) -> OpenedPositives:
        """Some rows as labelled positives and unlabelled ones."""
        return OpenedPositives(Opened(rows, None), self.positive, self.other)


def look_at_positives(read_plan: ReadPlan, request: AuditRequest, names: Positives) -> SampleFit:
    """The sample, looked at and used to choose the model of the label."""
    request.progress(f"audit of a sample of {len(read_plan.sample):,} rows", 0, 0)
    found = names.opened(read_plan.sample)
    explored = explore(read_plan.sample, None, seed=request.seed, progress=request.progress)
    base = model_of_the_label(
        found, explored, model=request.model, seed=request.seed, progress=request.progress, threads=request.threads
    )
    if any(one.not_run.startswith(STOPPED) for one in explored.detections) or base.reason == STOPPED:
        raise KeyboardInterrupt
    kept = [one for one in explored.detections if one.code not in ABOUT_CLASSES]
    nothing = Slices((), base.pooled, np.ones(len(read_plan.sample), dtype=bool), 0)
    return sample_fit_of(read_plan.sample, kept, base, nothing, seed=request.seed)


@dataclass(frozen=True)
class PositivesJudged:
    """What is known of all rows together, and how each is judged by its chance of the label."""

    judged: Judged
    as_labelled: Plateau
    as_positive: Plateau
    doubt: npt.NDArray[np.float64]
    """Chance that a labelled row is negative, by place on the grid."""


def estimate_positives(context: AuditContext, names: Positives) -> PositivesJudged:
    """Everything that follows from the chance of a label in all rows.

    What may be wrong is asked of the sample, whose columns are at hand.
    """
    sample, seed = context.read_plan.sample, context.request.seed
    code = names.opened(sample).positive_code
    grid = label_grid(context.parts, code)
    n_labelled, n = int(grid.labelled.sum()), int(grid.labelled.sum() + grid.unlabelled.sum())
    of_sample = context.parts.of(sample.positions)[:, code].clip(0.0, 1.0)
    with single_threaded():
        binned = grid.binned()
        estimates = pu_estimates(binned, scheme=names.scheme, used=USED, n_bootstraps=200, seed=seed)
        c = min(max(estimates[USED].c, n_labelled / n), 1.0)
        errors, doubt = grid.errors(seed=seed)
        as_labelled = as_positive = fit_plateau(binned)
        if wrong_positives(errors).wrong:
            as_positive = fit_plateau(grid.sound(doubt))
        folds = np.asarray(context.store.open("fold")[sample.positions], dtype=np.int64)
        doubts = diagnosed(sample, of_sample, sample.codes == code, folds, model=context.request.model, seed=seed)
    nothing, none = np.zeros(0), np.zeros(0, dtype=np.bool_)
    read_plan = replace(errors, score=nothing)
    judged = Judged(none, nothing, binned, names.scheme, c, nothing, nothing, estimates, read_plan, doubts)
    return PositivesJudged(judged, as_labelled, as_positive, doubt)


def write_positive_findings(
    context: AuditContext, names: Positives, read_plan: PositivesJudged, equal: Equal, results: RowResults
) -> None:
    """P001 and P002 of all rows, part by part."""
    for code in ("P001", "P002"):
        results.begin(code, proposes=True)
    copies = labelled_copies_of(context, names, equal)
    code_of = names.opened(context.read_plan.sample).positive_code
    for part in context.parts_with_progress("positives, one by one"):
        label_probs = part.probs[:, code_of].clip(0.0, 1.0)
        positive_probs = read_plan.as_positive.positive_probs(label_probs)
        chances = weights_from_positive_probs(positive_probs, read_plan.judged.c)
        like = np.where(part.codes == code_of, read_plan.as_labelled.positive_probs(label_probs), positive_probs)
        of_rows = (chances, read_plan.judged.c * like, read_plan.doubt[grid_places(label_probs)])
        _say_part(context, names, read_plan.judged, part, of_rows, copies, results)


def _say_part(
    context: AuditContext,
    names: Positives,
    judged: Judged,
    part: Part,
    of_rows: tuple[npt.NDArray[np.float64], ...],
    copies: RowColumn,
    results: RowResults,
) -> None:
    """The rows of one part, and below them the labelled copies that are named."""
    chances, shares, doubt = of_rows
    n, partner = len(part.rows), np.asarray(copies[part.rows])
    of = np.flatnonzero(partner >= 0)
    rows = np.concatenate([part.rows, partner[of]])
    found = names.opened(some_rows(context.read_plan, context.seen, rows))
    beside = {int(row): n + place for place, row in enumerate(of.tolist())}
    chances, shares, doubt = (np.concatenate([one, np.zeros(len(of))]) for one in (chances, shares, doubt))
    estimates = PositiveEstimates(found, shares, judged.c, beside)
    policy, own = context.request.policy, np.arange(n)
    doubted = (
        (
            probably_positive(found, chances, beside, error_rate=judged.errors.rate),
            found.positive_code,
            judged.reliable,
        ),
        (probably_not_positive(found, doubt), 1 - found.positive_code, judged.errors_are_sure),
    )
    for one, new_code, sure in doubted:
        mine = Doubted(one.code, one.rows[one.rows < n], one.score)
        said = proposal(mine, new_code, policy, reliable=sure)
        outcome = detection(mine, said, estimates)
        assert outcome.score is not None
        assert outcome.flag is not None
        results.add(replace(outcome, score=outcome.score[own], flag=outcome.flag[own]), part.rows, context.ids.name)
        results.propose(said, part.rows)


def labelled_copies_of(context: AuditContext, names: Positives, equal: Equal) -> RowColumn:
    """For each unlabelled row, the first labelled row of the same input, -1 for none."""
    found = context.store.make("labelled-copy", np.int64, -1)
    code = names.opened(context.read_plan.sample).positive_code
    for rows in whole_groups(equal):
        groups = np.asarray(equal.groups[rows])
        labelled = np.asarray(context.seen.codes[rows]) == code
        numbers, first = np.unique(groups[labelled], return_index=True)
        if not len(numbers):
            continue
        place = np.minimum(np.searchsorted(numbers, groups), len(numbers) - 1)
        has = (numbers[place] == groups) & ~labelled
        found[rows[has]] = rows[labelled][first][place[has]]
    return found


def positive_counts(read_plan: ReadPlan, names: Positives) -> Mapping[str, Any]:
    """How many rows are labelled, and how many are not."""
    code = names.opened(read_plan.sample).positive_code
    n_labelled = int(read_plan.class_counts[code])
    return {"labelled": n_labelled, "unlabelled": read_plan.n_rows - read_plan.n_test - n_labelled}
