"""How far T is believed, and what takes its place: noise without a direction, or the model's margin.

If classes overlap and the model is weak, its surest rows are not pure, and T takes overlap for noise. T then ranks
worse than no T at all. Three signs tell what is to be believed: noise with a direction needs T; noise without one that
falls on any class (`uniform_noise`) is symmetric; and noise that sits in hard rows is found by the margin to the class
that the model prefers.
"""

from __future__ import annotations

from dataclasses import dataclass

from dechaff.methods.label_errors.noise_readings import MOSTLY_UNIFORM, Readings, soft_step

DIRECTED, DIRECTED_OF_TWO = (0.05, 0.2), (0.25, 0.35)
"""Directed fraction of the plateaus' disagreement: below the first T is not believed, from the second on it is. Of two
classes, one is often harder than the other, which looks like a direction."""
UNIFORM = (0.05, 0.15)
"""Uniform noise as a fraction of the joint's: from none that counts to some."""
ONE_CLASS = (0.6, 1.0)
"""Spread of the draws over the classes from which on the direction is theirs: one class that loses its labels to all
others looks like a direction to each."""
SAME = (0.3, 0.5)
"""Of `sameness`, from which on labels go to one other class and not to any, for all that some of them look drawn."""
IN_DOUBT = (0.1, 0.3)
"""Fraction of the joint's noise that the probabilities on the plateaus do not show: below the first the model is in
doubt even in its surest rows, and a direction that comes with mostly uniform noise is half believed."""
MOST_SYMMETRIC = 0.9
"""Of more than two classes; T keeps a word, as classes that are swapped both ways have no direction either."""
MARGIN_SHARE = 1.5
"""The margin speaks by so much more than T gives way to what the plateau leaves unexplained."""
HARD_ROWS = (0.4, 0.6)
"""Fraction of the joint's noise that the probabilities on the plateaus do not show, and the row may decide."""
MISSING_PROBS, MISSING_LABELS = (0.5, 0.7), (0.1, 0.4)
"""The same, and that of the plateaus' labels: where both miss so much, a direction may be that of the hard rows."""
MISSING_LABELS_OF_TWO = (0.25, 0.35)
"""Of two classes the labels tell alone: noise of one class misses less, noise of hard rows more."""


@dataclass(frozen=True)
class RankingShares:
    """What takes the place of T, each from 0 to 1."""

    unexplained: float = 0.0
    """Of T, by symmetric noise at the joint's rate, as hard rows are noisier than the plateaus that T was read from."""
    symmetric: float = 0.0
    """Of what is left of T, by symmetric noise, as noise has no direction."""
    by_margin: float = 0.0
    """Of the posterior's log-odds, by the margin of the most probable other class."""


@dataclass(frozen=True)
class Signs:
    """Whether labels go wrong in a direction, or anywhere."""

    directed: float = 0.0
    """Of the plateaus' disagreement, by `directed_share`."""
    same: float = 0.0
    """Of wrong labels on the plateaus, by `sameness`."""
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
    share = readings.uniform_share()
    drawn = soft_step(share, *UNIFORM)
    believed *= 1 - soft_step(share, *MOSTLY_UNIFORM) * (1 - soft_step(by_probs, *IN_DOUBT)) / 2
    believed *= 1 - drawn * soft_step(signs.spread, *ONE_CLASS) * (1 - soft_step(signs.same_drawn, *SAME))
    believed += (1 - believed) * drawn * soft_step(signs.same, *SAME)
    unexplained *= 1 - drawn
    by_margin = (1 - believed) * (1 - drawn) * soft_step(by_probs, *HARD_ROWS)
    by_margin = max(by_margin, min(1.0, MARGIN_SHARE * unexplained))
    return RankingShares(unexplained, MOST_SYMMETRIC * (1 - believed) * drawn, by_margin)
