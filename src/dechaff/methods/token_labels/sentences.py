"""Where each sentence of a flat array of tokens begins and ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.typing import Axes, Mask, Numbers

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
        """One number a sentence, by a reduction such as ``np.maximum.reduceat``."""
        reduced = np.full(len(self.lengths), empty)
        full = self.lengths > 0
        if full.any():  # empty sentences are left out: reduceat would hand them their neighbour's first token
            reduced[full] = by(values, self.starts[full])
        return reduced
