"""Bags of words in which the positives that are easy to see are labelled more often than the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.sparse import csr_matrix
from scipy.special import expit
from sklearn.preprocessing import normalize

TOPICS = 20
"""Kinds of texts of each class, which share the words of their class."""
TOPIC_WORDS, CLASS_WORDS = 60, 150
WORDS_OF_TOPIC = 0.2
"""Fraction of a text that its topic's words make up; words of its class come on top, the rest are any words."""
FAINT = 0.2
"""Fraction of negative texts that use some words of the positive class."""


@dataclass(frozen=True)
class PUTexts:
    """Texts of two classes as rows of unit length; the truth and which positives are labelled."""

    features: csr_matrix
    positive: npt.NDArray[np.bool_]
    labelled: npt.NDArray[np.bool_]

    @property
    def c(self) -> float:
        """Fraction of the positives that are labelled."""
        return float(self.labelled.sum() / self.positive.sum())


def made_texts(
    *, n: int = 7000, n_words: int = 20_000, prior: float = 0.38, c: float = 0.88, slope: float = 1.5, seed: int = 0
) -> PUTexts:
    """n texts of up to `n_words` different words, of which a fraction `prior` is positive and `c` of those labelled.

    How many words of its class a positive has, its clarity, differs from text to text; the log-odds of its label
    rise by `slope` per standard deviation of clarity, and differ by topic. With a slope of 0 labels are drawn
    completely at random.
    """
    random = np.random.default_rng(seed)
    any_words = random.permutation(1 / np.arange(5, n_words + 5))
    any_words /= any_words.sum()
    telling = np.sqrt(any_words) / np.sqrt(any_words).sum()
    positive = random.random(n) < prior
    clarity = random.beta(2.0, 2.0, size=n)
    faint = ~positive & (random.random(n) < FAINT)
    topics = random.integers(TOPICS, size=n) + TOPICS * positive
    words_of_topics = [random.choice(n_words, TOPIC_WORDS, replace=False, p=telling) for _ in range(2 * TOPICS)]
    words_of_classes = [random.choice(n_words, CLASS_WORDS, replace=False, p=telling) for _ in range(2)]
    lengths = np.maximum(random.lognormal(4.0, 0.5, size=n).astype(int), 10)
    rows, columns = [], []
    for row in range(n):
        own = float(0.25 * clarity[row])
        of_class = words_of_classes[int(positive[row] or faint[row])]
        share = own / 2 if faint[row] else own
        counts = random.multinomial(lengths[row], [WORDS_OF_TOPIC, share, 1 - WORDS_OF_TOPIC - share])
        drawn = [
            random.choice(words_of_topics[topics[row]], counts[0]),
            random.choice(of_class, counts[1]),
            random.choice(n_words, counts[2], p=any_words),
        ]
        columns.append(np.concatenate(drawn))
        rows.append(np.full(lengths[row], row))
    place = (np.concatenate(rows), np.concatenate(columns))
    counts_of_words = csr_matrix((np.ones(len(place[0])), place), shape=(n, n_words))
    chance = _chances(clarity[positive], topics[positive], c, slope, random)
    labelled = positive.copy()
    labelled[positive] = random.random(int(positive.sum())) < chance
    return PUTexts(normalize(counts_of_words), positive, labelled)


def _chances(
    clarity: npt.NDArray[np.float64], topics: npt.NDArray[np.int64], c: float, slope: float, random: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Chance of each positive to be labelled, c on average."""
    of_topics = random.normal(size=2 * TOPICS)[topics]
    lean = slope * ((clarity - clarity.mean()) / clarity.std() + of_topics / 2)
    level = brentq(lambda shift: float(expit(lean + shift).mean()) - c, -60, 60)
    return np.asarray(expit(lean + level))
