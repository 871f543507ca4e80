"""One small audit of labelled positives that several tests look at, made once."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from dechaff.data.open_positives import OpenedPositives, open_positives
from dechaff.recipe.audit import Audited, audit_data
from dechaff.recipe.passes.request import AuditSettings
from dechaff.recipe.tasks.positives.judged import Judged, LabelProbs, RowChances, judge
from dechaff.recipe.tasks.positives.task import PUTask

N = 400
POSITIVES = PUTask("yes")


def truth() -> np.ndarray:
    """Which rows are positive."""
    return np.asarray(np.random.default_rng(1).random(N) < 0.5)


def columns() -> dict[str, Any]:
    """Two clouds; half of the positives are labelled. Rows 0 and 1, and 2 and 3, are copies; 0 and 2 are labelled."""
    random = np.random.default_rng(2)
    y = truth()
    y[:4] = True
    labelled = y & (random.random(N) < 0.5)
    labelled[:4] = [True, False, True, True]
    x = (random.normal(size=N) + 5 * y).round(4)
    z = random.normal(size=N).round(4)
    x[1], z[1], x[3], z[3] = x[0], z[0], x[2], z[2]
    return {"x": x.tolist(), "z": z.tolist(), "s": ["yes" if one else None for one in labelled]}


def opened() -> OpenedPositives:
    return open_positives(columns(), label="s")


@cache
def audited() -> Audited:
    """Judged by a logistic regression, under the conservative policy."""
    return audit_of(opened())


def audit_of(found: OpenedPositives, **settings: Any) -> Audited:
    return audit_data(found.opened, POSITIVES, AuditSettings(model=LogisticRegression(), **settings))


@cache
def judged() -> tuple[Judged, RowChances]:
    """What is known of all rows of the audit together, and of each."""
    return judged_in(audited())


def judged_in(seen: Audited) -> tuple[Judged, RowChances]:
    found = POSITIVES.named(seen.train)
    probs = seen.base.pooled[:, found.positive_code].clip(0.0, 1.0)
    of_rows = (probs, found.labelled, seen.base.folds)
    whole = judge(LabelProbs.of(probs, found.labelled), seen.train, of_rows, scheme=POSITIVES.scheme)
    return whole, whole.rows(probs, found.labelled)
