"""Labels become wrong at the rate, and similar rows of a class get similar wrong labels."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.simulated_noise.instance_dependent import instance_dependent_labels


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.6])
def test_the_rate_is_the_fraction_of_wrong_labels(rate: float) -> None:
    rng = np.random.default_rng(0)
    true, features = rng.integers(4, size=20_000), rng.normal(size=(20_000, 8))
    given = instance_dependent_labels(true, features, rate=rate, n_classes=4, rng=rng)
    assert (given != true).mean() == pytest.approx(rate, abs=0.02)
    assert set(given) == {0, 1, 2, 3}


def test_the_wrong_class_depends_on_the_features() -> None:
    rng = np.random.default_rng(0)
    true, features = np.zeros(20_000, dtype=int), 5 * rng.normal(size=(20_000, 1))
    given = instance_dependent_labels(true, features, rate=0.5, n_classes=3, rng=rng)
    share = [(given[side] == 1).sum() / (given[side] != 0).sum() for side in (features[:, 0] < 0, features[:, 0] > 0)]
    assert abs(share[0] - share[1]) > 0.1
