import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.methods.pu.class_prior.tice import check_feature_rows, tice


def corner(*, c: float, n: int = 4000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Positives fill a quarter of the square on two of four features, and nothing else is there."""
    random = np.random.default_rng(seed)
    features = random.random((n, 4))
    positive = (features[:, 0] >= 0.5) & (features[:, 2] >= 0.5)
    return features, positive & (random.random(n) < c)


@pytest.mark.parametrize("c", [0.2, 0.5, 0.8])
def test_it_finds_a_pure_corner_of_two_features(c: float) -> None:
    assert tice(*corner(c=c)) == pytest.approx(c, abs=0.12)


def test_its_bound_is_mostly_below_c() -> None:
    found = [tice(*corner(c=0.5, n=1000, seed=seed)) for seed in range(5)]
    assert np.mean(found) < 0.5


def test_a_column_counts_by_its_range_alone() -> None:
    features, labelled = corner(c=0.5, n=1000)
    assert tice(features * [1, 10, 100, 1] + 5, labelled) == tice(features, labelled)


def test_features_that_say_nothing_give_the_labelled_share() -> None:
    assert tice(np.zeros((100, 2)), np.arange(100) < 20) == pytest.approx(0.2)


def test_one_labelled_row_gives_a_chance() -> None:
    assert 0 < tice(np.arange(50.0)[:, None], np.arange(50) == 3) <= 1


def test_every_row_of_the_corner_labelled_gives_nearly_1() -> None:
    features, labelled = corner(c=1.0)
    assert 0.9 < tice(features, labelled) <= 1


def test_the_seed_decides() -> None:
    features, labelled = corner(c=0.5, n=500)
    assert tice(features, labelled, seed=1) == tice(features, labelled, seed=1)


def test_bad_rows_are_refused() -> None:
    features, labelled = np.zeros((10, 2)), np.arange(10) < 3
    with pytest.raises(InputError, match="at least 5 rows"):
        tice(features[:4], labelled[:4])
    with pytest.raises(InputError, match="True for some rows"):
        tice(features, np.zeros(10, bool))
    with pytest.raises(InputError, match="True for some rows"):
        tice(features, np.ones(10, bool))
    features[3, 1] = np.nan
    with pytest.raises(InputError, match="features must be finite; found nan in row 3, column 1"):
        tice(features, labelled)


def test_rows_of_both_kinds_pass() -> None:
    check_feature_rows(np.zeros((2, 1)), np.array([True, False]), fewest=2)


@pytest.mark.parametrize("labelled", [np.array([1, 0]), np.array([True, True]), np.array([False, False])])
def test_other_marks_are_refused(labelled: np.ndarray) -> None:
    with pytest.raises(InputError, match="labelled must be True for some rows and False for some"):
        check_feature_rows(np.zeros((2, 1)), labelled, fewest=2)
