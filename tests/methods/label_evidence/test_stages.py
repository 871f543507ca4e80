from __future__ import annotations

import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.methods.label_evidence.stages import check_stages, chosen_stages, have_seen, stage_gain, stage_probs
from tests.methods.label_evidence.made import made


def test_early_stages_that_were_better_are_used() -> None:
    data = made()
    sure = data.probs**8
    late = sure / sure.sum(axis=1, keepdims=True)
    found = stage_gain(data.labels, late, np.stack([data.better, late]))
    assert found.helps


def test_stages_that_say_the_same_are_not() -> None:
    data = made()
    assert not stage_gain(data.labels, data.probs, np.stack([data.probs, data.probs])).helps


def test_stages_that_have_seen_the_labels_are_not() -> None:
    data = made()
    memory = 0.5 * data.probs + 0.5 * np.eye(4)[data.labels]
    stages = np.stack([data.probs, memory])
    assert have_seen(data.labels, data.probs, stages)
    assert stage_gain(data.labels, data.probs, stages).gain > 0
    assert not have_seen(data.labels, data.probs, stages[:1])


def test_few_stages_are_all_taken_and_many_evenly() -> None:
    assert chosen_stages(1) == [0]
    assert chosen_stages(10) == list(range(10))
    assert chosen_stages(50) == [4, 9, 14, 19, 24, 29, 34, 39, 44, 49]


def test_probabilities_stay_and_logits_become_some() -> None:
    probs = np.array([[[0.25, 0.75]]])
    np.testing.assert_allclose(stage_probs(probs, 0), probs[0])
    np.testing.assert_allclose(stage_probs(np.log(probs) + 7, 0), probs[0])


@pytest.mark.parametrize(
    ("stages", "says"),
    [
        (np.zeros((3, 2)), "shape (3, 2)"),
        (np.zeros((1, 3, 2)), "shape (1, 3, 2)"),
        (np.zeros((0, 2, 2)), "shape (0, 2, 2)"),
        (np.full((1, 2, 2), np.nan), "stage 0, row 0"),
    ],
)
def test_bad_stages_are_refused(stages: np.ndarray, says: str) -> None:
    with pytest.raises(InputError, match="stages must") as caught:
        check_stages(stages, n_rows=2, n_classes=2)
    assert says in str(caught.value)
