"""How little a classifier recognises a row: the energy of its outputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.typing import Chunk, Numbers, Probs

_LEAST = 1e-12


def class_energy(probs: Probs) -> Numbers:
    """Mean log-probability of the classes: high where no class stands out.

    Energy needs logits, which probabilities determine up to a constant for each row; with logits whose mean is 0 it is
    this. It is 0 at most, for equal probabilities less the logarithm of their number.

    Parameters
    ----------
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities.

    Source
    ------
    Liu, Wang, Owens, Li (2020), Energy-based out-of-distribution detection, NeurIPS, equation 4. Differs: logits are
    centred within the row.

    Examples
    --------
    >>> class_energy(np.array([[0.5, 0.5], [0.99, 0.01]])).round(2)
    array([-0.69, -2.31])
    """
    return np.asarray(np.log(np.maximum(probs, _LEAST)).mean(axis=1))


@dataclass(frozen=True)
class ClassEnergy:
    """The same as a positive number, so that it is compared as distances are."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The probabilities."""
        return ("probs",)

    def rows(self, chunk: Chunk) -> Numbers:
        """(n,) float above 0."""
        return np.exp(class_energy(np.asarray(chunk["probs"], dtype=np.float64)))
