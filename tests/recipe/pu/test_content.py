from __future__ import annotations

import json

import numpy as np

from dechaff.recipe.pu.content import TITLES, positives_content
from dechaff.records.run import json_bytes
from tests.recipe.pu.positives import N, audited, judged

OPTIONS = {"source": "a.csv", "label": "s", "positive": "yes", "scheme": "single-training-set", "seed": 0}


def _content():
    return positives_content(audited(), options=OPTIONS, dechaff_version="9", verb="pu")


def test_the_figures_are_plain_and_complete():
    facts = json.loads(json_bytes(_content().metrics))["positives"]
    assert (facts["positive"], facts["other"], facts["scheme"]) == ("yes", "unlabelled", "single-training-set")
    assert facts["labelled"] + facts["unlabelled"] == N
    assert facts["c_low"] < facts["c"] < facts["c_high"]
    assert facts["hidden_low"] < facts["hidden"] < facts["hidden_high"]
    assert [one["name"] for one in facts["estimates"] if one["used"]] == ["consensus"]


def test_every_estimate_has_a_title():
    assert [one.name for one in judged().estimates] == list(TITLES)


def test_the_command_says_what_was_positive():
    assert _content().metrics.command == (
        "dechaff pu a.csv --label s --positive yes --scheme single-training-set --seed 0"
    )


def test_a_row_without_a_label_is_not_called_likely_to_be_unlabelled():
    examples = _content().examples["P001"]
    assert {name for one in examples for name, _ in one.probs} == {"yes", "not yes"}
    assert {one.given for one in examples} == {"unlabelled"}


def test_scores_of_labelled_and_unlabelled_rows_stand_apart():
    scores = _content().scores
    labelled = judged().labelled
    assert not scores["P001"].to_numpy()[labelled].any()
    assert not scores["P002"].to_numpy()[~labelled].any()
    assert np.array_equal(_content().arrays["labelled"], labelled)
