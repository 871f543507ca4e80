import numpy as np
import pytest
from scipy.special import expit

from dechaff.methods.pu.binned_scores import BinnedScores, bin_scores
from dechaff.methods.pu.class_prior.compromise import compromise, recommended, rise, rises_to_nearly_all
from dechaff.methods.pu.class_prior.consensus import consensus
from dechaff.methods.pu.class_prior.elkan_noto import e1
from dechaff.methods.pu.class_prior.estimates import estimates
from dechaff.methods.pu.diagnostics.prior_identifiable import identifiability, prior_identifiable
from tests.methods.pu.population import two_gaussians


def easy_first(c: float = 0.9, n: int = 4000) -> BinnedScores:
    """Of c positives in all, those that lie further from the negatives are labelled more often."""
    people = two_gaussians(distance=3, prior=0.4, c=1.0, n=n)
    random = np.random.default_rng(0)
    lean = 2 * (people.x - 3)
    shift = next(s for s in np.linspace(-5, 9, 500) if expit(lean + s)[people.y].mean() > c)
    chance = expit(lean + shift)
    return bin_scores(people.positive_probs * chance, people.y & (random.random(n) < chance))


@pytest.mark.parametrize("c", [0.3, 0.6, 0.8])
def test_a_plateau_below_nearly_all_keeps_the_consensus(c: float) -> None:
    assert recommended(two_gaussians(distance=4, prior=0.4, c=c).binned) is consensus


@pytest.mark.parametrize("c", [0.8, 0.9])
def test_easy_positives_labelled_more_often_are_seen_and_c_lies_between(c: float) -> None:
    binned = easy_first(c)
    assert recommended(binned) is compromise
    assert e1(binned) < c < consensus(binned)
    assert abs(compromise(binned) - c) < abs(consensus(binned) - c)


def test_the_table_gains_a_row_whose_interval_covers_c_and_e3_is_void() -> None:
    table = {one.name: one for one in estimates(easy_first(), n_bootstraps=20, used="compromise")}
    row = table["compromise"]
    assert (row.c_low, row.c_high) == (table["e1"].c_low, table["consensus"].c_high)
    assert row.c_low < 0.9 < row.c_high
    assert row.used
    assert [name for name, one in table.items() if one.void] == ["e3"]
    assert "void" in table["e3"].cells()[-1]
    assert row.class_prior_low < row.class_prior < row.class_prior_high


def test_the_diagnosis_says_between_which_two_c_lies() -> None:
    found = identifiability(easy_first())
    assert not found.holds
    diagnosis = prior_identifiable(found)
    assert diagnosis.wrong
    assert "rises to nearly all" in diagnosis.message
    assert f"compromise, {found.between:.2f}" in diagnosis.do


def test_no_unlabelled_row_at_the_top_is_no_rise() -> None:
    binned = BinnedScores(np.array([0.9, 0.1]), np.array([10.0, 0.0]), np.array([0.0, 10.0]))
    assert rise(binned) == 0.5
    assert not rises_to_nearly_all(binned)


def test_order_alone_counts_for_the_rise() -> None:
    binned = easy_first()
    cubed = BinnedScores(binned.scores**3, binned.labelled, binned.unlabelled)
    assert rise(cubed) == rise(binned)
