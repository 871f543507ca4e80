"""The audit's own models, trained to tell labelled rows from unlabelled ones, out of sample."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from dechaff.core.progress import Progress
from dechaff.data.open_positives import OpenedPositives
from dechaff.methods.pu.binned_scores import bin_scores
from dechaff.methods.pu.diagnostics.score_diagnoses import model_learns
from dechaff.recipe.baseline.baseline import Baseline, baseline, no_baseline
from dechaff.recipe.explore.explore import STOPPED, Explored
from dechaff.recipe.tasks.positives.rows import shortened


def model_of_the_label(
    found: OpenedPositives,
    explored: Explored,
    *,
    model: Any = None,
    seed: int = 0,
    progress: Progress,
    threads: int = 1,
) -> Baseline:
    """p(s = 1 | x) of every row by models that have not seen it; none once Ctrl-C was pressed.

    Trusted where labelled rows surely score higher than others. What the audit asks of a model would be too much: a
    label that one positive in ten has is hard to predict, however well the classes are told apart.
    """
    train, together = found.train, explored.together
    if not any(detection.not_run.startswith(STOPPED) for detection in explored.detections):
        with suppress(KeyboardInterrupt):
            base = baseline(train, together=together, model=model, seed=seed, progress=progress, threads=threads)
            return _judged(found, base)
    return no_baseline(train, together=together, reason=STOPPED)


def _judged(found: OpenedPositives, base: Baseline) -> Baseline:
    told = model_learns(bin_scores(base.pooled[:, found.positive_code].clip(0.0, 1.0), found.labelled))
    if not told.wrong:
        return replace(base, trusted=True, reason="")
    reason = (
        f"No model can tell rows labelled '{shortened(found.positive)}' from the others: a labelled row scores higher "
        f"in {told.figure:.0%} of all pairs, which may be chance. Either the columns say nothing about the label, or "
        "too few rows are labelled."
    )
    return replace(base, trusted=False, reason=reason)
