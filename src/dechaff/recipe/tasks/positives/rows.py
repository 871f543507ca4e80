"""P001 and P002: unlabelled rows that are probably positive, and labelled rows that probably are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.words import percent
from dechaff.data.open_positives import OpenedPositives
from dechaff.recipe.improve.proposals import RELABEL, REVIEW, Proposal
from dechaff.recipe.tasks.positives.judged import Judged, RowChances
from dechaff.records.findings import Detection, Finding
from dechaff.records.policies import Policy
from dechaff.typing import Groups, Mask, Rows, Score

PROBABLY = 0.5
"""A row of this probability or more is a finding."""
_LONGEST = 60


@dataclass(frozen=True)
class PositiveRows:
    """Some rows with their chances.

    ``c`` is how many of the positives are labelled, ``error_rate`` how many of the labelled rows are not positive.
    ``copies`` names for unlabelled rows a labelled one of the same input.
    """

    found: OpenedPositives
    rows: RowChances
    c: float
    error_rate: float
    copies: Mapping[int, str]

    def probably_positive(self) -> Score:
        """(n,) chance that an unlabelled row is positive; the copy of a labelled row is, unless that label is wrong."""
        score = np.where(self.found.labelled, 0.0, self.rows.chances)
        for row in self.copies:
            score[row] = max(score[row], 1 - self.error_rate)
        return score

    def probably_not_positive(self) -> Score:
        """(n,) chance that a labelled row is negative."""
        return np.where(self.found.labelled, self.rows.doubt, 0.0)

    def finding(self, code: str, row: int, score: float, *, acts: bool) -> Finding:
        """The finding for one row."""
        return (self._positive if code == "P001" else self._not_positive)(row, score, acts)

    def _positive(self, row: int, score: float, acts: bool) -> Finding:
        name = shortened(self.found.positive)
        why = f"{self._share(row)}: it is positive with probability {percent(score)}."
        if row in self.copies:
            why = f"The same input as {self.copies[row]}, which is labelled '{name}'. {why}"
        fix = f"Label it '{name}'." if acts else f"Review the row; it is probably '{name}'."
        label_name = self.found.train.label_name
        return Finding("P001", score, why, fix, row, "", label_name, self.found.other, self.found.positive)

    def _not_positive(self, row: int, score: float, acts: bool) -> Finding:
        name, other = shortened(self.found.positive), self.found.other
        why = f"{self._share(row)}: the label '{name}' is wrong with probability {percent(score)}."
        fix = f"Check its label; '{name}' is probably wrong."
        if acts:
            fix = f"Write '{shortened(other)}' instead." if self.found.named_in_data else "Remove its label."
        return Finding("P002", score, why, fix, row, "", self.found.train.label_name, self.found.positive, other)

    def _share(self, row: int) -> str:
        like, name = percent(float(self.rows.label_shares[row])), shortened(self.found.positive)
        return f"Of rows like this one {like} are labelled '{name}', of positive rows {percent(self.c)}"


def positive_results(
    found: OpenedPositives, judged: Judged, rows: RowChances, copies: Mapping[int, str], policy: Policy
) -> list[tuple[Detection, Proposal]]:
    """P001 and P002 of some rows: findings, the scores of all of them, and what is proposed.

    If probabilities are not reliable, nothing is changed without a review.

    Parameters
    ----------
    found : the rows
    judged : what is known of all rows together
    rows : their chances
    copies : unlabelled row -> the name of a labelled row of the same input
    policy : how sure one must be to change a label
    """
    some, code = PositiveRows(found, rows, judged.c, judged.errors.rate, copies), found.positive_code
    positive, wrong = some.probably_positive(), some.probably_not_positive()
    one = _results("P001", positive, ~found.labelled, some, (code, judged.reliable), policy)
    other = _results("P002", wrong, found.labelled, some, (1 - code, judged.errors_are_sure), policy)
    return [one, other]


def _results(
    code: str, score: Score, among: Mask, some: PositiveRows, change: tuple[int, bool], policy: Policy
) -> tuple[Detection, Proposal]:
    """`change` is the label that doubted rows get, and whether that is certain enough to be done without a review."""
    flag = among & (score >= PROBABLY)
    proposed = proposal(code, np.flatnonzero(flag), score, change, policy)
    findings = tuple(
        some.finding(code, row, float(score[row]), acts=action == RELABEL)
        for row, action in zip(proposed.rows.tolist(), proposed.actions.tolist(), strict=True)
    )
    return Detection(code, findings, score, flag), proposed


def proposal(code: str, rows: Rows, score: Score, change: tuple[int, bool], policy: Policy) -> Proposal:
    """Change the label if it is certain enough for the policy, else set the row aside for review."""
    new_code, reliable = change
    acts = (score[rows] >= policy.relabel_above) & reliable & policy.acts
    return Proposal(code, rows, np.where(acts, RELABEL, REVIEW), np.where(acts, new_code, -1), score[rows])


def labelled_copies(groups: Groups, labelled: Mask) -> npt.NDArray[np.int64]:
    """(n,) for each unlabelled row the first labelled row of its group of equal rows (-1 = alone), -1 for none.

    Examples
    --------
    >>> labelled_copies(np.array([0, 1, 0, -1, 0]), np.array([False, True, True, False, True]))
    array([ 2, -1, -1, -1, -1])
    """
    copies, some = np.full(len(groups), -1, dtype=np.int64), np.flatnonzero(labelled & (groups >= 0))
    numbers, first = np.unique(groups[some], return_index=True)
    rows = np.flatnonzero(~labelled & np.isin(groups, numbers))
    copies[rows] = some[first[np.searchsorted(numbers, groups[rows])]]
    return copies


def shortened(name: str) -> str:
    """The name of a class, shortened for a sentence.

    Examples
    --------
    >>> shortened("yes"), len(shortened("y" * 1000))
    ('yes', 60)
    """
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
