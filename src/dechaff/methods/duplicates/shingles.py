"""Texts as sets of shingles: runs of three words, blind to case, spacing and punctuation."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from dechaff.typing import Texts

Hashes = npt.NDArray[np.uint64]

# Scripts written without spaces: one sign counts as one word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_]+")
_WEIGHTS = tuple(np.uint64(w) for w in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))


@dataclass(frozen=True)
class Shingles:
    """All shingles of n texts, one after the other.

    ``hashes[starts[i]:starts[i + 1]]`` are those of text i (repeated ones stay); ``n_words`` (n,) counts its words;
    ``order`` (n,) hashes the whole run of words: equal for texts that differ only in case, spacing, punctuation.
    """

    hashes: Hashes
    starts: npt.NDArray[np.int64]
    n_words: npt.NDArray[np.int64]
    order: Hashes


def shingles(texts: Texts) -> Shingles:
    """The shingles of each text, as 64-bit hashes that depend on nothing but the words.

    A text of one or two words is one shingle; a text without words has none.

    Parameters
    ----------
    texts : (n,) object array of str

    Returns
    -------
    Shingles

    Source
    ------
    Broder (1997), On the resemblance and containment of documents.

    Examples
    --------
    >>> found = shingles(np.array(["A red door, open.", "a RED  door open", ""], dtype=object))
    >>> np.diff(found.starts)
    array([2, 2, 0])
    >>> bool((found.hashes[:2] == found.hashes[2:]).all()), bool(found.order[0] == found.order[1])
    (True, True)
    """
    words, n_words = _word_hashes(texts)
    ends = np.cumsum(n_words)
    firsts = ends - n_words
    counts = np.where(n_words >= 3, n_words - 2, np.minimum(n_words, 1))
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    positions = ragged_ranges(firsts, counts)
    last = np.repeat(ends, counts)
    hashes = mix(words[positions] * _WEIGHTS[0])
    for step in (1, 2):
        follower = np.minimum(positions + step, len(words) - 1)
        inside = positions + step < last
        hashes = mix(hashes + np.where(inside, words[follower] * _WEIGHTS[step], np.uint64(step)))
    return Shingles(hashes, starts, n_words, _order_hashes(words, firsts, n_words))


def ragged_ranges(starts: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """``starts[i], starts[i] + 1, …`` of length ``counts[i]``, for each i, in one array.

    Examples
    --------
    >>> ragged_ranges(np.array([5, 0]), np.array([2, 3]))
    array([5, 6, 0, 1, 2])
    """
    before = np.cumsum(counts) - counts
    return np.asarray(np.repeat(starts - before, counts) + np.arange(int(counts.sum())), dtype=np.int64)


def mix(values: Hashes) -> Hashes:
    """The finaliser of MurmurHash3: every bit of the input moves every bit of the output."""
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return np.asarray(values ^ (values >> np.uint64(33)), dtype=np.uint64)


def _word_hashes(texts: Texts) -> tuple[Hashes, npt.NDArray[np.int64]]:
    seen: dict[str, int] = {}
    codes: list[int] = []
    n_words = np.zeros(len(texts), dtype=np.int64)
    for row, text in enumerate(texts):
        plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
        words = _WORD.findall(plain.casefold())
        n_words[row] = len(words)
        codes.extend([seen.setdefault(word, len(seen)) for word in words])
    digests = b"".join(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest() for word in seen)
    vocabulary = np.frombuffer(digests, dtype="<u8").astype(np.uint64)
    return vocabulary[np.array(codes, dtype=np.int64)], n_words


def _order_hashes(words: Hashes, firsts: npt.NDArray[np.int64], n_words: npt.NDArray[np.int64]) -> Hashes:
    place = np.arange(len(words), dtype=np.int64) - np.repeat(firsts, n_words)
    terms = mix(words ^ mix(place.astype(np.uint64) + np.uint64(1)))
    total = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(terms, dtype=np.uint64)])
    return np.asarray(total[firsts + n_words] - total[firsts], dtype=np.uint64)
