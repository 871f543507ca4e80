from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dechaff.core.groups import connected_groups
from dechaff.core.over_arrays import fold_over
from dechaff.core.parts import numbered
from dechaff.core.source import ArraySource
from dechaff.methods.duplicates.near_texts import near_texts, near_texts_across, near_texts_of
from dechaff.methods.duplicates.shingle_sets import Sets, ShingleSets
from dechaff.methods.duplicates.text_keys import text_keys
from tests.methods.duplicates.made_texts import (
    containment,
    families,
    partition,
    resemblance,
    runs_of,
    sentence,
    texts,
)
from tests.shared_data import shared


def test_case_spacing_and_punctuation_do_not_matter() -> None:
    found = near_texts(
        texts("The cat, sat on the mat!", "something else stands in this row", "the cat sat  ON THE MAT")
    )
    assert found.pairs.tolist() == [[0, 2]]
    assert found.similarity.tolist() == [1.0]


def test_the_similarity_is_that_of_the_runs_of_characters() -> None:
    first = "one two three four five six seven eight nine ten eleven twelve"
    second = first.replace("seven", "seventeen")
    found = near_texts(texts(first, second))
    assert found.similarity.tolist() == [containment(first, second)]


LONG = "the old lighthouse keeper told nobody about the storm that took his brother and both of their boats that winter"
CHANGED = {
    "typos": LONG.replace("house", "huose").replace("nobody", "nobodi").replace("their", "ther"),
    "two words changed": LONG.replace("nobody", "everyone").replace("brother", "sister"),
    "two words dropped": LONG.replace("old ", "").replace("both of ", ""),
    "cut": "the old lighthouse keeper told nobody about the storm that took",
    "last half": "that took his brother and both of their boats that winter",
    "extended": f"{LONG} and what the village priest had to say about it one year later in his sermon",
    "halves swapped": f"{LONG[57:]} {LONG[:56]}",
    "markup": f"<p>{LONG.replace(' ', ' <br /> ', 1)}</p>",
    "shouted": LONG.upper().replace(" ", "  ") + "!!!",
}


@pytest.mark.parametrize("change", CHANGED)
def test_a_changed_copy_of_a_text_is_found_alone_and_across_files(change: str) -> None:
    rng = np.random.default_rng(7)
    others = [" ".join(sentence(rng, 20)) for _ in range(200)]
    assert near_texts(texts(*others, LONG, CHANGED[change])).pairs.tolist() == [[200, 201]]
    assert near_texts_across(texts(*others, LONG), texts(CHANGED[change])).pairs.tolist() == [[200, 0]]


def test_texts_that_share_a_phrase_are_no_copies() -> None:
    assert (
        len(near_texts(texts(LONG, "nobody knew about the storm that took his brother but me, and I forgot")).pairs)
        == 0
    )
    assert len(near_texts(texts(LONG, f"{LONG} {' '.join(sentence(np.random.default_rng(1), 100))}")).pairs) == 0


def test_a_typo_in_a_text_of_another_script_is_found() -> None:
    one = "Старый смотритель маяка никому не рассказывал о буре, которая забрала его брата той зимой"
    assert near_texts(
        texts("Совсем другой текст о совсем других вещах и людях", one, one.replace("буре", "бурe"))
    ).pairs.tolist() == [[1, 2]]


def test_another_word_in_a_short_question_is_another_question() -> None:
    assert (
        len(near_texts(texts("Who invented the telephone in 1876?", "Who invented the telegraph in 1876?")).pairs) == 0
    )


def test_short_empty_and_single_texts_have_no_pairs() -> None:
    for case in (texts(), texts("a"), texts("", ""), texts("ok", "OK"), texts("!!!", "!!!")):
        assert len(near_texts(case).pairs) == 0


def test_texts_without_spaces_are_compared_by_sign() -> None:
    assert near_texts(texts("我喜欢看电影和读书", "我喜欢看电影和读书。")).pairs.tolist() == [[0, 1]]


def test_it_finds_what_a_comparison_of_all_pairs_finds() -> None:
    rng = np.random.default_rng(0)
    rows = [sentence(rng, 30) for _ in range(150)]
    rows += [[*row[:15], "other", *row[16:]] for row in rows[:40]]
    case = texts(*[" ".join(row) for row in rows])
    slow = [[i, j] for i in range(len(rows)) for j in range(i + 1, len(rows)) if resemblance(case[i], case[j]) >= 0.5]
    assert len(slow) == 40
    assert near_texts(case).pairs.tolist() == slow


def test_other_rows_do_not_change_what_is_found_across_two_files() -> None:
    rng = np.random.default_rng(5)
    rows = [" ".join(sentence(rng, 12)) for _ in range(30)]
    found = near_texts_across(texts(*rows), texts("an unrelated text of a few words", rows[7].upper() + "."))
    assert found.pairs.tolist() == [[7, 1]]
    assert len(near_texts_across(texts(), texts("one two three four five")).pairs) == 0


def texts_read(items: np.ndarray, most_bytes: int) -> tuple[int, int]:
    """How many times texts are read for candidates, and how many pairs are found."""
    source, keys, folds = numbered(ArraySource({"texts": items})), numbered(ArraySource(text_keys(items))), []

    def run_texts(fold: ShingleSets) -> Sets:
        folds.append(fold)
        return fold_over(fold, source)

    found = near_texts_of(run_texts, partial(fold_over, source=keys), len(items), most_bytes=most_bytes)
    return len(folds), len(found.pairs)


def test_texts_of_a_template_with_few_different_runs_are_hardly_read() -> None:
    padded = texts(*[f"text {number} " + "pad " * 200 for number in range(1000)])
    assert texts_read(padded, 2**21) == (0, 0)


def test_texts_that_share_much_are_read_by_blocks_and_not_by_pairs() -> None:
    rng = np.random.default_rng(2)
    boilerplate = " ".join(sentence(rng, 30))
    rows = texts(*[f"{boilerplate} {' '.join(sentence(rng, 30))}" for _ in range(500)])
    runs = sum(len(runs_of(row)) for row in rows)
    reads, pairs = texts_read(rows, 24 * runs // 2)  # two fit, of four blocks
    assert pairs == 0
    assert 1 < reads <= 20  # the candidates of 36 bands; cut by pairs they take 94
    assert texts_read(rows, 2**26) == (1, 0)


def in_chunks(items: np.ndarray, chunk_rows: int, **options: float) -> np.ndarray:
    """The groups of texts that come in chunks of so many rows."""
    found = near_texts_of(
        lambda fold: fold_over(fold, numbered(ArraySource({"texts": items}, chunk_rows=chunk_rows))),
        lambda fold: fold_over(fold, numbered(ArraySource(text_keys(items), chunk_rows=chunk_rows))),
        len(items),
        **options,
    )
    return connected_groups(found.pairs, len(items))


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**16), n=st.integers(1, 120), chunk_rows=st.integers(1, 50))
def test_any_split_and_any_order_of_rows_gives_the_same_groups(seed: int, n: int, chunk_rows: int) -> None:
    rng = np.random.default_rng(seed)
    items = families(rng, n)
    groups = connected_groups(near_texts(items).pairs, n)
    np.testing.assert_array_equal(in_chunks(items, chunk_rows), groups)
    order = rng.permutation(n)
    assert partition(in_chunks(items[order], chunk_rows), items[order]) == partition(groups, items)


@pytest.mark.slow
def test_the_groups_are_the_same_in_whatever_little_memory() -> None:
    items = families(np.random.default_rng(3), 300)
    groups = connected_groups(near_texts(items).pairs, 300)
    assert len(np.unique(groups)) > 30
    for most_bytes in (3000, 10_000):
        np.testing.assert_array_equal(in_chunks(items, 64, most_bytes=most_bytes), groups)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**16), n=st.integers(2, 60))
def test_each_pair_is_as_alike_as_it_is_said_to_be(seed: int, n: int) -> None:
    items = families(np.random.default_rng(seed), n, words=9)
    found = near_texts(items, min_similarity=0.6)
    pairs = items[found.pairs].tolist()
    said = [max(resemblance(*pair), containment(*pair) * (containment(*pair) > 0.99)) for pair in pairs]
    np.testing.assert_allclose(found.similarity, said)


def test_a_hundred_thousand_equal_texts_are_one_group() -> None:
    found = near_texts(texts(*["the same text in each and every row"] * 100_000))
    assert found.pairs.tolist() == [[0, row] for row in range(1, 100_000)]
    assert (found.similarity == 1).all()


def test_boilerplate_in_every_text_makes_few_pairs_and_no_group() -> None:
    rng = np.random.default_rng(2)
    boilerplate = " ".join(sentence(rng, 30))
    rows = [f"{boilerplate} {' '.join(sentence(rng, 30))}" for _ in range(2000)]
    rows[1500] = rows[100] + " !"
    rows[700] = rows[300].rsplit(" ", 1)[0]
    assert near_texts(texts(*rows)).pairs.tolist() == [[100, 1500], [300, 700]]


def test_texts_made_from_one_template_are_one_group() -> None:
    rng = np.random.default_rng(4)
    words = sentence(rng, 40)
    rows = texts(*[" ".join([*words, f"order {number}"]) for number in range(5000)])
    found = near_texts(rows)
    assert (connected_groups(found.pairs, 5000) == 0).all()
    assert len(found.pairs) < 5 * 5000


def test_odd_texts_are_compared_like_any_other() -> None:
    half = "a broken \ud800 sign stands in this text"
    long = " ".join(f"word{number}" for number in range(200_000))
    one_word = "a" * 100_000
    found = near_texts(texts(half, long, one_word, long + " more", one_word, half + "!"))
    assert found.pairs.tolist() == [[0, 5], [1, 3]]


@pytest.mark.shared_data
def test_the_repeated_questions_of_trec_are_found() -> None:
    import csv

    with open(shared("text_trec6") / "train.csv", encoding="utf-8", newline="") as file:
        questions = [row["text"] for row in csv.DictReader(file)]
    repeated = len(questions) - len(set(questions))
    found = near_texts(texts(*questions))
    assert repeated == 71
    later = {pair[1] for pair, alike in zip(found.pairs.tolist(), found.similarity, strict=True) if alike == 1}
    short = {i for i, question in enumerate(questions) if len(question.split()) < 6}
    copies = {i for i in range(len(questions)) if questions[i] in set(questions[:i])}
    assert copies - short <= later
