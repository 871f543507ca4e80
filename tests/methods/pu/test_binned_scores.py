import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dechaff.errors import InputError
from dechaff.methods.pu.binned_scores import BinnedScores, bin_scores
from dechaff.methods.pu.class_prior.elkan_noto import e1


def rows(n: int = 5000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    probs = random.beta(0.5, 4, n)
    return probs, random.random(n) < probs


def test_equal_scores_share_a_bin() -> None:
    binned = bin_scores(np.array([0.2, 0.9, 0.2, 0.9]), np.array([False, True, True, False]))
    assert binned.scores.tolist() == [0.9, 0.2]
    assert binned.labelled.tolist() == [1, 1]
    assert binned.unlabelled.tolist() == [1, 1]


def test_quantile_bins_keep_every_row_and_the_order() -> None:
    probs, labelled = rows()
    binned = bin_scores(probs, labelled, max_bins=200)
    assert len(binned.scores) <= 200
    assert (np.diff(binned.scores) < 0).all()
    assert binned.n_labelled == labelled.sum()
    assert binned.n_unlabelled == (~labelled).sum()


def test_quantile_bins_cut_the_few_labelled_rows_finely() -> None:
    random = np.random.default_rng(0)
    labelled = np.arange(50_000) < 500
    binned = bin_scores(np.where(labelled, random.uniform(0.9, 1, 50_000), random.uniform(0, 0.9, 50_000)), labelled)
    assert (binned.labelled > 0).sum() >= 490


def test_the_highest_score_has_a_bin_of_its_own() -> None:
    probs, labelled = rows()
    binned = bin_scores(probs, labelled, max_bins=200)
    assert binned.scores[0] == probs.max()
    assert binned.labelled[0] + binned.unlabelled[0] == 1


def test_bins_lose_next_to_nothing_of_the_mean() -> None:
    probs, labelled = rows(20_000)
    assert e1(bin_scores(probs, labelled)) == pytest.approx(probs[labelled].mean(), abs=1e-5)


def test_scores_that_differ_by_one_bit_do_not_tie() -> None:
    low = 0.1
    probs = np.repeat([low, np.nextafter(low, 1), 0.5, 0.7], 3)
    binned = bin_scores(probs, np.tile([True, False, False], 4), max_bins=3)
    assert (np.diff(binned.scores) < 0).all()


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=60), st.integers(2, 9))
def test_any_scores_can_be_binned(pairs: list[tuple[float, bool]], max_bins: int) -> None:
    probs, labelled = np.array([p for p, _ in pairs]), np.array([s for _, s in pairs])
    if labelled.all() or not labelled.any():
        return
    binned = bin_scores(probs, labelled, max_bins=max_bins)
    assert (np.diff(binned.scores) < 0).all()
    assert len(binned.scores) <= max_bins
    assert binned.n_labelled == labelled.sum()


def test_a_weight_of_two_is_the_row_twice() -> None:
    probs, labelled = rows(300)
    weights = np.random.default_rng(1).integers(0, 3, 300)
    binned = bin_scores(probs, labelled, weights=weights)
    twice = bin_scores(np.repeat(probs, weights), np.repeat(labelled, weights))
    assert np.array_equal(binned.scores, twice.scores)
    assert np.array_equal(binned.labelled, twice.labelled)
    assert np.array_equal(binned.unlabelled, twice.unlabelled)


def test_weights_that_sum_to_one_leave_the_rows_as_many_as_they_are() -> None:
    probs, labelled = rows(300)
    binned = bin_scores(probs, labelled, weights=np.full(300, 1 / 300))
    assert binned.n_labelled + binned.n_unlabelled == pytest.approx(300)


def test_a_row_of_weight_0_may_have_no_score() -> None:
    binned = bin_scores(np.array([np.nan, 0.4, 0.2]), np.array([True, True, False]), weights=np.array([0, 1, 1]))
    assert binned.n_labelled == 1


def test_a_resample_has_as_many_rows_in_the_same_bins() -> None:
    binned = bin_scores(*rows(400))
    drawn = binned.resampled(np.random.default_rng(0))
    assert np.array_equal(drawn.scores, binned.scores)
    assert drawn.n_labelled + drawn.n_unlabelled == 400


def test_resamples_are_right_on_average_and_spread_as_a_bootstrap() -> None:
    binned = BinnedScores(np.array([0.9, 0.1]), np.array([30.0, 10.0]), np.array([20.0, 140.0]))
    random = np.random.default_rng(0)
    top = np.array([binned.resampled(random).labelled[0] for _ in range(2000)])
    assert top.mean() == pytest.approx(30, abs=0.5)
    assert top.std() == pytest.approx(np.sqrt(200 * 0.15 * 0.85), rel=0.1)  # binomial(200, 30 / 200)


def test_a_resample_of_one_labelled_row_still_has_it() -> None:
    binned = bin_scores(np.array([0.9, 0.5, 0.1]), np.array([True, False, False]))
    random = np.random.default_rng(0)
    drawn = [binned.resampled(random) for _ in range(50)]
    assert min(one.n_labelled for one in drawn) >= 1
    assert min(one.n_unlabelled for one in drawn) >= 1


@pytest.mark.parametrize("labelled", [np.zeros(3, bool), np.ones(3, bool)])
def test_rows_of_one_kind_are_refused(labelled: np.ndarray) -> None:
    with pytest.raises(InputError, match="labelled must mark some rows and leave some"):
        bin_scores(np.full(3, 0.5), labelled)


@pytest.mark.parametrize("bad", [np.nan, 1.5, -0.1])
def test_a_score_that_is_no_probability_is_refused_with_its_row(bad: float) -> None:
    with pytest.raises(InputError, match=r"label_probs must be probabilities from 0 to 1; found .* in row 1"):
        bin_scores(np.array([0.1, bad, 0.2]), np.array([True, False, False]))


def test_other_bad_arguments_are_refused() -> None:
    probs, labelled = np.array([0.1, 0.2]), np.array([True, False])
    with pytest.raises(InputError, match="same number of rows"):
        bin_scores(np.array([0.1]), labelled)
    with pytest.raises(InputError, match="True and False"):
        bin_scores(probs, np.array([1, 0]))
    with pytest.raises(InputError, match="weights must be finite and at least 0"):
        bin_scores(probs, labelled, weights=np.array([1.0, -1.0]))
    with pytest.raises(InputError, match="max_bins must be at least 2"):
        bin_scores(probs, labelled, max_bins=1)
    with pytest.raises(InputError, match="0 labelled rows of 0"):
        bin_scores(probs, labelled, weights=np.zeros(2))
