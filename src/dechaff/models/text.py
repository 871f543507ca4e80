"""Texts as numbers: word and character n-grams, weighted by TF-IDF.

The counts are those of scikit-learn's `CountVectorizer`. Character n-grams never cross a word boundary, so they are
found once per distinct word and summed by one sparse product; pairs of words are pairs of numbers, and become text only
where they are kept.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count, repeat

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Table
from dechaff.core.word_hashes import text_blocks
from dechaff.models.model import GivenFeatures, Matrix
from dechaff.typing import Texts

MAX_WEIGHTS = 6_000_000
"""Most weights of a linear model (features x classes); bounds memory with many classes."""
MAX_FEATURES = 100_000
"""Most n-grams of one kind per column."""
PIECES = (3, 5)
"""Shortest and longest n-grams of characters."""
_WORD, _TOKEN = re.compile(r"\w+"), re.compile(r"\S+")
_Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class TextEncoder:
    """TF-IDF of words, word pairs and character n-grams of every text column; each block has length 1.

    Source
    ------
    Salton, Buckley (1988), Information Processing and Management 24; sublinear term frequency as in scikit-learn.
    """

    def fit(self, table: Table, features: GivenFeatures, n_classes: int, *, seed: int) -> tuple[TextEncoding, Matrix]:
        """Vocabulary and IDF of the n-grams that occur in at least two rows, and the matrix (n, d)."""
        from scipy.sparse import hstack

        room = max(1_000, min(MAX_FEATURES, MAX_WEIGHTS // max(1, n_classes if n_classes > 2 else 1)))
        learnt: dict[str, tuple[Grams, Grams]] = {}
        blocks: list[Matrix] = []
        for column in table.of_kind("text"):
            word_grams, word_block = _learn_grams(*_word_counts(column.values, _least(len(table))), room)
            piece_grams, piece_block = _learn_grams(*_piece_counts(column.values, _least(len(table))), room)
            learnt[column.name] = (word_grams, piece_grams)
            blocks += [word_block, piece_block]
        encoding = TextEncoding(learnt)
        return encoding, hstack(blocks, format="csr", dtype=np.float32)


@dataclass(frozen=True)
class Grams:
    """The kept n-grams, as text -> column, and the IDF weight of each."""

    vocabulary: dict[str, int]
    rarity: npt.NDArray[np.float32]


@dataclass(frozen=True)
class TextEncoding:
    """Vocabulary and weights by text column."""

    grams: dict[str, tuple[Grams, Grams]]

    def transform(self, table: Table, features: GivenFeatures) -> Matrix:
        """TF-IDF rows (n, d) of the table's text columns, as CSR in float32."""
        from scipy.sparse import hstack

        blocks = [_known_rows(table[name].values, *grams) for name, grams in self.grams.items()]
        return hstack(blocks, format="csr", dtype=np.float32)


def _least(n_rows: int) -> int:
    """Fewest rows in which a kept n-gram occurs."""
    return 2 if n_rows > 20 else 1


def _tokens(texts: Texts, pattern: re.Pattern[str]) -> tuple[list[str], _Places, _Places]:
    """The different tokens; the place among them of each token of all texts, one after the other; and its row."""
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    n_tokens: list[int] = []

    def found() -> Iterator[list[str]]:
        for text in texts:
            tokens = pattern.findall(text.lower())
            n_tokens.append(len(tokens))
            yield tokens

    places = np.fromiter(map(numbers.__getitem__, chain.from_iterable(found())), dtype=np.int64)
    return list(numbers), places, np.repeat(np.arange(len(n_tokens)), n_tokens)


def _word_counts(texts: Texts, least: int = 1) -> tuple[list[str], Matrix]:
    """The words and pairs of words that occur in at least some rows, and their counts (n, d).

    A pair is a number until it is known to be kept, for most pairs occur once.
    """
    from scipy.sparse import hstack

    words, places, in_row = _tokens(texts, _WORD)
    firsts = np.flatnonzero(in_row[1:] == in_row[:-1])
    pairs, pair_places = np.unique(places[firsts] * len(words) + places[firsts + 1], return_inverse=True)
    singles = counted(places, in_row, (len(texts), len(words)))
    doubles = counted(pair_places, in_row[firsts], (len(texts), len(pairs)))
    of_words, of_pairs = (np.flatnonzero(_spread(counts) >= least) for counts in (singles, doubles))
    names = [words[place] for place in of_words.tolist()]
    names += [f"{words[pair // len(words)]} {words[pair % len(words)]}" for pair in pairs[of_pairs].tolist()]
    return names, hstack([singles[:, of_words], doubles[:, of_pairs]], format="csr", dtype=np.float32)


def _piece_counts(texts: Texts, least: int = 1) -> tuple[list[str], Matrix]:
    """The same of character n-grams, which may be a few more than occur in so many rows."""
    tokens, places, in_row = _tokens(texts, _TOKEN)
    in_text = counted(places, in_row, (len(texts), len(tokens)))
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    found: list[int] = []
    n_pieces: list[int] = []
    for token in tokens:
        padded, before = f" {token} ", len(found)
        for length in range(PIECES[0], min(PIECES[1], len(padded)) + 1):
            found += [numbers[padded[at : at + length]] for at in range(len(padded) - length + 1)]
        n_pieces.append(len(found) - before)
    in_tokens = np.repeat(np.arange(len(tokens)), n_pieces)
    most = np.bincount(found, weights=_spread(in_text)[in_tokens], minlength=len(numbers))
    kept = np.flatnonzero(most >= least)
    in_token = counted(np.array(found, dtype=np.int64), in_tokens, (len(tokens), len(numbers)))
    names = np.array(list(numbers), dtype=object)[kept].tolist()
    return names, (in_text @ in_token[:, kept]).tocsr()


def counted(places: _Places, in_row: _Places, shape: tuple[int, int]) -> Matrix:
    """How often each of some n-grams occurs in each row, as CSR in float32."""
    from scipy.sparse import csr_matrix

    return csr_matrix((np.ones(len(places), dtype=np.float32), (in_row, places)), shape=shape)


def _spread(counts: Matrix) -> _Places:
    """(d,) the number of rows in which each n-gram occurs."""
    return np.bincount(counts.indices, minlength=counts.shape[1])


def _learn_grams(names: list[str], counts: Matrix, room: int) -> tuple[Grams, Matrix]:
    """The kept n-grams in the order of the alphabet, and the matrix of the texts."""
    order = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.int64)
    ordered = counts[:, order]
    kept, rarity = frequent_grams(ordered, room)
    grams = Grams({names[place]: at for at, place in enumerate(order[kept].tolist())}, rarity)
    return grams, weighted(ordered[:, kept], rarity)


def _known_rows(texts: Texts, words: Grams, pieces: Grams) -> Matrix:
    """The rows of texts by n-grams that are known already, some texts at a time: few other n-grams wait in memory."""
    from scipy.sparse import hstack, vstack

    blocks = [texts[block] for block in text_blocks(texts)] or [texts]
    both = ((_known(*_word_counts(some), words), _known(*_piece_counts(some), pieces)) for some in blocks)
    return vstack([hstack(pair) for pair in both], format="csr")


def _known(names: list[str], counts: Matrix, grams: Grams) -> Matrix:
    from scipy.sparse import csr_matrix

    columns = np.fromiter(map(grams.vocabulary.get, names, repeat(-1)), dtype=np.int64, count=len(names))
    some = counts[:, columns >= 0]
    parts = (some.data, columns[columns >= 0][some.indices], some.indptr)
    return weighted(csr_matrix(parts, shape=(counts.shape[0], len(grams.vocabulary))), grams.rarity)


def frequent_grams(counts: Matrix, room: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """The columns that occur in two rows, and the IDF weight of each; the most frequent ones if there are too many.

    Parameters
    ----------
    counts : (n, d) sparse
        How often each n-gram occurs in each row.
    room : most columns.
    """
    n_rows = counts.shape[0]
    spread = _spread(counts)
    kept = np.flatnonzero(spread >= _least(n_rows))
    if len(kept) > room:
        kept = np.sort(kept[np.argsort(-spread[kept], kind="stable")[:room]])
    return kept, (np.log((1 + n_rows) / (1 + spread[kept])) + 1).astype(np.float32)


def weighted(counts: Matrix, rarity: npt.NDArray[np.float32]) -> Matrix:
    """(1 + log count) x IDF, each row scaled to length 1."""
    rows = counts.tocsr()
    rows.sort_indices()  # the order of sums
    of_row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    rows.data = (1 + np.log(rows.data)) * rarity[rows.indices]
    lengths = np.sqrt(np.bincount(of_row, weights=np.square(rows.data), minlength=rows.shape[0])).astype(np.float32)
    rows.data /= lengths[of_row]
    return rows.astype(np.float32)
