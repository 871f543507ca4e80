"""How sure one must be before a row is changed without a person: the policies of the recipe."""

from __future__ import annotations

import numpy as np

from dechaff.methods.label_errors.class_health import rare_classes
from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates
from dechaff.recipe.improve.proposals import DROP, RELABEL, REVIEW, Proposal
from dechaff.records.policies import Policy
from dechaff.typing import Labels, Rows


def label_error_proposal(errors: LabelErrorEstimates, rows: Rows, codes: Labels, policy: Policy) -> Proposal:
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


def proposal_for(errors: LabelErrorEstimates, rows: Rows, given: Labels, counts: Labels, policy: Policy) -> Proposal:
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
