"""How far T is trusted in the ranking, and what replaces it: symmetric noise, or the model's margin.

If classes overlap and the model is weak, its most confident rows are not pure, and T mistakes overlap for noise. T then
ranks worse than no T at all. Three signs decide what to trust: noise with a direction needs T; noise without one that
falls on any class (`uniform_noise`) is symmetric; and noise in hard rows is found by the margin to the class that the
model prefers.
"""

from __future__ import annotations

from dataclasses import dataclass

from dechaff.methods.label_errors.noise_readings import MOSTLY_UNIFORM, Readings, soft_step

DIRECTED, DIRECTED_OF_TWO = (0.05, 0.2), (0.25, 0.35)
"""Directed fraction of the plateaus' disagreement: below the first T is not trusted, from the second on it is. Of two
classes, one is often harder than the other, which looks like a direction."""
UNIFORM = (0.05, 0.15)
"""Uniform noise as a fraction of the joint's, from negligible to relevant."""
ONE_CLASS = (0.6, 1.0)
"""Spread of the draws over the classes from which on the direction is due to them: one class that loses its labels to
all others looks like a direction to each."""
SAME = (0.3, 0.5)
"""`sameness` from which on labels go to one particular other class, even if some of them look drawn."""
IN_DOUBT = (0.1, 0.3)
"""Fraction of the joint's noise that the probabilities on the plateaus do not show: below the first the model is
uncertain even in its most confident rows, and a direction together with mostly uniform noise is half trusted."""
MOST_SYMMETRIC = 0.9
"""For more than two classes; T keeps some weight, as classes that are swapped both ways have no direction either."""
MARGIN_SHARE = 1.5
"""Weight of the margin relative to what the plateau leaves unexplained."""
HARD_ROWS = (0.4, 0.6)
"""Fraction of the joint's noise that the probabilities on the plateaus do not show: it may be instance-dependent."""
MISSING_PROBS, MISSING_LABELS = (0.5, 0.7), (0.1, 0.4)
"""The same, and that of the plateaus' labels: if both miss this much, a direction may be due to the hard rows."""
MISSING_LABELS_OF_TWO = (0.25, 0.35)
"""With two classes only the labels decide: class-conditional noise misses less, noise of hard rows more."""


@dataclass(frozen=True)
class RankingShares:
    """What replaces T, each from 0 to 1."""

    unexplained: float = 0.0
    """Fraction of T replaced by symmetric noise at the joint's rate, as hard rows are noisier than the plateaus."""
    symmetric: float = 0.0
    """Fraction of the rest of T replaced by symmetric noise, as the noise has no direction."""
    by_margin: float = 0.0
    """Fraction of the posterior's log-odds replaced by the margin of the most probable other class."""


@dataclass(frozen=True)
class Signs:
    """Whether label noise has a direction."""

    directed: float = 0.0
    """Fraction of the plateaus' disagreement, by `directed_fraction`."""
    same: float = 0.0
    """Fraction of wrong labels on the plateaus, by `sameness`."""
    spread: float = 0.0
    """Of labels drawn at random over the classes, ``ClassDraws.spread``; 0 if nothing is drawn."""
    same_drawn: float = 0.0
    """`sameness` of the classes that have most draws."""


def ranking_shares(readings: Readings, signs: Signs, *, n_classes: int) -> RankingShares:
    """How far T is believed, and what ranks in its place.

    Parameters
    ----------
    readings : the noise rate as several instruments show it.
    n_classes : of two classes, noise without a direction is symmetric.
    """
    if readings.stray_folds or readings.joint <= 0:
        return RankingShares()
    by_labels, by_probs = readings.gaps()
    unexplained = readings.symmetric_share()
    if n_classes == 2:
        believed = soft_step(signs.directed, *DIRECTED_OF_TWO) * (1 - soft_step(by_labels, *MISSING_LABELS_OF_TWO))
        unexplained *= 1 - believed
        return RankingShares(unexplained, 1 - believed, min(1.0, MARGIN_SHARE * unexplained))
    hard = soft_step(by_probs, *MISSING_PROBS) * soft_step(by_labels, *MISSING_LABELS)
    believed = soft_step(signs.directed, *DIRECTED) * (1 - hard)
    share = readings.uniform_fraction()
    drawn = soft_step(share, *UNIFORM)
    believed *= 1 - soft_step(share, *MOSTLY_UNIFORM) * (1 - soft_step(by_probs, *IN_DOUBT)) / 2
    believed *= 1 - drawn * soft_step(signs.spread, *ONE_CLASS) * (1 - soft_step(signs.same_drawn, *SAME))
    believed += (1 - believed) * drawn * soft_step(signs.same, *SAME)
    unexplained *= 1 - drawn
    by_margin = (1 - believed) * (1 - drawn) * soft_step(by_probs, *HARD_ROWS)
    by_margin = max(by_margin, min(1.0, MARGIN_SHARE * unexplained))
    return RankingShares(unexplained, MOST_SYMMETRIC * (1 - believed) * drawn, by_margin)
