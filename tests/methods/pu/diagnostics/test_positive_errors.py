import numpy as np
import pytest
from scipy.special import expit

from dechaff.errors import InputError
from dechaff.methods.pu.binned_scores import bin_scores
from dechaff.methods.pu.class_prior.best_bin import best_bin, top_bin
from dechaff.methods.pu.class_prior.consensus import consensus
from dechaff.methods.pu.diagnostics.positive_errors import PositiveErrors, positive_errors
from dechaff.methods.pu.scheme import unlabelled_fraction


def with_errors(rate: float, *, apart: float = 4.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores of a linear model, labels of which this share is wrong, and the truth: 1000 of 3000 rows positive."""
    random = np.random.default_rng(seed)
    y = np.arange(3000) < 1000
    x = random.normal(size=3000) + apart * y
    wrong = round(400 * rate)
    labelled = np.zeros(3000, dtype=bool)
    labelled[: 400 - wrong] = labelled[3000 - wrong :] = True
    return expit(1.5 * (x - 4)), labelled, y


def auc(score: np.ndarray, bad: np.ndarray) -> float:
    return float((score[bad][:, None] > score[~bad][None, :]).mean())


@pytest.mark.parametrize("rate", [0.0, 0.05, 0.15])
def test_the_rate_is_within_three_points_of_the_truth(rate: float) -> None:
    g, labelled, _ = with_errors(rate)
    found = positive_errors(g, labelled, n_bootstraps=20)
    assert found.rate == pytest.approx(rate, abs=0.03)
    assert found.low <= found.rate <= found.high


@pytest.mark.parametrize("rate", [0.05, 0.15])
def test_the_wrong_rows_come_first(rate: float) -> None:
    g, labelled, y = with_errors(rate)
    found = positive_errors(g, labelled, n_bootstraps=1)
    assert auc(found.score[labelled], ~y[labelled]) > 0.95


def test_the_score_is_a_chance_whose_mean_is_the_rate() -> None:
    g, labelled, _ = with_errors(0.15)
    found = positive_errors(g, labelled, n_bootstraps=1)
    assert found.score[labelled].mean() == pytest.approx(found.rate)
    assert found.score.min() >= 0
    assert found.score.max() <= 1
    assert not found.score[~labelled].any()


def test_rows_keep_their_order_even_where_nothing_seems_wrong() -> None:
    g, labelled, _ = with_errors(0.0)
    found = positive_errors(g, labelled, n_bootstraps=1)
    order = np.argsort(g[labelled])
    assert (np.diff(found.score[labelled][order]) <= 0).all()
    assert found.score[labelled][order[0]] > found.score[labelled][order[-1]]


def test_the_floor_of_an_exact_score_is_seen_as_well() -> None:
    """A model that has learnt the floor gives g = 0.02 where nothing is positive, and never less."""
    random = np.random.default_rng(0)
    f = expit(4 * random.normal(size=4000) - 2)
    y = random.random(4000) < f
    labelled = random.random(4000) < np.where(y, 0.4, 0.02)
    found = positive_errors(0.02 + 0.38 * f, labelled, n_bootstraps=1)
    assert found.rate == pytest.approx((labelled & ~y).sum() / labelled.sum(), abs=0.05)


def test_rows_without_a_score_or_without_weight_are_left_out() -> None:
    g, labelled, _ = with_errors(0.05)
    weights = np.ones(3000)
    weights[::7] = 0
    by_weight = positive_errors(g, labelled, weights=weights, n_bootstraps=3)
    by_score = positive_errors(np.where(weights > 0, g, np.nan), labelled, n_bootstraps=3)
    assert by_weight.rate == by_score.rate
    assert by_weight.low == by_score.low
    assert (by_weight.score == by_score.score).all()
    assert not by_weight.score[::7].any()


def test_the_seed_decides_the_interval() -> None:
    g, labelled, _ = with_errors(0.05)
    same = [positive_errors(g, labelled, n_bootstraps=5, seed=1) for _ in range(2)]
    assert (same[0].low, same[0].high) == (same[1].low, same[1].high)
    assert positive_errors(g, labelled, n_bootstraps=5, seed=2).high != same[0].high


def test_ends_one_labelled_row_and_scores_that_tie() -> None:
    for g, labelled in ((np.linspace(0, 1, 30), np.arange(30) == 3), (np.full(30, 0.3), np.arange(30) < 9)):
        found = positive_errors(g, labelled, n_bootstraps=3)
        assert isinstance(found, PositiveErrors)
        assert 0 <= found.low <= found.rate <= found.high <= 1
        assert np.isfinite(found.score).all()


def test_lists_are_as_good_as_arrays_and_labels_that_are_no_marks_are_named() -> None:
    g, labelled, _ = with_errors(0.05)
    found, listed = (positive_errors(*one, n_bootstraps=1) for one in ((g, labelled), (g.tolist(), labelled.tolist())))
    assert listed.rate == found.rate
    with pytest.raises(InputError, match="labelled must be a one-dimensional array of True and False"):
        positive_errors(g.tolist(), labelled.astype(int).tolist())
    with pytest.raises(InputError, match="3000 rows in label_probs, 2 rows in labelled"):
        positive_errors(g, labelled[:2])


def test_there_must_be_labelled_rows() -> None:
    with pytest.raises(InputError, match="labelled"):
        positive_errors(np.array([0.1, 0.2]), np.array([False, False]))


@pytest.mark.parametrize("seed", range(5))
def test_the_rate_lies_between_what_the_lowest_rows_prove_and_what_they_allow(seed: int) -> None:
    g, labelled, _ = with_errors(0.15, seed=seed)
    some = np.random.default_rng(seed).choice(3000, 400, replace=False)
    g, labelled = g[some].round(2), labelled[some]
    found = positive_errors(g, labelled, n_bootstraps=1)
    binned = bin_scores(g, labelled)
    reverse = bin_scores(1 - g, ~labelled)
    negative = 1 - unlabelled_fraction(consensus(binned), binned.n_labelled, binned.n_unlabelled)
    least, most = (
        negative * unlabelled_fraction(end(reverse), binned.n_unlabelled, binned.n_labelled)
        for end in (top_bin, best_bin)
    )
    assert min(least, most) <= found.rate <= most


def test_equal_scores_counted_by_a_weight_are_as_doubtful_as_row_by_row() -> None:
    g, labelled, _ = with_errors(0.1)
    g = g.round(2)
    one_by_one = positive_errors(g, labelled, n_bootstraps=2)
    kinds, first, counts = np.unique(np.stack([g, labelled], axis=1), axis=0, return_index=True, return_counts=True)
    counted = positive_errors(kinds[:, 0], kinds[:, 1] == 1, weights=counts.astype(np.float64), n_bootstraps=2)
    assert counted.rate == one_by_one.rate
    np.testing.assert_allclose(counted.score, one_by_one.score[first], rtol=1e-9, atol=1e-12)
