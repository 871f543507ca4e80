"""Results of whole sentences and spans, from those of their tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.typing import Axes, Labels, Mask, Numbers, Score

SentenceScore = Annotated[npt.NDArray[np.float64], Axes("sentences")]
Lengths = Annotated[npt.NDArray[np.int64], Axes("sentences")]


@dataclass(frozen=True)
class Sentences:
    """Tokens that stand one after the other; a sentence may be empty."""

    lengths: Lengths

    @property
    def starts(self) -> Lengths:
        """Position of each first token."""
        return np.asarray(np.cumsum(self.lengths) - self.lengths)

    @property
    def n_tokens(self) -> int:
        """Of all sentences together."""
        return int(self.lengths.sum())

    @property
    def of_token(self) -> npt.NDArray[np.int64]:
        """Number of the sentence of each token."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    def is_first(self) -> Mask:
        """The tokens that begin a sentence."""
        first = np.zeros(self.n_tokens, dtype=bool)
        first[self.starts[self.lengths > 0]] = True
        return first

    def is_last(self) -> Mask:
        """The tokens that end one."""
        last = np.zeros(self.n_tokens, dtype=bool)
        last[(self.starts + self.lengths - 1)[self.lengths > 0]] = True
        return last

    def forwards(self) -> Iterator[npt.NDArray[np.int64]]:
        """The first tokens of all sentences, then all the second ones, and so on."""
        for place in range(int(self.lengths.max(initial=0))):
            yield self.starts[self.lengths > place] + place

    def reduced(self, values: Numbers, by: Callable[..., Numbers], empty: float) -> SentenceScore:
        """One number per sentence, by a reduction such as ``np.maximum.reduceat``."""
        reduced = np.full(len(self.lengths), empty)
        full = self.lengths > 0
        if full.any():  # empty sentences are left out: reduceat would hand them their neighbour's first token
            reduced[full] = by(values, self.starts[full])
        return reduced


def worst_token(score: Score, sentences: Sentences) -> SentenceScore:
    """The score of the token most to be doubted; 0 for an empty sentence.

    Parameters
    ----------
    score : (n,) float
        Of the tokens, higher = look first.
    sentences : Sentences
        Their lengths.

    Returns
    -------
    (sentences,) float
        Higher = look at this sentence first.

    Source
    ------
    Wang, Mueller (2022), DCAI workshop, label errors in token classification, worst token.

    Examples
    --------
    >>> worst_token(np.array([0.1, 0.7, 0.2]), Sentences(np.array([2, 0, 1])))
    array([0.7, 0. , 0.2])
    """
    return sentences.reduced(score, np.maximum.reduceat, 0.0)


def any_error(log_odds: Score, sentences: Sentences) -> SentenceScore:
    """Probability that a sentence has an error, were its tokens independent; 0 for an empty one.

    Adds up over long sentences of small doubts. As a probability of the whole it is right; to order the sentences
    `worst_token` measured better.

    Parameters
    ----------
    log_odds : (n,) float
        Of each token being wrong.
    sentences : as in `worst_token`

    Returns
    -------
    (sentences,) float in [0, 1]

    Source
    ------
    The noisy-or of Pearl (1988), Probabilistic Reasoning in Intelligent Systems.

    Examples
    --------
    >>> any_error(np.array([0.0, 0.0]), Sentences(np.array([2])))
    array([0.75])
    """
    right = sentences.reduced(-np.logaddexp(0, log_odds), np.add.reduceat, 0.0)
    return np.asarray(-np.expm1(right))


def are_bio(classes: Sequence[str]) -> bool:
    """Whether every class is O, or B- or I- with a name, and every I- has its B-."""
    begins = {name[2:] for name in classes if name.startswith("B-")}
    goes_on = {name[2:] for name in classes if name.startswith("I-")}
    others = [name for name in classes if name[:2] not in ("B-", "I-")]
    return bool(goes_on) and goes_on <= begins and set(others) <= {"O"}


def whole_spans(labels: Labels, sentences: Sentences, *, classes: Sequence[str]) -> Labels:
    """The labels with each I- that continues nothing turned into the B- of its kind.

    Corrections of single tokens may leave the rest of a span without its beginning.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Labels of all tokens, sentence after sentence.
    sentences : as in `worst_token`
    classes : k names
        O, B-… and I-….

    Returns
    -------
    (n,) int

    Source
    ------
    Ramshaw, Marcus (1995), ACL workshop on very large corpora, in the form of Tjong Kim Sang (2000), IOB2.

    Examples
    --------
    >>> whole_spans(np.array([0, 2, 2]), Sentences(np.array([3])), classes=["O", "B-PER", "I-PER"])
    array([0, 1, 2])
    """
    kind = np.array([name[2:] if name != "O" else "" for name in classes], dtype=object)[labels]
    goes_on = np.array([name.startswith("I-") for name in classes])[labels]
    begin = np.array([_code(classes, f"B-{name[2:]}") for name in classes], dtype=np.int64)[labels]
    previous = np.concatenate([kind[:1], kind[:-1]]) if len(kind) else kind
    alone = goes_on & (sentences.is_first() | (previous != kind))
    return np.where(alone, begin, labels)


def _code(classes: Sequence[str], name: str) -> int:
    return list(classes).index(name) if name in classes else -1
