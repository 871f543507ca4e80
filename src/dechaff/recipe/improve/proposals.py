"""What detectors propose for rows, and the one decision that comes of it for each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.records.decisions import Action
from dechaff.records.findings import Detection
from dechaff.records.policies import Policy
from dechaff.typing import Labels, Numbers, Rows, Score

KEEP, REVIEW, RELABEL, DROP = range(4)
ACTION_NAMES: tuple[Action, ...] = ("keep", "review", "relabel", "drop")
Actions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Proposal:
    """One detector's word on some rows: ``actions`` (m,) of the constants above, ``labels`` (m,) codes or -1."""

    code: str
    rows: Rows
    actions: npt.NDArray[np.int64]
    labels: Labels
    score: npt.NDArray[np.float64]

    def within(self, policy: Policy) -> Proposal:
        """The same, or reviews only, if the policy leaves all decisions to reviewers."""
        if policy.acts:
            return self
        actions = np.where(self.actions > REVIEW, REVIEW, self.actions)
        return Proposal(self.code, self.rows, actions, np.full(len(actions), -1), self.score)


def proposal_of(detection: Detection, positions: Rows, policy: Policy, *, drops: bool = True) -> Proposal:
    """One action for the rows of a detection: equal rows are dropped, if the policy acts; others are set aside.

    Parameters
    ----------
    detection : what was found.
    positions : (n,) of the rows in the file
        The row of each group of equal rows that comes first is spared, one of each label.
    policy : whether decisions are made without a review.
    drops : whether rows may be dropped; where not, the first row of other groups is spared, too.
    """
    equal = detection.code == "D001"
    action = DROP if equal and drops and policy.acts else REVIEW
    found = sorted((one for one in detection.findings if one.row is not None), key=lambda one: one.row or 0)
    if equal or not drops:
        seen, later = set[tuple[str, str]](), []
        for finding in sorted(found, key=lambda one: positions[one.row or 0]):
            group = (finding.group, finding.given if equal else "")
            if not finding.group or group in seen:
                later.append(finding)
            seen.add(group)
        found = later
    return Proposal(
        detection.code,
        np.array([one.row for one in found], dtype=np.int64),
        np.full(len(found), action, dtype=np.int64),
        np.full(len(found), -1, dtype=np.int64),
        np.array([one.score for one in found], dtype=np.float64),
    )


def spelling_proposal(rows: Rows, codes: Labels, policy: Policy) -> Proposal:
    """L006: the label of some rows is written in the standard way of its class; `codes` (m,) are their labels."""
    return Proposal("L006", rows, np.full(len(rows), RELABEL), codes, np.ones(len(rows))).within(policy)


def label_actions(policy: Policy, *, wrong: Score, suggested_prob: Numbers) -> Actions:
    """For rows with a doubted label: relabel where the suggestion is sure, drop where the error is, else review.

    Parameters
    ----------
    policy : the bounds
    wrong : (m,) float in [0, 1]
        Probability that the given label is wrong.
    suggested_prob : (m,) float in [0, 1]
        Probability of the suggested one.

    Examples
    --------
    >>> from dechaff.records.policies import CONSERVATIVE
    >>> label_actions(CONSERVATIVE, wrong=np.array([0.99, 0.9, 0.3]), suggested_prob=np.array([0.98, 0.6, 0.3]))
    array([2, 3, 1])
    """
    dropped = np.where(wrong >= policy.drop_above, DROP, REVIEW)
    return np.where(suggested_prob >= policy.relabel_above, RELABEL, dropped)


def row_fix(action: int, suggested: str) -> str:
    """What to do with a row whose label is doubted, in words."""
    if action == DROP:
        return "Drop the row."
    return f"Relabel to {suggested}." if action == RELABEL else f"Review the row; it may be {suggested}."


@dataclass(frozen=True)
class Decided:
    """One decision a row: ``action`` (n,), ``label`` (n,) the new code where relabelled, the code that decided."""

    action: npt.NDArray[np.int64]
    label: Labels
    code: npt.NDArray[np.object_]
    score: npt.NDArray[np.float64]

    def take(self, rows: npt.NDArray[np.int64]) -> Decided:
        """The decisions about some rows."""
        return Decided(self.action[rows], self.label[rows], self.code[rows], self.score[rows])

    def kept(self) -> npt.NDArray[np.bool_]:
        """Rows that stay in the data."""
        return np.asarray(self.action != DROP)

    def codes(self, given: Labels) -> Labels:
        """Labels after the decisions."""
        return np.where(self.action == RELABEL, self.label, given)


def decide(proposals: Sequence[Proposal], n_rows: int) -> Decided:
    """The first proposal that says more than *review* decides for a row; without one, the first of all.

    Proposals come in order of trust: what is known of a whole slice goes before what is known of one row.

    Examples
    --------
    >>> rows = np.array([0, 1])
    >>> first = Proposal("L002", rows, np.array([DROP, REVIEW]), np.array([-1, -1]), np.ones(2))
    >>> second = Proposal("D001", rows, np.array([KEEP, DROP]), np.array([-1, -1]), np.ones(2))
    >>> decide([first, second], 3).action
    array([3, 3, 0])
    """
    action = np.full(n_rows, KEEP, dtype=np.int64)
    label = np.full(n_rows, -1, dtype=np.int64)
    code = np.full(n_rows, "", dtype=object)
    score = np.zeros(n_rows)
    settled = np.zeros(n_rows, dtype=np.bool_)
    for proposal in proposals:
        acts = proposal.actions > REVIEW
        fresh = (code[proposal.rows] == "") & (proposal.actions == REVIEW)
        chosen = (acts | fresh) & ~settled[proposal.rows]
        rows = proposal.rows[chosen]
        action[rows], label[rows] = proposal.actions[chosen], proposal.labels[chosen]
        code[rows], score[rows] = proposal.code, proposal.score[chosen]
        settled[proposal.rows[acts]] = True
    return Decided(action, label, code, score)
