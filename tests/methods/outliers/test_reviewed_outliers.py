"""The order of outliers after reviews."""

from __future__ import annotations

import numpy as np

from dechaff.methods.outliers.reviewed_outliers import reviewed_order


def test_rows_like_the_confirmed_outliers_come_first() -> None:
    rng = np.random.default_rng(0)
    content = rng.normal(size=(400, 5))
    wanted, welcome = np.arange(20), np.arange(20, 40)
    content[wanted, 0] += 6
    content[welcome, 1] += 6
    surprise = np.abs(content).sum(axis=1) / 5
    rows = np.array([0, 1, 2, 20, 21, 22])
    order = reviewed_order(surprise, content, rows, rows < 20, rng=rng)
    assert np.median(order[wanted]) > np.quantile(np.delete(order, wanted), 0.99)


def test_without_a_confirmed_outlier_the_order_stays() -> None:
    surprise = np.array([1.0, 3.0, 2.0])
    none = np.zeros(1, dtype=bool)
    order = reviewed_order(surprise, np.zeros((3, 1)), np.array([0]), none, rng=np.random.default_rng(0))
    assert order.tolist() == surprise.tolist()
