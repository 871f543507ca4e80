import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dechaff.methods.proof import shared_draws


@given(st.lists(st.integers(-1, 4), max_size=50), st.integers(0, 99))
def test_every_class_is_drawn_as_often_as_it_has_rows(strata: list[int], seed: int) -> None:
    classes = np.array(strata, dtype=np.int64)
    counts = shared_draws(classes, rng=np.random.default_rng(seed))
    assert (counts >= 0).all()
    for label in set(strata):
        assert counts[classes == label].sum() == strata.count(label)


def test_a_row_is_left_out_of_a_third_of_the_draws() -> None:
    # (1 - 1/n)^n is 1/e for large n.
    counts = shared_draws(np.zeros(20_000, dtype=np.int64), rng=np.random.default_rng(0))
    assert abs((counts == 0).mean() - np.exp(-1)) < 0.01
