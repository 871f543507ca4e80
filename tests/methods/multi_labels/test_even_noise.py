import numpy as np
import pytest
from sklearn.metrics import average_precision_score

import dechaff
from dechaff.methods.multi_labels.even_noise import cell_log_odds, even_share, weak_share


def made(kind: str, rate: float = 0.1, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Given labels, the wrong ones among them, and what a good model of the given labels says; ten rare labels."""
    random = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(-random.normal(-3, 4, size=(3000, 10))))
    truth = random.random(chance.shape) < chance
    forgotten, made_up = (rate, rate) if kind == "even" else (3 * rate, 0.01 * rate)
    draws = random.random(chance.shape)
    given = np.where(truth, draws > forgotten, draws < made_up)
    return given.astype(int), given != truth, chance * (1 - forgotten) + (1 - chance) * made_up


@pytest.mark.parametrize(("kind", "share"), [("even", 1.0), ("forgotten", 0.0)])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_two_kinds_of_noise_are_told_apart(kind: str, share: float, seed: int) -> None:
    given, _, probs = made(kind, seed=seed)
    assert dechaff.find_multilabel_errors(given, probs).doubt_share == share


@pytest.mark.parametrize("kind", ["even", "forgotten"])
def test_the_score_is_at_least_as_good_as_the_probability_of_the_given_label(kind: str) -> None:
    given, wrong, probs = made(kind)
    found = dechaff.find_multilabel_errors(given, probs)
    plain = np.where(given == 1, 1 - probs, probs)
    ours = average_precision_score(wrong.ravel(), np.ravel(found.log_odds))
    assert ours > average_precision_score(wrong.ravel(), plain.ravel()) - 1e-6
    assert np.mean(found.score) == pytest.approx(wrong.mean(), rel=0.6)


def test_clean_labels_are_not_even_noise_and_none_at_all_is_no_error() -> None:
    given, _, probs = made("forgotten", rate=0.0)
    assert dechaff.find_multilabel_errors(given, probs).doubt_share == 0.0
    assert even_share(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(3)) == 0.0


def test_a_share_between_mixes_and_the_mean_score_is_the_rate() -> None:
    given, _, probs = made("even")
    posterior = np.random.default_rng(0).normal(size=given.shape)
    odds = cell_log_odds(given, probs, posterior, 0.5, 0.1)
    assert (1 / (1 + np.exp(-odds))).mean() == pytest.approx(0.1, abs=1e-5)
    assert cell_log_odds(given, probs, posterior, 0.0, 0.1) is posterior


def test_a_model_that_ranks_no_better_than_chance_is_weak_and_a_good_one_is_not() -> None:
    given, _, probs = made("forgotten")
    assert weak_share(given, probs) == 0.0
    assert weak_share(given, np.random.default_rng(0).random(probs.shape)) == 1.0
    assert weak_share(np.zeros((0, 3)), np.zeros((0, 3))) == 0.0
    assert weak_share(np.ones((4, 2)), np.ones((4, 2))) == 0.0, "one value says nothing about the model"


def test_by_a_weak_model_of_few_errors_the_doubt_orders_the_cells() -> None:
    random = np.random.default_rng(0)
    chance = np.clip(random.normal(0.08, 0.02, size=(2000, 12)), 0.01, 0.2)
    truth = random.random(chance.shape) < chance
    given = np.where(random.random(chance.shape) < 0.02, ~truth, truth).astype(int)
    found = dechaff.find_multilabel_errors(given, chance)
    doubt = np.where(given == 1, 1 - chance, chance)
    assert found.doubt_share > 0.9
    assert (
        np.argsort(found.log_odds, axis=None, kind="stable") == np.argsort(doubt, axis=None, kind="stable")
    ).mean() > 0.99
