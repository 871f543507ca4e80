"""What each source of evidence says about one row, as a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.methods.label_evidence.nearest_rows import Neighbours
from dechaff.methods.label_evidence.neighbour_votes import neighbour_counts
from dechaff.typing import Labels, Probs, Rows


@dataclass(frozen=True)
class EvidenceSources:
    """The given labels, what each model makes of them, and the nearest rows if an embedding was used."""

    labels: Labels
    models: tuple[Probs, ...]
    nearest: Neighbours | None

    def sentences(
        self, rows: Rows, probs: Probs, *, suggested: Labels | None, names: Sequence[str] | None
    ) -> tuple[str, ...]:
        """One sentence for each of the rows; `probs` (n, k) names the other class if `suggested` is None."""
        given = self.labels[rows]
        other = _best_other(probs[rows], given) if suggested is None else suggested[rows]
        votes = sum((model[rows].argmax(axis=1) == other).astype(np.int64) for model in self.models)
        called = [str(place) for place in range(probs.shape[1])] if names is None else names
        sentences = [_models(int(vote), len(self.models), called[to]) for vote, to in zip(votes, other, strict=True)]
        if self.nearest is None:
            return tuple(f"{one}." for one in sentences)
        near = neighbour_counts(self.labels, self.nearest[rows], probs.shape[1]).astype(np.int64)
        return tuple(
            f"{one}; of the {count.sum()} nearest rows {count[to]} are labelled '{called[to]}' and "
            f"{count[own]} '{called[own]}'."
            for one, count, own, to in zip(sentences, near, given, other, strict=True)
        )


def _best_other(probs: Probs, given: Labels) -> npt.NDArray[np.int64]:
    others = probs.copy()
    others[np.arange(len(given)), given] = -1.0
    return np.asarray(others.argmax(axis=1), dtype=np.int64)


def _models(votes: int, n_models: int, name: str) -> str:
    """How many of the models prefer a class.

    Examples
    --------
    >>> _models(2, 2, "dog"), _models(0, 1, "dog"), _models(1, 3, "dog")
    ("Both models say 'dog'", "The model does not say 'dog'", "1 of 3 models says 'dog'")
    """
    if n_models == 1:
        return f"The model {'says' if votes else 'does not say'} '{name}'"
    if votes in (0, n_models):
        subject = "No model says" if not votes else "Both models say" if votes == 2 else f"All {n_models} models say"
        return f"{subject} '{name}'"
    return f"{votes} of {n_models} models {'says' if votes == 1 else 'say'} '{name}'"
