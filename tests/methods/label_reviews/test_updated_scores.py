from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import average_precision_score

from dechaff.errors import InputError
from dechaff.methods.label_reviews.better_flag import best_f1_flag
from dechaff.methods.label_reviews.review_corrections import JudgedRows
from dechaff.methods.label_reviews.updated_scores import updated_joint, updated_scores

N, K = 6000, 4


def made(cells: float, level: float, seed: int = 0) -> tuple[JudgedRows, np.ndarray]:
    """Rows whose log-odds are off by a level and by the pair of classes."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, K, N)
    suggested = (labels + random.integers(1, K, N)) % K
    log_odds = random.normal(-1, 2, N)
    effects = random.normal(0, cells, (K, K))
    wrong = random.random(N) < expit(log_odds + effects[labels, suggested] + level)
    return JudgedRows(log_odds, labels, suggested, random.normal(size=(N, 2))), wrong


def unread(reviewed: np.ndarray) -> np.ndarray:
    rest = np.ones(N, dtype=bool)
    rest[reviewed] = False
    return rest


def test_a_few_reviews_put_the_level_right() -> None:
    rows, wrong = made(cells=0, level=1.5)
    reviewed = np.random.default_rng(1).choice(N, 60, replace=False)
    updated = updated_scores(rows, reviewed=reviewed, wrong=wrong[reviewed]).log_odds(rows)
    assert expit(rows.log_odds).sum() < 0.8 * wrong.sum()
    assert abs(expit(updated).sum() / wrong.sum() - 1) < 0.15


def test_many_reviews_put_single_cells_right() -> None:
    rows, wrong = made(cells=1.5, level=0)
    gains = []
    for number in (100, 1000):
        reviewed = np.random.default_rng(1).choice(N, number, replace=False)
        updated = updated_scores(rows, reviewed=reviewed, wrong=wrong[reviewed]).log_odds(rows)
        rest = unread(reviewed)
        before = average_precision_score(wrong[rest], rows.log_odds[rest])
        gains.append(average_precision_score(wrong[rest], updated[rest]) - before)
    assert 0 <= gains[0] < gains[1]
    assert gains[1] > 0.03


@pytest.mark.parametrize("number", [10, 30, 100, 1000])
def test_scores_that_are_right_are_left_as_they_are(number: int) -> None:
    rows, wrong = made(cells=0, level=0, seed=number)
    reviewed = np.argsort(-rows.log_odds, kind="stable")[:number]
    updated = updated_scores(rows, reviewed=reviewed, wrong=wrong[reviewed]).log_odds(rows)
    rest = unread(reviewed)
    before = average_precision_score(wrong[rest], rows.log_odds[rest])
    assert average_precision_score(wrong[rest], updated[rest]) > before - 0.01


def test_the_worst_rows_teach_the_same_level_as_random_ones() -> None:
    rows, wrong = made(cells=0, level=1.5)
    worst = np.argsort(-rows.log_odds, kind="stable")[500:1000]
    updated = updated_scores(rows, reviewed=worst, wrong=wrong[worst]).log_odds(rows)
    assert abs((updated - rows.log_odds)[worst].mean() - 1.5) < 0.5


def test_reviews_that_speak_against_the_score_do_not_turn_the_order_round() -> None:
    rows, _ = made(cells=0, level=0)
    one_pair = JudgedRows(rows.log_odds, np.zeros(N, dtype=np.int64), np.ones(N, dtype=np.int64), np.zeros((N, 2)))
    worst = np.argsort(-rows.log_odds, kind="stable")[:200]
    updated = updated_scores(one_pair, reviewed=worst, wrong=np.arange(200) > 100).log_odds(one_pair)
    order = np.argsort(rows.log_odds, kind="stable")
    assert (np.diff(updated[order]) > 0).all()


def test_what_holds_for_the_highest_scores_alone_does_not_spoil_the_order_of_the_rest() -> None:
    rows, wrong = made(cells=0, level=0)
    worst = np.argsort(-rows.log_odds, kind="stable")[:100]
    wrong[worst] = rows.labels[worst] < 2
    updated = updated_scores(rows, reviewed=worst, wrong=wrong[worst]).log_odds(rows)
    rest = unread(worst)
    before = average_precision_score(wrong[rest], rows.log_odds[rest])
    assert average_precision_score(wrong[rest], updated[rest]) > before - 0.05


def test_numbering_the_classes_anew_changes_nothing() -> None:
    rows, wrong = made(cells=1, level=0)
    order = np.array([2, 0, 3, 1])
    other = JudgedRows(rows.log_odds, order[rows.labels], order[rows.suggested], rows.evidence)
    reviewed = np.arange(300)
    one, two = (updated_scores(each, reviewed=reviewed, wrong=wrong[:300]).log_odds(each) for each in (rows, other))
    assert np.allclose(one, two, atol=1e-6)


def test_classes_that_nobody_reviewed_have_no_effect_and_do_no_harm() -> None:
    rows, wrong = made(cells=1, level=0)
    reviewed = np.flatnonzero(rows.labels < 2)[:200]
    updated = updated_scores(rows, reviewed=reviewed, wrong=wrong[reviewed])
    assert np.isfinite(updated.log_odds(rows)).all()
    assert 0 <= updated.weight <= 1


def test_verdicts_that_all_agree_are_no_trouble() -> None:
    rows, _ = made(cells=0, level=0)
    updated = updated_scores(rows, reviewed=np.arange(5), wrong=np.zeros(5, dtype=bool)).log_odds(rows)
    assert np.isfinite(updated).all()


def test_a_single_review_is_refused() -> None:
    rows, wrong = made(cells=0, level=0)
    with pytest.raises(InputError, match="two rows at least"):
        updated_scores(rows, reviewed=np.arange(1), wrong=wrong[:1])


def test_the_flag_of_calibrated_scores_has_nearly_the_best_f1_there_is() -> None:
    rows, wrong = made(cells=0, level=0)

    def f1(flag: np.ndarray) -> float:
        return float(2 * (flag & wrong).sum() / (flag.sum() + wrong.sum()))

    best = max(f1(rows.log_odds > bound) for bound in np.linspace(-4, 4, 81))
    assert f1(best_f1_flag(rows.log_odds)) > best - 0.01


def test_where_every_label_is_right_nothing_is_flagged() -> None:
    assert not best_f1_flag(np.full(100, -14.0)).any()
    assert not best_f1_flag(np.zeros(0)).any()


def test_the_corrected_joint_adds_up_to_the_labels_and_knows_what_people_said() -> None:
    rows, wrong = made(cells=1, level=0.5)
    joint = np.full((K, K), 1.0)
    reviewed = np.arange(100)
    true = np.where(wrong[:100], rows.suggested[:100], rows.labels[:100])
    updated = updated_joint(
        joint, rows.labels, rows.suggested, rows.log_odds, rows.log_odds + 0.5, reviewed=reviewed, true=true
    )
    assert np.allclose(updated.sum(axis=1), np.bincount(rows.labels))
    assert (updated >= 0).all()
