from __future__ import annotations

import numpy as np

from dechaff.methods.failing_slices.feature_clusters import feature_clusters


def test_each_cluster_is_named_by_rows_of_its_own() -> None:
    rng = np.random.default_rng(1)
    kind = rng.integers(0, 8, 400)
    found = feature_clusters(5 * np.eye(40)[kind] + rng.normal(size=(400, 40)), smallest=20, largest=200, seed=0)
    sets = [set(np.flatnonzero(row).tolist()) for row in found.holds.toarray()]
    assert all(set(near.tolist()) <= rows for near, rows in zip(found.nearest, sets, strict=True))
    assert sum(len({int(kind[row]) for row in rows}) == 1 for rows in sets) >= 5


def test_too_few_rows_make_no_clusters() -> None:
    assert feature_clusters(np.ones((30, 3)), smallest=20, largest=15, seed=0).holds.shape == (0, 30)
