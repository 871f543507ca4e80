"""A baseline that a k-NN beats may do so only because of noisy slices: then it is judged again without them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dechaff.data.dataset import Dataset
from dechaff.models.baseline_guard import LEAST_INFORMATION
from dechaff.recipe.baseline.baseline import Baseline, baseline
from dechaff.recipe.explore.words import counted
from dechaff.recipe.improve.slices import Slices


def may_look_for_slices(base: Baseline) -> bool:
    """Whether the baseline tells at least more than the class shares do.

    Neighbours memorise that labels are swapped in one part of the data, which a linear model cannot; so
    lagging behind them alone does not say that the model is wrong.
    """
    return base.trusted or (base.model is not None and (base.metrics.information or 0.0) >= LEAST_INFORMATION)


def rechecked_without(slices: Slices, train: Dataset, base: Baseline, *, seed: int) -> Baseline:
    """The baseline, trusted as well where the same model can be trusted on the rows outside the slices."""
    if base.trusted or not slices.found or base.model is None:
        return base
    rest = np.flatnonzero(slices.outside)
    again = baseline(train.take(rest), together=base.groups[rest], model=base.model, seed=seed)
    if not again.trusted:
        return base
    note = f"The baseline lags behind nearest neighbours until {counted(int(slices.rows.sum()), 'row')} are left out."
    return replace(base, trusted=True, reason="", notes=(*base.notes, note))
