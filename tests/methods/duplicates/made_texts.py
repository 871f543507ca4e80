"""Texts for the tests of near copies."""

from __future__ import annotations

import re
import unicodedata

import numpy as np

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|(?:(?![\u3040-\u30ff\u3400-\u9fff])[^\W_])+")


def texts(*items: str) -> np.ndarray:
    return np.array(items, dtype=object)


def sentence(rng: np.random.Generator, words: int) -> list[str]:
    return [f"w{word}" for word in rng.integers(0, 5000, words)]


def families(rng: np.random.Generator, n: int, *, words: int = 20) -> np.ndarray:
    """Texts, copies of them with a word or two changed, and exact copies, all mixed."""
    kinds = [sentence(rng, words) for _ in range(max(1, n // 3))]
    out = []
    for _ in range(n):
        row = list(kinds[rng.integers(len(kinds))])
        for _ in range(rng.integers(0, 3)):
            row[rng.integers(words)] = "other"
        out.append(" ".join(row))
    return texts(*out)


def words_of(text: str) -> list[str]:
    """The words by a regular expression: what `word_hashes` must agree with."""
    return _WORD.findall(unicodedata.normalize("NFKC", text.replace("\n", " ")).casefold())


def jaccard(one: str, other: str) -> float:
    """Similarity of the sets of three-word runs, as plain as it can be."""
    sets = [{tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2))} for words in map(words_of, (one, other))]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def partition(groups: np.ndarray, items: np.ndarray) -> set[frozenset[str]]:
    """The groups as sets of what stands in them, however the rows are numbered."""
    return {frozenset(items[groups == group].tolist()) for group in set(groups.tolist()) - {-1}}
