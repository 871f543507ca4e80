"""P001 and P002: unlabelled rows that are probably positive, and labelled rows that probably are not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dechaff.data.open_positives import OpenedPositives
from dechaff.recipe.explore.view import row_name
from dechaff.recipe.explore.words import percent
from dechaff.recipe.improve.proposals import RELABEL, REVIEW, Proposal
from dechaff.records.findings import Detection, Finding
from dechaff.records.policies import Policy
from dechaff.typing import Mask, Numbers, Rows, Score

PROBABLY = 0.5
"""A row of this chance or more is called so."""
_LONGEST = 60


@dataclass(frozen=True)
class Doubted:
    """One kind of row that is probably not what its label cell says: ``score`` (n,) is the chance of that."""

    code: str
    rows: Rows
    score: Score


def probably_positive(
    found: OpenedPositives, chances: Numbers, copies: dict[int, int], *, error_rate: float
) -> Doubted:
    """Unlabelled rows that are more likely positive than not.

    A row with the same input as a labelled one is positive unless that label is wrong.

    Parameters
    ----------
    found : the data
    chances : (n,) float, p(y = 1 | x, s = 0)
    copies : unlabelled row -> a labelled row of the same input
    error_rate : share of labelled rows that are not positive
    """
    score = np.where(found.labelled, 0.0, chances)
    for row in copies:
        score[row] = max(score[row], 1 - error_rate)
    return Doubted("P001", np.flatnonzero(~found.labelled & (score >= PROBABLY)), score)


def probably_not_positive(found: OpenedPositives, doubt: Score) -> Doubted:
    """Labelled rows that are more likely negative than not.

    Parameters
    ----------
    found : the data
    doubt : (n,) float, the chance that a labelled row is not positive
    """
    score = np.where(found.labelled, doubt, 0.0)
    return Doubted("P002", np.flatnonzero(found.labelled & (score >= PROBABLY)), score)


def proposal(doubted: Doubted, new_code: int, policy: Policy, *, reliable: bool) -> Proposal:
    """Change the label where the policy is sure enough of it, else set the row aside for a person.

    Where probabilities are not ``reliable``, nothing is done without a person.
    """
    score = doubted.score[doubted.rows]
    acts = (score >= policy.relabel_above) & reliable & policy.acts
    labels = np.where(acts, new_code, -1)
    return Proposal(doubted.code, doubted.rows, np.where(acts, RELABEL, REVIEW), labels, score)


def detection(doubted: Doubted, proposed: Proposal, estimates: PositiveEstimates) -> Detection:
    """A finding for every doubted row, and the scores of all."""
    flag = np.zeros(len(doubted.score), dtype=np.bool_)
    flag[doubted.rows] = True
    write = estimates.positive if doubted.code == "P001" else estimates.not_positive
    findings = tuple(
        write(row, float(doubted.score[row]), action == RELABEL)
        for row, action in zip(doubted.rows.tolist(), proposed.actions.tolist(), strict=True)
    )
    return Detection(doubted.code, findings, doubted.score, flag)


@dataclass(frozen=True)
class PositiveEstimates:
    """Findings in words. ``label_shares`` (n,): how many of the rows like each are labelled; ``c``: of positives."""

    found: OpenedPositives
    label_shares: Numbers
    c: float
    copies: dict[int, int]

    def positive(self, row: int, score: float, acts: bool) -> Finding:
        """An unlabelled row that is probably positive."""
        name, train = shortened(self.found.positive), self.found.train
        why = f"{self._share(row)}: it is positive with probability {percent(score)}."
        if row in self.copies:
            why = f"The same input as {row_name(train, self.copies[row])}, which is labelled '{name}'. {why}"
        fix = f"Label it '{name}'." if acts else f"Read the row; it is probably '{name}'."
        return Finding("P001", score, why, fix, row, "", train.label_name, self.found.other, self.found.positive)

    def not_positive(self, row: int, score: float, acts: bool) -> Finding:
        """A labelled row that probably is not positive."""
        name, other = shortened(self.found.positive), self.found.other
        why = f"{self._share(row)}: the label '{name}' is wrong with probability {percent(score)}."
        fix = f"Check its label; '{name}' is probably wrong."
        if acts:
            fix = f"Write '{shortened(other)}' instead." if self.found.named_in_data else "Take its label away."
        return Finding("P002", score, why, fix, row, "", self.found.train.label_name, self.found.positive, other)

    def _share(self, row: int) -> str:
        like, name = percent(float(self.label_shares[row])), shortened(self.found.positive)
        return f"Of rows like this one {like} are labelled '{name}', of positive rows {percent(self.c)}"


def labelled_copies(same_input: Iterable[Detection], labelled: Mask) -> dict[int, int]:
    """Unlabelled row -> the first labelled row of the same input.

    ``same_input`` is D003, where it was run: rows of the same input with different labels.
    """
    rows = sorted((f.row, f.group) for one in same_input for f in one.findings if f.row is not None)
    first: dict[str, int] = {}
    for row, group in rows:
        if labelled[row]:
            first.setdefault(group, row)
    return {row: first[group] for row, group in rows if not labelled[row] and group in first}


def rows_to_review(detection: Detection, positions: Rows) -> Proposal:
    """Rows of findings that are set aside for a person; of a group of copies, all but the first of the file."""
    seen: set[tuple[str, str]] = set()
    later = []
    for finding in sorted((f for f in detection.findings if f.row is not None), key=lambda f: positions[f.row or 0]):
        group = (finding.group, finding.given if detection.code == "D001" else "")
        if not finding.group or group in seen:
            later.append(finding)
        seen.add(group)
    return Proposal(
        detection.code,
        np.array([f.row for f in later], dtype=np.int64),
        np.full(len(later), REVIEW, dtype=np.int64),
        np.full(len(later), -1, dtype=np.int64),
        np.array([f.score for f in later], dtype=np.float64),
    )


def shortened(name: str) -> str:
    """The name of a class as a sentence can hold it.

    Examples
    --------
    >>> shortened("yes"), len(shortened("y" * 1000))
    ('yes', 60)
    """
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
