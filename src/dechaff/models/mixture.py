"""Several models as one: a weighted mean of their probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.models.model import Bound, Codes, Probabilities


@dataclass(frozen=True)
class Mixture:
    """A FitPredict that trains every member and adds up their probabilities by ``weights`` (sum 1)."""

    members: tuple[Bound, ...]
    weights: tuple[float, ...]

    def __call__(self, fit_rows: Codes, fit_codes: Codes, predict_rows: Codes) -> Probabilities:
        """Probabilities (m, k) of `predict_rows`; members without weight are not trained."""
        parts = [
            weight * member(fit_rows, fit_codes, predict_rows)
            for member, weight in zip(self.members, self.weights, strict=True)
            if weight > 0
        ]
        return np.asarray(np.sum(parts, axis=0))
