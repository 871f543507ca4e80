from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from dechaff.core import word_hashes
from dechaff.models.word_topics import WordTopics


def made_texts(n_rows: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    kinds = [" ".join(rng.choice([f"w{word}" for word in range(60)], 9)) for _ in range(20)]
    return np.array([kinds[kind] for kind in rng.integers(len(kinds), size=n_rows)], dtype=object)


def test_texts_are_compared_as_by_the_words_of_scikit_learn() -> None:
    texts = made_texts(90)
    known = TfidfVectorizer(min_df=2, sublinear_tf=True).fit_transform(texts).toarray()
    found = WordTopics.of(texts, seed=0).rows(texts)
    np.testing.assert_allclose(found @ found.T, known @ known.T, atol=1e-5)


def test_rows_do_not_depend_on_those_beside_them(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = made_texts(90)
    whole = WordTopics.of(texts, seed=0)
    monkeypatch.setattr(word_hashes, "_TEXTS_AT_ONCE", 7)
    blockwise = WordTopics.of(texts, seed=0)
    np.testing.assert_array_equal(blockwise.rows(texts), whole.rows(texts))
    np.testing.assert_array_equal(blockwise.rows(texts[5:6])[0], whole.rows(texts)[5])


@pytest.mark.parametrize("texts", [[], [""] * 30, ["one", "two", "three"] + [""] * 30])
def test_texts_that_share_no_word_have_no_topics(texts: list[str]) -> None:
    rows = np.array(texts, dtype=object)
    assert WordTopics.of(rows, seed=0).rows(rows).shape == (len(texts), 0)


def test_unknown_words_count_nothing() -> None:
    found = WordTopics.of(made_texts(50), seed=0).rows(
        np.array(["w1 entirely other words", "other words"], dtype=object)
    )
    assert np.abs(found[0]).sum() > 0
    assert not found[1].any()
