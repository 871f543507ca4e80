from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dechaff.methods.proof import random_control

ROWS = st.lists(st.tuples(st.integers(-1, 3), st.booleans(), st.integers(-1, 3)), min_size=1, max_size=40)


@given(ROWS, st.integers(0, 99))
def test_the_control_drops_and_relabels_as_many_rows_of_each_class(
    rows: list[tuple[int, bool, int]], seed: int
) -> None:
    given_labels = np.array([row[0] for row in rows])
    kept = np.array([row[1] for row in rows])
    cleaned = np.array([row[2] for row in rows])
    control_kept, labels = random_control(given_labels, kept, cleaned, rng=np.random.default_rng(seed))
    assert Counter(given_labels[control_kept].tolist()) == Counter(given_labels[kept].tolist())
    old = Counter(zip(given_labels[kept].tolist(), cleaned[kept].tolist(), strict=True))
    assert Counter(zip(given_labels[control_kept].tolist(), labels[control_kept].tolist(), strict=True)) == old


def test_the_choice_is_random_and_decided_by_the_seed() -> None:
    labels = np.zeros(50, dtype=np.int64)
    kept = np.arange(50) >= 10
    draws = [random_control(labels, kept, labels, rng=np.random.default_rng(s))[0] for s in (1, 1, 2)]
    assert (draws[0] == draws[1]).all()
    assert (draws[0] != draws[2]).any()
