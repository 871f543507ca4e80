"""Models that do not see the columns a slice is about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dechaff.models.choose import candidate_models
from dechaff.recipe.improve.masked_columns import MaskedColumns, is_linear
from tests.recipe.audits import audited


def masked(**changes):
    seen = audited()
    return MaskedColumns(replace(seen.train, **changes), seen.base, seed=0), seen.base


def test_the_source_is_hidden_and_other_columns_only_where_asked():
    cover, base = masked()
    bound = cover.bound(base.model)
    assert bound is not base.fit_predict
    assert cover.bound(base.model, ("source",)) is bound
    assert cover.bound(base.model, ("x",)) is not bound


def test_what_was_bound_once_is_not_bound_again():
    cover, base = masked()
    assert cover.bound(base.model, ("x", "y")) is cover.bound(base.model, ("y", "x"))


def test_a_model_that_reads_given_features_stays_the_baseline():
    cover, base = masked(features=np.zeros((200, 2)))
    assert cover.bound(base.model, ("source",)) is base.fit_predict


def test_without_a_model_the_baseline_answers():
    cover, base = masked()
    assert cover.bound(None) is base.fit_predict


def test_logistic_regressions_are_linear_and_trees_are_not():
    linear, boosted, *_ = candidate_models(audited().train.table)
    assert is_linear(linear)
    assert not is_linear(boosted)
    assert not is_linear(None)
