"""Everything that goes into a run folder but the report."""

from __future__ import annotations

from dechaff.recipe.content import audit_content, command_line
from dechaff.records.run import json_bytes
from tests.recipe.audits import N, audited


def test_content_holds_one_line_a_row_and_no_times_but_those_of_the_options():
    seen = audited()
    options = {"source": "x.csv", "label": "label", "text": (), "started": "now", "policy": "bold"}
    content = audit_content(seen, options=options, dechaff_version="9", verb="audit")
    assert content.scores.height == N
    assert content.arrays["pred_probs"].shape == (N, 2)
    assert content.findings.height == len(seen.named)
    assert "now" not in json_bytes(content.metrics).decode()
    assert "text" not in content.options
    assert content.options["environment"]["dechaff"] == "9"


def test_the_command_repeats_an_option_for_each_of_its_values():
    said = command_line("audit", {"source": "a b.csv", "label": "it's", "drop": ["p", "q"], "out": "away"})
    assert said == "dechaff audit 'a b.csv' --label 'it'\"'\"'s' --drop p --drop q"
