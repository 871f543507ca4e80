"""Packages that search neighbours give the same kind of answer, with their recall measured."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from dechaff.core.neighbours import cosine_rows, nearest
from dechaff.errors import MissingExtraError
from dechaff.models.faiss_neighbours import nearest_by_faiss
from dechaff.models.usearch_neighbours import nearest_by_usearch

PACKAGES = [("faiss", nearest_by_faiss), ("usearch", nearest_by_usearch)]


@pytest.mark.parametrize(("package", "search"), PACKAGES, ids=[name for name, _ in PACKAGES])
def test_an_installed_package_finds_most_of_the_nearest_rows(package: str, search) -> None:
    pytest.importorskip(package, reason=f"the package {package} is not installed", exc_type=ImportError)
    rows = np.random.default_rng(0).normal(size=(1200, 16)).astype(np.float32)
    rows[5] = rows[900]
    rows[7] = 0
    rows[9, 3] = np.nan
    found, exact = search(rows, 8), nearest(cosine_rows(rows), 8)
    assert found.recall > 0.9
    assert found.measured_on == 500
    assert package in str(found)
    agree = [len(np.intersect1d(*pair)) / 8 for pair in zip(found.ids, exact.ids, strict=True)]
    assert abs(np.mean(agree) - found.recall) < 0.03
    assert (found.ids != np.arange(1200)[:, None]).all()
    assert 900 in found.ids[5]
    assert (search(rows[:3], 8).ids >= 0).sum() == 6


@pytest.mark.parametrize(("package", "search"), PACKAGES, ids=[name for name, _ in PACKAGES])
def test_a_package_that_is_not_installed_is_named_with_its_extra(
    package: str, search, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str, *args: object, **options: object) -> object:
        if name.partition(".")[0] == package:
            raise ImportError(name)
        return original(name, *args, **options)

    original = importlib.__import__
    monkeypatch.setattr("builtins.__import__", absent)
    with pytest.raises(MissingExtraError, match=rf"dechaff\[{package}\]"):
        search(np.ones((3, 2)), 1)
