from __future__ import annotations

from dataclasses import replace

import numpy as np

from dechaff.data.open import open_data
from dechaff.recipe.active.learnt import learnt


def test_rows_that_are_set_apart_are_predicted_and_not_learnt_from() -> None:
    rng = np.random.default_rng(0)
    rows, pool = rng.normal(size=(80, 2)), rng.normal(size=(30, 2))
    labelled = open_data(rows, label=(rows[:, 0] > 0).astype(int)).train
    apart = np.arange(80) % 8 == 0
    wrong = replace(labelled, codes=np.where(apart, 1 - labelled.codes, labelled.codes))
    data = open_data(pool, label=np.zeros(30, dtype=int), classes=(0, 1)).train
    one, other = (learnt(some, data, apart=apart, seed=0, threads=1) for some in (labelled, wrong))
    assert one.probs is not None
    assert one.out_of_fold is not None
    np.testing.assert_array_equal(one.probs, other.probs)
    np.testing.assert_array_equal(one.out_of_fold, other.out_of_fold)
    assert (one.out_of_fold[apart].argmax(axis=1) == labelled.codes[apart]).mean() >= 0.8
    without = learnt(labelled.take(~apart), data, seed=0, threads=1)
    np.testing.assert_array_equal(one.probs, without.probs)
    np.testing.assert_array_equal(one.out_of_fold[~apart], without.out_of_fold)
