import numpy as np

from dechaff.methods.duplicates.shingle_sets import Sets, ShingleSets, similarities
from tests.methods.duplicates.made_texts import families, jaccard, texts


def sets_of(items: np.ndarray, wanted: list[int]) -> Sets:
    fold = ShingleSets(np.array(wanted, dtype=np.int64))
    return fold.finalize(fold.update(fold.init(), {"row": np.arange(len(items)), "texts": items}))


def test_only_the_wanted_rows_have_sets_each_shingle_once() -> None:
    sets = sets_of(texts("a b c a b c a b c", "x y z", "d e f g"), [0, 2])
    assert sets.rows.tolist() == [0, 2]
    assert sets.sizes.tolist() == [3, 2]


def test_wanted_rows_that_do_not_come_have_none() -> None:
    assert sets_of(texts("a b c"), [5]).rows.tolist() == []
    assert sets_of(texts("a b c"), []).rows.tolist() == []


def test_pairs_of_many_blocks_are_as_alike_as_one_by_one() -> None:
    items = families(np.random.default_rng(0), 200, words=8)
    pairs = np.random.default_rng(1).integers(0, 200, (9000, 2))
    found = similarities(sets_of(items, list(range(200))), pairs)
    known = {tuple(pair): jaccard(items[pair[0]], items[pair[1]]) for pair in pairs[:500].tolist()}
    assert [known[tuple(pair)] for pair in pairs[:500].tolist()] == found[:500].tolist()
    np.testing.assert_array_equal(found[:500], similarities(sets_of(items, list(range(200))), pairs[:500]))


def test_no_pairs_have_no_similarities() -> None:
    assert similarities(sets_of(texts("a b c"), [0]), np.empty((0, 2), dtype=np.int64)).tolist() == []
