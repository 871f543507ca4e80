"""How sure one must be before a row is changed without a person: the policies of the recipe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.errors import InputError
from dechaff.methods.label_errors.class_health import rare_classes
from dechaff.methods.label_errors.judged_labels import JudgedLabels
from dechaff.recipe.proposals import DROP, RELABEL, REVIEW, Proposal
from dechaff.typing import Labels, Rows


@dataclass(frozen=True)
class Policy:
    """Bounds on probabilities: of the suggested class, to relabel; of an error, to drop.

    A row with a right label is worth 1 to the training, one with a wrong label costs ``harm``, a missing one is
    worth 0. Keeping a row of error probability e is then worth ``1 - e - harm * e``, relabelling it to a class of
    probability q ``q - harm * (1 - q)``, dropping it 0. The bounds are what this comes to with a margin for the
    model's own errors; ``acts`` says whether anything is done without a person.
    """

    name: str
    relabel_above: float
    drop_above: float
    acts: bool = True


CONSERVATIVE = Policy("conservative", relabel_above=0.95, drop_above=0.5)
BALANCED = Policy("balanced", relabel_above=0.8, drop_above=0.5)
BOLD = Policy("bold", relabel_above=0.5, drop_above=0.5)
REVIEW_ONLY = Policy("review", relabel_above=2.0, drop_above=2.0, acts=False)

POLICIES = {policy.name: policy for policy in (CONSERVATIVE, BALANCED, BOLD, REVIEW_ONLY)}


def policy_named(name: str) -> Policy:
    """The policy of that name, or an InputError that lists them."""
    if name not in POLICIES:
        raise InputError("policy", f"be one of {', '.join(POLICIES)}", repr(name), "Choose one with --policy.")
    return POLICIES[name]


def label_error_proposal(errors: JudgedLabels, rows: Rows, codes: Labels, policy: Policy) -> Proposal:
    """For the flagged rows: relabel where the suggestion is sure, drop where the error is, else review.

    Rows of a class that hardly has any are only reviewed: no model has learnt it, so none can judge its labels.

    Parameters
    ----------
    errors : over m rows
    rows : (m,) int, their positions
    codes : (n,) int, given labels of all rows, -1 where missing
    policy : the bounds
    """
    counts = np.bincount(codes[codes >= 0], minlength=len(errors.prior))
    return proposal_for(errors, rows, codes[rows], counts, policy)


def proposal_for(errors: JudgedLabels, rows: Rows, given: Labels, counts: Labels, policy: Policy) -> Proposal:
    """The same from the given labels of the m rows and the rows of each class among all."""
    flagged = np.flatnonzero(errors.flag)
    suggested = errors.suggested[flagged]
    sure = errors.suggested_prob[flagged]
    wrong = errors.score[flagged]
    rare = rare_classes(counts) > 0
    known = ~rare[given[flagged]]
    acts = np.where(sure >= policy.relabel_above, RELABEL, np.where(wrong >= policy.drop_above, DROP, REVIEW))
    actions = np.where(known, acts, REVIEW)
    labels = np.where(actions == RELABEL, suggested, -1)
    return Proposal("L001", rows[flagged], actions, labels, wrong)
