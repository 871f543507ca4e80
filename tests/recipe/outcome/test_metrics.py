"""The figures of an audit."""

from __future__ import annotations

import json

from tests.recipe.audits import N, audited, run_of


def figures():
    return json.loads((run_of(audited().outcome()).folder / "metrics.json").read_bytes())


def test_figures_are_plain_json_and_the_same_every_time():
    assert figures() == figures()


def test_the_data_set_is_described():
    data = figures()["dataset"]
    assert (data["rows"], data["test_rows"], data["label"]) == (N, 0, "label")
    assert data["classes"] == ["low", "top"]
    assert sum(data["class_counts"]) == N
    assert {one["name"]: one["kind"] for one in data["columns"]} == {
        "x": "numeric",
        "y": "numeric",
        "source": "categorical",
    }


def test_decisions_add_up_over_rows_and_codes():
    decided = figures()["decisions"]
    assert sum(decided[action] for action in ("keep", "drop", "relabel", "review")) == N
    by_code = decided["by_code"]
    assert sum(by_code["L002"].values()) == 40
    assert sum(count for one in by_code.values() for count in one.values()) == N - decided["keep"]


def test_every_check_is_listed_with_its_findings():
    checks = {one["code"]: one for one in figures()["checks"]}
    named = run_of(audited().outcome()).findings["code"].to_list()
    assert all(named.count(code) == check["findings"] for code, check in checks.items())
    assert {check["status"] for check in checks.values()} <= {"done", "not run"}


def test_histograms_count_every_row_once():
    for one in figures()["histograms"].values():
        assert sum(one["counts"]) == N
        assert all(flagged <= count for flagged, count in zip(one["flagged"], one["counts"], strict=True))


def test_a_slice_is_described_in_words_with_its_interval():
    one = figures()["slices"][0]
    assert one["condition"] == "source is 'web'"
    assert one["action"] == "relabel"
    assert 0 <= one["low"] <= one["noise_rate"] <= one["high"] <= 1
