"""Near rows are told with how they were looked for."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from dechaff.core.neighbours import Search
from dechaff.core.row_hash import row_hash_128
from dechaff.data.open import open_data
from dechaff.recipe.explore import near, view
from dechaff.recipe.explore.equal import find_equal, store_of_contents
from dechaff.recipe.explore.explore import explore


def test_copies_of_an_embedding_that_lists_have_found_come_with_a_caveat(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(2000, 40))
    features[1500:1520] = features[:20] + rng.normal(size=(20, 40)) * 0.02
    contents = row_hash_128(features)
    store = store_of_contents(contents, contents[:0])
    about = ([], [np.arange(2000)], np.zeros(2000, dtype=bool), find_equal(store)[0])
    exact = near.find_near(None, features, *about)
    lists = partial(near.near_vectors, search=Search(exact_up_to=500))
    monkeypatch.setattr(near, "near_vectors", lists)
    listed = near.find_near(None, features, *about)
    np.testing.assert_array_equal(listed.groups, exact.groups)
    assert exact.caveat == ""
    assert "inverted lists" in listed.caveat
    assert "of the true ones found" in listed.caveat


def test_near_training_rows_are_not_searched_where_no_test_row_is_in_the_training_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng, searches = np.random.default_rng(0), []
    columns = dict(zip("abcd", rng.normal(size=(4, 200)), strict=True))
    rows = {**columns, "label": np.where(columns["a"] > 0, "high", "low")}
    train, test = ({name: cells[some] for name, cells in rows.items()} for some in (slice(120), slice(120, None)))
    monkeypatch.setattr(view, "find_near", lambda *about: searches.append(1) or near.find_near(*about))
    for copies in (0, 1):
        mixed = {name: np.append(cells, train[name][:copies]) for name, cells in test.items()}
        mixed["d"][80:] += 5  # one cell is another one
        found = explore(open_data(train, label="label").train, open_data(mixed, label="label").train, checks=["D004"])
        assert len(searches) == copies
        assert len(found.detections[0].findings) == copies
