from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.consensus.temperature_by_answers import at_temperature, temperature_by_answers


@pytest.mark.parametrize("true", [0.5, 1.0, 3.0])
def test_the_temperature_by_which_probabilities_were_spoilt_is_found(true: float) -> None:
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.ones(3), 2000)
    answers = np.stack([[rng.choice(3, p=row) for row in probs] for _ in range(4)], axis=1)
    answers[:, 3][rng.random(2000) < 0.5] = -1
    assert temperature_by_answers(answers, at_temperature(probs, 1 / true)) == pytest.approx(true, rel=0.06)


def test_probabilities_of_zero_stay_zero_and_a_temperature_of_one_changes_nothing() -> None:
    probs = np.array([[1.0, 0.0], [0.3, 0.7]])
    np.testing.assert_allclose(at_temperature(probs, 1.0), probs, atol=1e-12)
    assert at_temperature(probs, 0.1)[0, 1] == 0
