"""Everything that goes into a run folder but the report."""

from __future__ import annotations

import numpy as np

from dechaff.recipe.outcome.content import Command
from dechaff.records.options import AuditOptions
from dechaff.records.policies import Policy
from tests.recipe.audits import N, audited, run_of


def test_a_run_holds_one_line_a_row_and_no_times_but_those_of_the_options():
    seen = audited()
    run = run_of(seen.outcome(), source="x.csv", started="now")
    assert run.scores.height == N
    assert np.load(run.folder / "probs.npz")["pred_probs"].shape == (N, 2)
    assert run.findings.height == sum(len(one.findings) for one in seen.detections)
    assert "now" not in (run.folder / "metrics.json").read_text()
    assert run.options["started"] == "now"


def test_the_command_repeats_an_option_for_each_of_its_values():
    options = AuditOptions(label="it's", drop=["p", "q"], out="away")
    said = Command("audit", "a b.csv", options).line()
    assert said == "dechaff audit 'a b.csv' --label 'it'\"'\"'s' --drop p --drop q --policy conservative --seed 0"


def test_a_policy_with_its_own_bounds_is_written_down_and_has_no_flag():
    options = AuditOptions(label="y", policy=Policy("mine", relabel_above=0.99, drop_above=0.9))
    command = Command("audit", "a.csv", options)
    assert command.line() == "dechaff audit a.csv --label y --seed 0"
    bounds = {"name": "mine", "relabel_above": 0.99, "drop_above": 0.9, "acts": True, "proved": False}
    assert command.written()["policy"] == bounds
