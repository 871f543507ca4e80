import pytest
from hypothesis import given
from hypothesis import strategies as st

from dechaff.errors import InputError
from dechaff.methods.pu.scheme import c_of_fraction, class_prior, unlabelled_fraction


def test_one_sample_labelled_in_part_has_its_positives_in_both_kinds_of_rows() -> None:
    # 1000 rows, 100 labelled, c = 1/2: 200 positives, 100 of them among 900 unlabelled rows.
    assert class_prior(0.5, 100, 900) == pytest.approx(0.2)
    assert unlabelled_fraction(0.5, 100, 900) == pytest.approx(100 / 900)


def test_a_case_control_prior_is_the_share_among_the_unlabelled() -> None:
    assert class_prior(0.5, 100, 900, "case-control") == pytest.approx(100 / 900)


@given(st.floats(0, 1), st.integers(1, 1000), st.integers(1, 1000))
def test_share_and_c_say_the_same(alpha: float, n_labelled: int, n_unlabelled: int) -> None:
    c = c_of_fraction(alpha, n_labelled, n_unlabelled)
    assert 0 < c <= 1
    assert unlabelled_fraction(c, n_labelled, n_unlabelled) == pytest.approx(alpha, abs=1e-9)


def test_a_c_that_is_too_low_for_the_rows_makes_everything_positive() -> None:
    assert class_prior(0.01, 100, 100) == 1
    assert unlabelled_fraction(0.01, 100, 100) == 1


@pytest.mark.parametrize("c", [0.0, -1.0, 1.1, float("nan")])
def test_a_c_that_is_no_chance_is_refused(c: float) -> None:
    with pytest.raises(InputError, match="c must be above 0 and at most 1"):
        class_prior(c, 1, 1)


def test_other_bad_arguments_are_refused() -> None:
    with pytest.raises(InputError, match='scheme must be "single-training-set" or "case-control"'):
        class_prior(0.5, 1, 1, "both")
    with pytest.raises(InputError, match="the rows must be of both kinds"):
        unlabelled_fraction(0.5, 0, 1)
    with pytest.raises(InputError, match="alpha must be a fraction"):
        c_of_fraction(1.5, 1, 1)
