"""F006 and S002 among any number of rows: the sample is compared with as many test rows, and within itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.core.row_hash import mixed
from dechaff.data.dataset import Dataset, Opened
from dechaff.data.splits import DRAWN
from dechaff.recipe.explore.content_hashes import data_hashes, in_content_order
from dechaff.recipe.explore.drift import column_findings, differing, sample_findings
from dechaff.recipe.explore.look import sealed_parts
from dechaff.recipe.explore.view import View
from dechaff.recipe.passes.context import AuditContext
from dechaff.records.drift import Drift
from dechaff.records.findings import Finding


@dataclass(frozen=True)
class DriftOutcome:
    """How samples differ, or why they could not be compared."""

    drift: tuple[Drift, ...] = ()
    not_run: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Those of columns, then those of rows."""
        return (*column_findings(self.drift), *sample_findings(self.drift))


def compare_samples(context: AuditContext) -> DriftOutcome:
    """How the samples differ that the data consist of."""
    sample, seed = context.read_plan.sample, context.request.seed
    try:
        return DriftOutcome(differing(View(*_opened(sample, _some_test_rows(context)), seed).drift))
    except Exception as error:  # the other checks stand, and the reason goes into the report
        return DriftOutcome(not_run=f"{type(error).__name__}: {error}")


def _opened(sample: Dataset, test: Dataset | None) -> tuple[Dataset, Dataset | None]:
    opened = in_content_order(Opened(sample, test))
    return opened.train, opened.test


def _some_test_rows(context: AuditContext) -> Dataset | None:
    """About as many test rows as the sample has rows, drawn by their content; None if they were drawn from the data."""
    read_plan, tested = context.read_plan, context.request.tested
    n_test = read_plan.n_test + (0 if tested is None else tested.n_rows)
    if not n_test or any(one.flag == DRAWN for one in read_plan.sample.assumptions):
        return None
    most = np.uint64(int(min(1.0, len(read_plan.sample) / n_test) * (2**64 - 1)))
    parts = [rows.take(mixed(data_hashes(rows)) <= most) for rows in sealed_parts(context)]
    return Dataset.joined(parts)
