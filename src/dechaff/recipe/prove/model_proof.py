"""Whether a model is better on sealed rows with the chosen features than with all columns as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from dechaff.data.dataset import Dataset
from dechaff.methods.proof.paired_interval import interval_of_one, paired_interval, shared_draws
from dechaff.models.model import Model
from dechaff.recipe.prove.inputs import prepare
from dechaff.recipe.prove.prove import LARGE_DATA, SEEDS_OF_LARGE_DATA, USUAL_SEEDS, as_estimate
from dechaff.recipe.prove.training import Scores, Trainings
from dechaff.recipe.prove.words import features_in_words
from dechaff.records.chosen_features import FeatureProof


def prove_features(
    train: Dataset, tests: Callable[[], Iterable[Dataset]], after: Model, by: Trainings, *, leaks: Sequence[str] = ()
) -> FeatureProof:
    """The model of `by` with all columns, and `after` with the chosen features, on the same sealed rows.

    As for `prove_parts`: each seed draws the training rows with replacement, and both models share the draw and the
    seed. Test rows that also stand in the training rows are left out. There is no control of random changes, because
    no row is changed.

    Parameters
    ----------
    train : the training rows
    tests : gives the test rows in parts; nothing was fitted or chosen on them
    after : the model on the chosen features
    by : the model without them, metric, seeds
    leaks : columns that neither model reads, because they leak the label
    """
    assert by.model is not None
    rows = prepare(train, train, tests)
    n_seeds = by.n_seeds or (SEEDS_OF_LARGE_DATA if len(train) > LARGE_DATA else USUAL_SEEDS)
    sides = [(by.model, Scores(by.metric)), (after, Scores(by.metric))]
    codes, k = rows.before.codes, len(rows.class_names)
    for done, child in enumerate(np.random.SeedSequence(by.seed).spawn(n_seeds)):
        drawn = np.repeat(np.arange(len(codes)), shared_draws(codes, rng=np.random.default_rng(child)))
        drawn = drawn[codes[drawn] >= 0]
        seed = int(child.generate_state(1)[0] >> 1)
        for model, scores in sides:
            fitted = model.fit(rows.before.table.take(drawn), None, codes[drawn], k, seed=seed)
            scores.add(rows.test.codes, rows.test.probs(fitted))
        by.progress("prove features", done + 1, n_seeds)
    (_, old), (_, new) = sides
    difference = paired_interval(old.by_seed, new.by_seed, seed=by.seed)
    levels = tuple(interval_of_one(one.by_seed, seed=by.seed) for one in (old, new))
    verdict = "better" if difference.low > 0 else "worse" if difference.high < 0 else "no evidence"
    n_test = len(rows.test)
    words = features_in_words(verdict, by.metric, levels, difference, n_test, leaks=leaks)
    before, reached, gain = map(as_estimate, (*levels, difference))
    return FeatureProof(verdict, by.metric, before, reached, gain, n_test, n_seeds, words)
