import numpy as np

from dechaff.methods.duplicates.shingle_sets import NEIGHBOURS, BucketPairs, Candidates, Sets, ShingleSets, alike
from tests.methods.duplicates.made_texts import containment, families, resemblance, runs_of, texts


def sets_of(items: np.ndarray, wanted: list[int]) -> Sets:
    fold = ShingleSets(np.array(wanted, dtype=np.int64))
    return fold.finalize(fold.update(fold.init(), {"row": np.arange(len(items)), "texts": items}))


def test_only_the_wanted_rows_have_sets_each_shingle_once() -> None:
    rows = texts("a b c a b c a b c", "x y z", "d e f g h")
    sets = sets_of(rows, [0, 2])
    assert sets.rows.tolist() == [0, 2]
    assert sets.sizes.tolist() == [len(runs_of(rows[0])), len(runs_of(rows[2]))] == [6, 2]


def test_wanted_rows_that_do_not_come_have_none() -> None:
    assert sets_of(texts("a b c"), [5]).rows.tolist() == []
    assert sets_of(texts("a b c"), []).rows.tolist() == []


def test_pairs_of_many_blocks_are_as_alike_as_one_by_one() -> None:
    items = families(np.random.default_rng(0), 200, words=8)
    pairs = np.random.default_rng(1).integers(0, 200, (9000, 2))
    found = alike(sets_of(items, list(range(200))), pairs)
    some = items[pairs[:500]].tolist()
    assert found.resemblance[:500].tolist() == [resemblance(*pair) for pair in some]
    assert found.containment[:500].tolist() == [containment(*pair) for pair in some]
    assert found.runs[:500].tolist() == [min(len(runs_of(text)) for text in pair) for pair in some]


def test_no_pairs_have_no_similarities() -> None:
    assert alike(sets_of(texts("a b c"), [0]), np.empty((0, 2), dtype=np.int64)).resemblance.tolist() == []


def candidates(
    keys: list[int], content: list[int], runs: list[int] | None = None, following: list[int] | None = None
) -> Candidates:
    fold = BucketPairs(0)
    chunk = {
        "row": np.arange(len(keys)),
        "content": np.array(content, dtype=np.uint64),
        "runs": np.array(runs or [9] * len(keys)),
        "band_00": np.array(keys, dtype=np.uint32),
        "band_01": np.array(following or [0] * len(keys), dtype=np.uint32),
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
    found = candidates([7, 7, 7], [1, 2, 3], [0, 5, 8])
    assert {tuple(pair) for pair in found.pairs.tolist()} == {(1, 2)}
    assert found.runs[0].tolist() == [5, 8]


def test_shares_of_a_band_are_all_of_it() -> None:
    rng = np.random.default_rng(0)
    chunk = {
        "row": np.arange(500),
        "content": rng.integers(1, 400, 500).astype(np.uint64),
        "runs": np.full(500, 9),
        "band_03": rng.integers(0, 60, 500).astype(np.uint32),
        "band_04": rng.integers(0, 60, 500).astype(np.uint32),
    }

    def pairs(share: int, shares: int) -> set[tuple[int, ...]]:
        fold = BucketPairs(3, share, shares)
        return {tuple(pair) for pair in fold.finalize(fold.update(fold.init(), chunk)).pairs.tolist()}

    assert pairs(0, 3) | pairs(1, 3) | pairs(2, 3) == pairs(0, 1)


def test_in_a_large_bucket_those_alike_in_the_next_band_are_compared() -> None:
    n = 300
    found = candidates([7] * n, list(range(1, n + 1)), following=[3, *range(100, 98 + n), 3])
    assert (0, n - 1) in {tuple(sorted(pair)) for pair in found.pairs.tolist()}
