"""S001: parts of the data in which the model fails, in an audit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

import dechaff
from dechaff.api import auditing

N = 600
RNG = np.random.default_rng(6)
SICK = RNG.random(N) < 0.5
KNOWN = RNG.random(N) > 0.25
TABLE = pl.DataFrame(
    {
        "id": [f"p{row}" for row in range(N)],
        "pulse": [round(x, 3) if known else None for x, known in zip(RNG.normal(4 * SICK, 1), KNOWN, strict=True)],
        "age": RNG.integers(18, 90, N),
        "label": np.where(SICK, "sick", "well"),
    }
)


@pytest.mark.parametrize("out_of_core_run", [False, True])
def test_the_audit_names_a_part_in_which_the_model_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out_of_core_run: bool
) -> None:
    if out_of_core_run:
        monkeypatch.setattr(auditing, "runs_out_of_core", lambda _: True)
    TABLE.write_csv(tmp_path / "rows.csv")
    done = dechaff.audit(
        tmp_path / "rows.csv",
        label="label",
        id="id",
        model=HistGradientBoostingClassifier(max_iter=20),
        out=tmp_path / "run",
    )
    part = done.metrics.failing[0]
    assert part.condition == "pulse is missing"
    assert part.rows == int((~KNOWN).sum())
    assert part.low > 0.25 > part.error_outside
    found = done.findings.filter(pl.col("code") == "S001")
    assert found["why"][0].startswith("If pulse is missing (")
    assert set(found["row"].drop_nulls()) - {""} == set(part.examples) <= set(TABLE["id"].filter(~pl.Series(KNOWN)))


def test_probabilities_that_fail_in_a_part_whose_labels_can_be_predicted_are_named() -> None:
    x, site = RNG.normal(2 * SICK, 1), RNG.choice(["a", "b", "c"], N)
    bad = (site == "b") & (RNG.random(N) < 0.6)
    probs = np.eye(2)[(SICK ^ bad ^ (RNG.random(N) < 0.03)).astype(int)] * 0.8 + 0.1
    table = {"x": x + 2 * SICK, "site": site, "label": np.where(SICK, "sick", "well")}
    done = dechaff.audit(table, label="label", probs=probs, classes=["well", "sick"])
    assert [one.condition for one in done.metrics.failing] == ["site is 'b'"]


def test_an_untrusted_model_fails_nowhere_and_that_is_said() -> None:
    table = {"x": RNG.normal(size=200), "label": RNG.choice(["a", "b"], 200)}
    done = dechaff.audit(table, label="label", model=LogisticRegression())
    assert {one.code: one.status for one in done.metrics.checks}["S001"] == "not run"
