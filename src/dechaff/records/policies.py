"""How certain an audit must be before it changes a row automatically: the bounds of each policy."""

from __future__ import annotations

from dataclasses import dataclass

from dechaff.errors import InputError


@dataclass(frozen=True)
class Policy:
    """Bounds on probabilities: of the suggested class, to relabel; of an error, to drop.

    A row with a right label is worth 1 to the training, one with a wrong label costs ``harm``, a missing one is
    worth 0. Keeping a row of error probability e is then worth ``1 - e - harm * e``, relabelling it to a class of
    probability q ``q - harm * (1 - q)``, dropping it 0. The bounds are what this comes to with a margin for the
    model's own errors; ``acts`` says whether rows are changed without a review. Only flagged rows are changed: a bound
    of 0 to drop leaves none of them as it is. With ``proved``, only obvious errors are changed, and as many rows as
    the lower end of the noise rate's interval says, the most doubtful first: others may be an overlap of classes.

    Examples
    --------
    >>> Policy("mine", relabel_above=0.99, drop_above=0.9)
    Policy(name='mine', relabel_above=0.99, drop_above=0.9, acts=True, proved=False)
    """

    name: str
    relabel_above: float
    drop_above: float
    acts: bool = True
    proved: bool = False


CONSERVATIVE = Policy("conservative", relabel_above=0.95, drop_above=0.5, proved=True)
BALANCED = Policy("balanced", relabel_above=0.8, drop_above=0.5)
BOLD = Policy("bold", relabel_above=0.5, drop_above=0.0)
"""Changes every flagged row. As many rows are flagged as labels are estimated to be wrong, so even the least doubtful
of them are better left out than kept, as long as the estimate holds."""
REVIEW_ONLY = Policy("review", relabel_above=2.0, drop_above=2.0, acts=False)

POLICIES = {policy.name: policy for policy in (CONSERVATIVE, BALANCED, BOLD, REVIEW_ONLY)}


def policy_of(given: str | Policy) -> Policy:
    """The given policy, or the one of this name; an InputError if there is none."""
    if isinstance(given, Policy):
        _check_bounds(given)
        return given
    if given not in POLICIES:
        raise InputError("policy", f"be one of {', '.join(POLICIES)}", repr(given), "Choose one with --policy.")
    return POLICIES[given]


def _check_bounds(policy: Policy) -> None:
    bounds = {"relabel_above": policy.relabel_above, "drop_above": policy.drop_above}
    for name, bound in bounds.items():
        if policy.acts and not 0 <= bound <= 1:
            fix = "Pass 0.95 for 95 %; acts=False changes no row without a review."
            raise InputError(f"{name} of the policy {policy.name!r}", "be a probability from 0 to 1", repr(bound), fix)
