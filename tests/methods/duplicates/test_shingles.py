import numpy as np

from dechaff.methods.duplicates import shingles


def texts(*items: str) -> np.ndarray:
    return np.array(items, dtype=object)


def test_words_are_hashed_by_content_and_not_by_order_of_appearance() -> None:
    first, second = shingles(texts("a b c")), shingles(texts("x y z", "a b c"))
    assert first.hashes.tolist() == second.hashes[1:].tolist()
