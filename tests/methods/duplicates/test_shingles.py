from __future__ import annotations

import numpy as np

from dechaff.methods.duplicates.shingles import shingles
from tests.methods.duplicates.made_texts import texts


def test_words_are_hashed_by_content_and_not_by_order_of_appearance() -> None:
    first, second = shingles(texts("a b c")), shingles(texts("x y z", "a b c"))
    assert first.hashes.tolist() == second.hashes[1:].tolist()


def test_a_text_of_one_or_two_words_is_one_shingle() -> None:
    found = shingles(texts("a", "", "a b", "a b c", "b a"))
    assert np.diff(found.starts).tolist() == [1, 0, 1, 1, 1]
    assert len(np.unique(found.hashes)) == 4


def test_content_knows_the_order_of_words() -> None:
    content = shingles(texts("a b c d", "a b d c", "A, b: c; d", "", "...")).content
    assert content[0].tolist() == content[2].tolist()
    assert (content[0] != content[1]).all()
    assert content[3:].tolist() == [[0, 0], [0, 0]]
