"""What all strategies promise, and what each of them is for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.methods.active.auto import LABELS_PER_CLASS, auto
from dechaff.methods.active.badge import badge
from dechaff.methods.active.k_centre import k_centre
from dechaff.methods.active.margin_in_clusters import margin_in_clusters
from dechaff.methods.active.prob_cover import prob_cover
from dechaff.methods.active.typical_rows import typical_rows
from dechaff.methods.active.uncertain import entropy, entropy_score, margin, margin_score, random_rows
from dechaff.methods.active.view import PoolView
from dechaff.typing import Rows

Strategy = Callable[[PoolView, int, np.random.Generator], Rows]
STRATEGIES: list[Strategy] = [
    auto, badge, entropy, k_centre, margin, margin_in_clusters, prob_cover, random_rows, typical_rows,
]  # fmt: skip


def blobs(sizes: tuple[int, ...], *, labelled: int = 0, seed: int = 0) -> tuple[PoolView, np.ndarray]:
    """Groups of rows far from each other, and the group of each row; the model knows nothing."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(sizes)), sizes)
    rows = rng.normal(size=(len(group), 3)) + 20 * np.eye(len(sizes), 3)[group]
    probs = rng.dirichlet(np.ones(3), len(group))
    return PoolView(rows, rows[:labelled], probs), group


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda one: one.__name__)
@pytest.mark.parametrize("n", [1, 7, 60])
def test_rows_are_distinct_and_as_many_as_asked_for(strategy: Strategy, n: int) -> None:
    view, _ = blobs((20, 20, 20), labelled=5)
    chosen = strategy(view, n, np.random.default_rng(1))
    assert len(set(chosen.tolist())) == len(chosen) == n
    assert 0 <= chosen.min() <= chosen.max() < 60


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda one: one.__name__)
def test_equal_rows_are_no_trouble(strategy: Strategy) -> None:
    view = PoolView(np.ones((30, 2)), np.ones((3, 2)), np.full((30, 2), 0.5))
    with np.errstate(all="raise"):
        assert len(set(strategy(view, 9, np.random.default_rng(0)).tolist())) == 9


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda one: one.__name__)
def test_the_same_seed_gives_the_same_rows(strategy: Strategy) -> None:
    view, _ = blobs((30, 20, 10))
    one, other = (strategy(view, 8, np.random.default_rng(3)).tolist() for _ in range(2))
    assert one == other


@pytest.mark.parametrize("strategy", [k_centre, prob_cover, typical_rows])
def test_rows_that_cover_find_rare_groups_at_once(strategy: Strategy) -> None:
    view, group = blobs((90, 6, 4))
    options = {"n_classes": 3} if strategy is prob_cover else {}
    chosen = strategy(view, 3, np.random.default_rng(0), **options)
    assert set(group[chosen].tolist()) == {0, 1, 2}


def test_a_group_with_a_label_is_not_asked_about_again() -> None:
    view, group = blobs((40, 30, 20))
    known = PoolView(view.features, view.features[:1])
    assert set(group[typical_rows(known, 2, np.random.default_rng(0))].tolist()) == {1, 2}


def test_typical_rows_lie_in_the_middle() -> None:
    rows = np.random.default_rng(0).normal(size=(300, 2))
    chosen = typical_rows(PoolView(rows, rows[:0]), 1, np.random.default_rng(0))
    assert np.linalg.norm(rows[chosen[0]]) < 0.5


def test_badge_asks_about_uncertain_rows_in_different_directions() -> None:
    view, group = blobs((40, 40, 40))
    probs = np.tile([0.98, 0.01, 0.01], (120, 1))
    doubtful = np.array([3, 50, 100])
    probs[doubtful] = [0.4, 0.3, 0.3]
    chosen = badge(PoolView(view.features, view.labelled, probs), 3, np.random.default_rng(0))
    assert len(set(chosen.tolist()) & set(doubtful.tolist())) >= 2
    assert len(set(group[chosen].tolist())) == 3


def test_uncertain_rows_of_one_cluster_do_not_fill_the_batch() -> None:
    view, group = blobs((40, 40, 40))
    probs = np.where(group[:, None] == 1, [0.5, 0.3, 0.2], [0.9, 0.05, 0.05])
    probs[:20] = [0.34, 0.33, 0.33]
    doubtful = PoolView(view.features, view.labelled, probs)
    assert set(group[margin(doubtful, 6, np.random.default_rng(0))].tolist()) == {0}
    assert set(group[margin_in_clusters(doubtful, 6, np.random.default_rng(0))].tolist()) == {0, 1}


def test_entropy_and_margin_disagree_where_they_should() -> None:
    probs = np.array([[0.5, 0.5, 0.0], [0.4, 0.3, 0.3]])
    assert margin_score(probs).argmax() == 0
    assert entropy_score(probs).argmax() == 1


def test_auto_asks_about_typical_rows_until_there_are_labels_enough() -> None:
    view, _ = blobs((40, 40, 40), labelled=3 * LABELS_PER_CLASS)
    few = PoolView(view.features, view.labelled[1:], view.probs)
    first, later = (auto(one, 6, np.random.default_rng(0)).tolist() for one in (few, view))
    assert first == typical_rows(few, 6, np.random.default_rng(0)).tolist()
    assert later == margin_in_clusters(view, 6, np.random.default_rng(0)).tolist()


def test_auto_leaves_outliers_for_the_end() -> None:
    view, _ = blobs((40, 40, 40), labelled=30)
    view.features[[5, 77]] *= [[300.0], [-400.0]]
    assert view.probs is not None
    view.probs[[5, 77]] = 1 / 3
    chosen = auto(view, 120, np.random.default_rng(0)).tolist()
    assert set(chosen[-2:]) == {5, 77}


@pytest.mark.parametrize("strategy", [margin, entropy, badge, margin_in_clusters])
def test_a_strategy_that_needs_a_model_says_so(strategy: Strategy) -> None:
    rows = np.arange(10.0)[:, None]
    with pytest.raises(InputError, match="need no model"):
        strategy(PoolView(rows, rows[:0]), 3, np.random.default_rng(0))
