from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from dechaff.methods.pu.diagnostics.missing_structure import NAME as STRUCTURE
from dechaff.methods.pu.diagnostics.score_diagnoses import Diagnosis
from dechaff.models.single_threaded import single_threaded
from dechaff.recipe.tasks.positives.diagnosed import ERRORS, UNDERMINES, diagnosed, features_of
from tests.recipe.made import column, made
from tests.recipe.tasks.positives.positives import judged, opened


def test_every_doubt_that_keeps_labels_as_they_are_is_one_that_is_looked_for():
    names = [one.name for one in judged()[0].diagnoses]
    assert UNDERMINES.issubset(names)
    assert ERRORS in names
    assert len(names) == len(set(names))


def test_columns_become_numbers_with_names():
    data = made(
        [
            column("age", [1, None, 3]),
            column("shop", ["a", "b", "a"], "categorical"),
            column("review", ["", "four", "six by"]),
        ],
        ["yes", "no", "no"],
    )
    found = dict(features_of(data))
    assert list(found) == ["age", "shop = a", "shop = b", "length of review"]
    assert np.isnan(found["age"][1])
    assert found["shop = a"].tolist() == [1, 0, 1]
    assert found["length of review"].tolist() == [0, 4, 6]


def test_given_features_take_the_place_of_columns():
    data = made([column("age", [1, 2])], ["yes", "no"], features=np.eye(2))
    assert [name for name, _ in features_of(data)] == ["feature 0", "feature 1"]
    assert features_of(made([], ["yes", "no"])) == []


@pytest.mark.slow
def test_a_model_that_is_too_stiff_is_held_against_trees():
    random = np.random.default_rng(0)
    x = random.normal(size=400)
    labelled = (np.abs(x) < 0.7) & (random.random(400) < 0.5)
    data, folds = made([column("x", x.tolist())], ["yes"] * 400), np.arange(400) % 5
    stiff = np.full(400, labelled.mean()) + random.normal(size=400) / 1000
    with single_threaded():
        found = {one.name: one for one in diagnosed(data, stiff, labelled, folds, model=LogisticRegression())}
        assert STRUCTURE not in {one.name for one in diagnosed(data, stiff, labelled, folds)}
    assert found[STRUCTURE].wrong


def test_labelling_that_follows_a_column_is_named():
    data, random = opened(), np.random.default_rng(0)
    z = data.train.table["z"].values
    positive = data.train.table["x"].values > 2.5
    labelled = positive & (random.random(len(z)) < 1 / (1 + np.exp(-3 * z)))
    folds = np.arange(len(z)) % 5
    with single_threaded():
        found = {one.name: one for one in diagnosed(data.train, np.where(positive, 0.5, 0.01), labelled, folds)}
    assert found["selection not at random"].wrong
    assert '"z"' in found["selection not at random"].message


@pytest.mark.parametrize("name", sorted(UNDERMINES))
def test_chances_in_doubt_are_not_relied_on(name: str):
    doubtful = replace(judged()[0], diagnoses=(Diagnosis(name, True, 1.0, "It is."), Diagnosis(ERRORS, True, 0.1, "")))
    assert not doubtful.reliable
    assert not doubtful.errors_are_sure


def test_errors_alone_leave_the_chances_as_good_as_they_are():
    found = replace(judged()[0], diagnoses=(Diagnosis(ERRORS, True, 0.1, "Some are wrong."),))
    assert found.reliable
    assert found.errors_are_sure
    assert not replace(judged()[0], diagnoses=()).errors_are_sure
