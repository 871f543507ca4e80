import numpy as np
import pytest

from dechaff.methods.duplicates import near_texts, near_texts_across
from tests.shared_data import shared


def texts(*items: str) -> np.ndarray:
    return np.array(items, dtype=object)


def sentence(rng: np.random.Generator, words: int) -> list[str]:
    return [f"w{word}" for word in rng.integers(0, 5000, words)]


def test_case_spacing_and_punctuation_do_not_matter() -> None:
    found = near_texts(
        texts("The cat, sat on the mat!", "something else stands in this row", "the cat sat  ON THE MAT")
    )
    assert found.pairs.tolist() == [[0, 2]]
    assert found.similarity.tolist() == [1.0]


def test_the_similarity_is_that_of_the_shingles() -> None:
    # 12 words, 10 shingles; another last word changes one of them: 9 common, 11 in all.
    first = "one two three four five six seven eight nine ten eleven twelve"
    found = near_texts(texts(first, first.replace("twelve", "thirteen")))
    assert found.similarity.tolist() == pytest.approx([9 / 11])


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
    sets = [{tuple(row[i : i + 3]) for i in range(28)} for row in rows]
    slow = [
        [i, j]
        for i in range(len(rows))
        for j in range(i + 1, len(rows))
        if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= 0.75
    ]
    assert len(slow) == 40
    assert near_texts(case).pairs.tolist() == slow


def test_other_rows_do_not_change_what_is_found_across_two_files() -> None:
    rng = np.random.default_rng(5)
    rows = [" ".join(sentence(rng, 12)) for _ in range(30)]
    found = near_texts_across(texts(*rows), texts("an unrelated text of a few words", rows[7].upper() + "."))
    assert found.pairs.tolist() == [[7, 1]]
    assert len(near_texts_across(texts(), texts("one two three four five")).pairs) == 0


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
