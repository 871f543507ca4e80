"""Out-of-sample probabilities for every row from models that saw only some."""

from __future__ import annotations

import numpy as np

from dechaff.methods.noisy_slices.slice_models import trained_on
from tests.methods.noisy_slices.made import rows, sound


def shares(fit_rows, fit_codes, predict_rows):
    """A model that says the class shares of what it was fitted on."""
    found = np.bincount(fit_codes, minlength=2) / max(len(fit_codes), 1)
    return np.tile(found, (len(predict_rows), 1))


def asked(learned, labels=None):
    """Which rows were fitted on when each row was predicted."""
    made = rows(len(learned), 2, sound, np.zeros(len(learned), bool))
    seen = {row: set() for row in range(len(learned))}

    def spy(fit_rows, fit_codes, predict_rows):
        for row in predict_rows:
            seen[int(row)] |= set(fit_rows.tolist())
        return made.probs[predict_rows]

    trained_on(made.models(), learned, spy)
    return seen


def test_no_row_is_predicted_by_a_model_that_saw_it_or_a_row_outside_those_learnt():
    learned = np.arange(12) % 4 != 0
    for row, fitted in asked(learned).items():
        assert row not in fitted
        assert fitted <= set(np.flatnonzero(learned).tolist())


def test_rows_that_are_not_learnt_get_the_mean_over_all_folds():
    made = rows(9, 2, sound, np.zeros(9, bool))
    learned = np.arange(9) < 6
    probs = trained_on(made.models(), learned, shares)
    means = [np.bincount(made.labels[learned & (np.arange(9) % 3 != f)], minlength=2) / 4 for f in range(3)]
    assert np.allclose(probs[6:], np.mean(means, axis=0))
    assert np.allclose(probs.sum(axis=1), 1)
