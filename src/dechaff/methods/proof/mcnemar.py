"""McNemar's test: do two models err on the same test rows equally often?"""

from __future__ import annotations

from dataclasses import dataclass

from dechaff.typing import Mask


@dataclass(frozen=True)
class McNemar:
    """Test rows that only one of two models gets right, and how surprising their imbalance is."""

    only_before_right: int
    only_after_right: int
    exact: float
    """Two-sided exact p-value; never too small, often too large."""
    p_value: float
    """Two-sided mid-p value: half the weight on the table that was seen."""


def mcnemar(before_right: Mask, after_right: Mask) -> McNemar:
    """The rows that only one of two models gets right, tested as tosses of a fair coin.

    Rows on which both models agree say nothing about their difference, so only the b rows that the first
    alone gets right and the c rows that the second alone gets right count: c is Binomial(b + c, 1/2) where
    the models are equally good. The mid-p value is the recommended one; the exact one is kept beside it.

    Parameters
    ----------
    before_right, after_right : (n,) bool
        Whether each model is right, on the same test rows in the same order.

    Returns
    -------
    McNemar

    Source
    ------
    McNemar (1947), Psychometrika 12; mid-p: Fagerland, Lydersen, Laake (2013), BMC Med. Res. Methodol. 13:91.

    Examples
    --------
    >>> mcnemar(np.array([True, False, False, False]), np.array([True, True, True, True]))
    McNemar(only_before_right=0, only_after_right=3, exact=0.25, p_value=0.125)
    """
    # Here and not above: scipy.stats costs a third of a second, and most commands never come this far.
    from scipy.stats import binom

    only_before = int((before_right & ~after_right).sum())
    only_after = int((after_right & ~before_right).sum())
    differing = only_before + only_after
    if differing == 0:
        return McNemar(0, 0, 1.0, 1.0)
    tail = float(binom.cdf(min(only_before, only_after), differing, 0.5))
    seen = float(binom.pmf(min(only_before, only_after), differing, 0.5))
    return McNemar(only_before, only_after, min(1.0, 2 * tail), min(1.0, 2 * tail - seen))
