"""What is shown beside a row: probabilities, telling words, usual values, and the rows that are most like it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dechaff.api.review.desk import Desk
from dechaff.records.review import Cell, Neighbour
from dechaff.typing import Probs

_SHOWN = 20
"""Most classes whose probability is shown."""


@dataclass
class Evidence:
    """Made once for a run, from its probabilities and a sample of its rows."""

    desk: Desk

    def probs(self, place: int) -> tuple[tuple[str, float], ...]:
        """Classes with the out-of-sample probability of a row, the most probable first."""
        found = self.all_probs
        if found is None or place >= len(found):
            return ()
        row = found[place]
        order = np.argsort(-row, kind="stable")[:_SHOWN]
        return tuple((self.desk.classes[at], round(float(row[at]), 6)) for at in order)

    def marked(self, cells: tuple[Cell, ...], given: str, suggested: str) -> tuple[Cell, ...]:
        """The cells with what is telling in them."""
        return cells

    def neighbours(self, cells: list[tuple[str, str]], key: str) -> tuple[Neighbour, ...]:
        """The rows of the sample that are most like a row."""
        return ()

    @cached_property
    def all_probs(self) -> Probs | None:
        """(n, k) out-of-sample probabilities of all rows, by place; None for a run out of core."""
        path = self.desk.folder / "probs.npz"
        if not path.exists():
            return None
        with np.load(path, allow_pickle=False) as arrays:
            return np.asarray(arrays["pred_probs"])


def evidence_of(desk: Desk) -> Evidence:
    """The evidence of a run; made on first use."""
    if desk.evidence is None:
        desk.evidence = Evidence(desk)
    found: Evidence = desk.evidence
    return found
