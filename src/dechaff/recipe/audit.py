"""The first three steps of the recipe on one data set: explore, baseline, improve."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from dechaff.core.progress import Progress, silent
from dechaff.data.dataset import Dataset, Opened
from dechaff.recipe.baseline.baseline import Baseline, baseline, no_baseline
from dechaff.recipe.explore.explore import STOPPED, Explored, explore
from dechaff.recipe.improve.improve import Improved, improve
from dechaff.records.codes import CODES
from dechaff.records.findings import Detection, RowNames
from dechaff.records.policies import CONSERVATIVE, Policy
from dechaff.typing import Texts


@dataclass(frozen=True)
class Audited:
    """Everything that an audit knows, in memory."""

    opened: Opened
    explored: Explored
    base: Baseline
    improved: Improved

    @property
    def train(self) -> Dataset:
        """The rows that were audited."""
        return self.opened.train

    @cached_property
    def detections(self) -> tuple[Detection, ...]:
        """What every detector had to say, in the order of the codes."""
        order = {code: place for place, code in enumerate(CODES)}
        return tuple(sorted(self.explored.detections + self.improved.detections, key=lambda d: order[d.code]))

    @cached_property
    def names(self) -> RowNames:
        """Ids, keys and given labels of the rows."""
        return RowNames(self.train.ids, self.train.keys, given_labels(self.train))


def audit_data(
    opened: Opened,
    *,
    policy: Policy = CONSERVATIVE,
    model: Any = None,
    seed: int = 0,
    threads: int = 1,
    progress: Progress = silent,
) -> Audited:
    """Explore the training rows, train a baseline on them out of sample, and decide about every row.

    The test rows, where there are any, are only compared with the training rows for copies.
    """
    train = opened.train
    explored = explore(train, opened.test, seed=seed, progress=progress)
    base = _baseline(train, explored, model, seed, progress, threads)
    improved = improve(train, base, explored, policy=policy, seed=seed, progress=progress, threads=threads)
    return Audited(opened, explored, improved.base, improved)


def _baseline(train: Dataset, explored: Explored, model: Any, seed: int, progress: Progress, threads: int) -> Baseline:
    """The baseline, or none once Ctrl-C was pressed: who stops an audit wants what is finished, at once."""
    together = explored.together
    if not any(detection.not_run.startswith(STOPPED) for detection in explored.detections):
        with suppress(KeyboardInterrupt):
            return baseline(train, together=together, model=model, seed=seed, progress=progress, threads=threads)
    return no_baseline(train, together=together, reason=STOPPED)


def given_labels(train: Dataset) -> Texts:
    """The given labels as class names; '' where the label is missing."""
    names = np.array([*train.class_names, ""], dtype=object)
    return np.asarray(names[train.codes], dtype=object)
