"""Bags of positives and unlabelled rows, against a plain loop and the border that theory gives."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from dechaff.errors import InputError
from dechaff.methods.pu.bagging import draw_bags, out_of_bag_scores
from tests.methods.pu.population import two_gaussians

LABELLED = np.arange(40) < 10


def test_a_bag_holds_all_labelled_rows_and_as_many_draws_from_the_others() -> None:
    for bag in draw_bags(LABELLED, n_bags=20):
        assert bag[:10].tolist() == list(range(10))
        assert len(bag) == 20
        assert (bag[10:] >= 10).all()
    assert len(draw_bags(LABELLED, n_bags=1, size=3)[0]) == 13


def test_rows_are_drawn_with_replacement_and_equally_often() -> None:
    drawn = np.concatenate([bag[10:] for bag in draw_bags(LABELLED, n_bags=300, size=100)])
    times = np.bincount(drawn, minlength=40)[10:]
    assert times.std() < 4 * np.sqrt(1000)
    assert abs(times - 1000).max() < 5 * np.sqrt(1000)


def test_a_row_of_weight_three_is_drawn_like_three_rows_and_one_of_weight_zero_never() -> None:
    weights = np.random.default_rng(0).integers(0, 4, 40).astype(float)
    weights[0] = 2.0
    times = weights.astype(int)
    names = np.random.default_rng(1).permutation(40)
    weighted = draw_bags(LABELLED, n_bags=5, weights=weights, units=names)
    repeated = draw_bags(LABELLED.repeat(times), n_bags=5, units=names.repeat(times))
    for one, other in zip(weighted, repeated, strict=True):
        n_labelled = int(times[:10].sum())
        assert np.array_equal(names[one[10:]], names.repeat(times)[other[n_labelled:]])
        assert (weights[one[10:]] > 0).all()


def test_draws_go_with_the_rows_in_any_order_and_the_seed_decides_them() -> None:
    names, order = np.arange(40), np.random.default_rng(2).permutation(40)
    one = draw_bags(LABELLED, n_bags=2, units=names)
    other = draw_bags(LABELLED[order], n_bags=2, units=names[order])
    assert np.array_equal(one[1][10:], names[order][other[1][10:]])
    assert not np.array_equal(one[1], draw_bags(LABELLED, n_bags=2, seed=1)[1])


def test_scores_are_those_of_a_plain_loop() -> None:
    people = two_gaussians(distance=2.0, prior=0.4, c=0.3, n=200)
    X, s = people.x[:, None], people.labelled
    bags = draw_bags(s, n_bags=10)

    def fit_predict(fit_rows: np.ndarray, codes: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return LogisticRegression().fit(X[fit_rows], codes).predict_proba(X[rows])

    scores: dict[int, list[float]] = {}
    for bag in bags:
        model = clone(LogisticRegression()).fit(X[bag], s[bag])
        for row in set(np.flatnonzero(~s)) - set(bag):
            scores.setdefault(row, []).append(model.predict_proba(X[[row]])[0, 1])
    found = out_of_bag_scores(fit_predict, s, bags)
    assert np.isnan(found[s]).all()
    for row in np.flatnonzero(~s):
        assert found[row] == pytest.approx(np.mean(scores[row]), rel=1e-9) if row in scores else np.isnan(found[row])


def test_no_row_is_scored_by_a_model_that_knows_its_copy() -> None:
    labelled, copies = np.array([True, False, False, False]), np.array([0, 1, 1, 2])
    asked = []

    def fit_predict(fit_rows: np.ndarray, codes: np.ndarray, rows: np.ndarray) -> np.ndarray:
        asked.append(rows.tolist())
        return np.full((len(rows), 2), 0.5)

    out_of_bag_scores(fit_predict, labelled, (np.array([0, 1]), np.array([0, 3])), units=copies)
    assert asked == [[3], [1, 2]]


@pytest.mark.parametrize("prior", [0.1, 0.6])
def test_the_border_is_that_of_two_classes_of_equal_size_whatever_the_prior_is(prior: float) -> None:
    """Two normal classes of spread 1 at 0 and 3 have equal density at 1.5; h = p+ / (p+ + pU) is one half there."""
    people = two_gaussians(distance=3.0, prior=prior, c=0.5, n=20_000)
    near = np.abs(people.x - 1.5) < 0.1
    of_positives, of_unlabelled = (near & rows for rows in (people.labelled, ~people.labelled))
    density = of_positives.sum() / people.labelled.sum(), of_unlabelled.sum() / (~people.labelled).sum()
    assert density[0] / sum(density) == pytest.approx(0.5, abs=0.04)


def test_bad_numbers_and_missing_kinds_are_refused() -> None:
    with pytest.raises(InputError, match="n_bags must be a whole number, 1 or more"):
        draw_bags(LABELLED, n_bags=0)
    with pytest.raises(InputError, match="size must be a whole number, 1 or more"):
        draw_bags(LABELLED, n_bags=1, size=0)
    with pytest.raises(InputError, match="10 labelled and 0 unlabelled"):
        draw_bags(LABELLED[:10], n_bags=1)
