import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.methods.pu.class_prior.consensus import consensus
from dechaff.methods.pu.diagnostics.missing_structure import missing_structure
from tests.methods.pu.population import People, with_pure_region


def blurred(people: People) -> np.ndarray:
    """What a model gives that cannot tell the pure rows from a third of the negatives."""
    random = np.random.default_rng(7)
    fooled = ~people.y & (random.random(len(people.y)) < 0.3)
    top = people.positive_probs == 1
    purity = top.sum() / (top | fooled).sum()
    return np.where(top | fooled, people.c * purity, people.label_probs * 0.5)


def test_a_model_that_mixes_the_classes_is_caught_although_its_scores_show_a_plateau() -> None:
    people = with_pure_region(pure=0.8, prior=0.4, c=0.4)
    stiff = blurred(people)
    binned = People(people.x, people.y, people.labelled, stiff / people.c, people.c).binned
    assert consensus(binned) < 0.35
    found = missing_structure(stiff, people.labelled, people.label_probs)
    assert found.wrong
    assert "flexible" in found.do


def test_the_same_model_misses_nothing() -> None:
    people = with_pure_region(pure=0.8, prior=0.4, c=0.4)
    found = missing_structure(people.label_probs, people.labelled, people.label_probs)
    assert not found.wrong
    assert found.figure == 0


def test_scores_that_only_need_calibration_miss_nothing() -> None:
    people = with_pure_region(pure=0.8, prior=0.4, c=0.4)
    assert not missing_structure(people.label_probs**3, people.labelled, people.label_probs).wrong


def test_a_reference_that_knows_less_is_no_reason() -> None:
    people = with_pure_region(pure=0.8, prior=0.4, c=0.4)
    found = missing_structure(people.label_probs, people.labelled, blurred(people))
    assert not found.wrong
    assert found.figure < 0


def test_a_gain_on_few_rows_may_be_chance() -> None:
    people = with_pure_region(pure=0.8, prior=0.4, c=0.4, n=40)
    assert not missing_structure(np.full(40, 0.2), people.labelled, people.label_probs).wrong


def test_lengths_must_agree() -> None:
    with pytest.raises(InputError, match="reference_probs"):
        missing_structure(np.array([0.1, 0.2]), np.array([True, False]), np.array([0.1]))
