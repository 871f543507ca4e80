from __future__ import annotations

import json
from functools import cache

import numpy as np

from dechaff.recipe.outcome.content import Command
from dechaff.recipe.tasks.positives.facts import TITLES
from dechaff.records.options import PUOptions
from dechaff.records.run import json_bytes
from tests.recipe.audits import run_of
from tests.recipe.tasks.positives.positives import N, audited, judged

COMMAND = Command("pu", "a.csv", PUOptions(label="s", positive="yes"))


@cache
def _run():
    return run_of(audited().outcome())


def test_the_figures_are_plain_and_complete():
    facts = json.loads(json_bytes(_run().metrics))["positives"]
    assert (facts["positive"], facts["other"], facts["scheme"]) == ("yes", "unlabelled", "single-training-set")
    assert facts["labelled"] + facts["unlabelled"] == N
    assert facts["c_low"] < facts["c"] < facts["c_high"]
    assert facts["hidden_low"] < facts["hidden"] < facts["hidden_high"]
    assert [one["name"] for one in facts["estimates"] if one["used"]] == ["consensus"]


def test_every_estimate_has_a_title():
    assert [one.name for one in judged()[0].estimates] == list(TITLES)


def test_the_command_says_what_was_positive():
    assert COMMAND.line() == (
        "dechaff pu a.csv --label s --positive yes --scheme single-training-set --policy conservative --seed 0"
    )


def test_a_row_without_a_label_is_not_called_likely_to_be_unlabelled():
    examples = _run().examples["P001"]
    assert {name for one in examples for name, _ in one.probs} == {"yes", "not yes"}
    assert {one.given for one in examples} == {"unlabelled"}


def test_scores_of_labelled_and_unlabelled_rows_stand_apart():
    scores = _run().scores
    labelled = audited().improved.arrays["labelled"]
    assert not scores["P001"].to_numpy()[labelled].any()
    assert not scores["P002"].to_numpy()[~labelled].any()
    assert np.array_equal(np.load(_run().folder / "probs.npz")["labelled"], labelled)
