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


def runs_of(text: str) -> set[str]:
    """The runs of eight characters, as plain as they can be."""
    line = " ".join(words_of(text))
    return {line[i : i + 8] for i in range(max(1, len(line) - 7))}


def resemblance(one: str, other: str) -> float:
    """The fraction of the runs of either that both have."""
    left, right = runs_of(one), runs_of(other)
    return len(left & right) / len(left | right)


def containment(one: str, other: str) -> float:
    """The fraction of the runs of the shorter one that the longer one has."""
    left, right = runs_of(one), runs_of(other)
    return len(left & right) / min(len(left), len(right))


def partition(groups: np.ndarray, items: np.ndarray) -> set[frozenset[str]]:
    """The groups as sets of what stands in them, however the rows are numbered."""
    return {frozenset(items[groups == group].tolist()) for group in set(groups.tolist()) - {-1}}
