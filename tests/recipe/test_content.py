"""Everything that goes into a run folder but the report."""

from __future__ import annotations

import numpy as np

from dechaff.recipe.content import command_line, environment, outcome_of
from tests.recipe.audits import N, audited, run_of


def test_a_run_holds_one_line_a_row_and_no_times_but_those_of_the_options():
    seen = audited()
    run = run_of(outcome_of(seen), source="x.csv", started="now")
    assert run.scores.height == N
    assert np.load(run.folder / "probs.npz")["pred_probs"].shape == (N, 2)
    assert run.findings.height == sum(len(one.findings) for one in seen.detections)
    assert "now" not in (run.folder / "metrics.json").read_text()
    assert run.options["started"] == "now"
    assert environment("9")["dechaff"] == "9"


def test_the_command_repeats_an_option_for_each_of_its_values():
    said = command_line("audit", {"source": "a b.csv", "label": "it's", "drop": ["p", "q"], "out": "away"})
    assert said == "dechaff audit 'a b.csv' --label 'it'\"'\"'s' --drop p --drop q"
