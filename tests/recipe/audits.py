"""One small audit that several tests look at, made once."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from dechaff.data.dataset import Opened
from dechaff.data.open import open_data
from dechaff.recipe.audit import Audited, audit_data
from dechaff.recipe.outcome.run_writer import AuditOutcome, write_audit
from dechaff.recipe.passes.request import AuditSettings
from dechaff.recipe.tasks.classification import ClassificationTask
from dechaff.records.decisions import Event
from dechaff.records.policies import BOLD, Policy
from dechaff.records.run import Run, begin_run

N = 200
WRONG = (4, 50, 120)
WEB = np.arange(N) % 5 == 0


def clouds(*, web: bool = True) -> pl.DataFrame:
    """Two clouds; labels are swapped where the source is 'web', and in three other rows; two rows are copies."""
    rng = np.random.default_rng(0)
    true = (np.arange(N) // 2) % 2
    x, y = rng.normal(size=N).round(6) + 6 * true, rng.normal(size=N).round(6)
    given = np.where(WEB & web, 1 - true, true)
    for row in WRONG:
        given[row] = 1 - true[row]
    source = np.where(WEB, "web", np.array(["shop", "phone", "letter"])[np.arange(N) % 3])
    for values in (x, y):
        values[198], values[199] = values[194], values[194]
    source[[194, 198, 199]] = "shop"
    given[[194, 198, 199]] = true[194]
    return pl.DataFrame({"x": x, "y": y, "source": source, "label": np.array(["low", "top"])[given].tolist()})


def opened(**reading: object) -> Opened:
    return open_data(clouds(), label="label", **reading)  # type: ignore[arg-type]


@cache
def audited(policy: Policy = BOLD) -> Audited:
    """The audit of the clouds under a policy."""
    return audit_of(opened(categorical=("source",)), policy=policy)


def audit_of(data: Opened, **settings: object) -> Audited:
    """The audit of some data with class labels."""
    return audit_data(data, ClassificationTask(), AuditSettings(**settings))  # type: ignore[arg-type]


def run_of(outcome: AuditOutcome, **options: object) -> Run:
    """The run folder of an audit."""
    folder = Path(tempfile.mkdtemp())
    begin_run(folder)
    return write_audit(outcome, folder, folder / "passes", options=options, command="dechaff audit x", version="9")


def events_of(audited: Audited) -> list[Event]:
    """The decisions of an audit, as events."""
    return run_of(audited.outcome()).events()
