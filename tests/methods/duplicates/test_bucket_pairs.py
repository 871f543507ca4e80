import numpy as np

from dechaff.methods.duplicates.bucket_pairs import NEIGHBOURS, BucketPairs, Candidates


def candidates(keys: list[int], content: list[int], words: list[int] | None = None) -> Candidates:
    fold = BucketPairs(0)
    chunk = {
        "row": np.arange(len(keys)),
        "content": np.array(content, dtype=np.uint64),
        "words": np.array(words or [9] * len(keys)),
        "band_00": np.array(keys, dtype=np.uint64),
    }
    return fold.finalize(fold.update(fold.init(), chunk))


def test_all_pairs_of_a_small_bucket_are_compared() -> None:
    found = candidates([7, 5, 7, 7, 6], [30, 1, 10, 20, 2])
    assert sorted(found.pairs.tolist()) == [[2, 0], [2, 0], [2, 3], [2, 3], [3, 0]]


def test_texts_of_the_same_words_count_once_by_their_first_row() -> None:
    assert candidates([7, 7, 7], [4, 4, 4]).pairs.tolist() == []
    assert {tuple(pair) for pair in candidates([7, 7, 7, 7], [4, 3, 4, 3]).pairs.tolist()} == {(1, 0)}


def test_the_work_of_a_large_bucket_is_linear() -> None:
    n = 3000
    found = candidates([7] * n, list(range(n, 0, -1)))
    assert len(found.pairs) <= (NEIGHBOURS + 1) * n
    assert {int(row) for row in found.pairs.ravel()} == set(range(n))


def test_short_texts_are_in_no_bucket_and_weights_are_those_of_the_rows() -> None:
    found = candidates([7, 7, 7], [1, 2, 3], [4, 5, 8])
    assert {tuple(pair) for pair in found.pairs.tolist()} == {(1, 2)}
    assert found.words[0].tolist() == [5, 8]


def test_shares_of_a_band_are_all_of_it() -> None:
    rng = np.random.default_rng(0)
    chunk = {
        "row": np.arange(500),
        "content": rng.integers(1, 400, 500).astype(np.uint64),
        "words": np.full(500, 9),
        "band_03": rng.integers(0, 60, 500).astype(np.uint64),
    }

    def pairs(share: int, shares: int) -> set[tuple[int, ...]]:
        fold = BucketPairs(3, share, shares)
        return {tuple(pair) for pair in fold.finalize(fold.update(fold.init(), chunk)).pairs.tolist()}

    assert pairs(0, 3) | pairs(1, 3) | pairs(2, 3) == pairs(0, 1)
