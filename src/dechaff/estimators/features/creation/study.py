"""What a search for created features tried, what each gained, and which were accepted."""

from __future__ import annotations

from dataclasses import dataclass

from dechaff.core.words import counted, listed
from dechaff.estimators.features.creation.creation import Creation
from dechaff.methods.proof.paired_interval import Interval


@dataclass(frozen=True)
class Gain:
    """Difference of held-out rows with and without a feature, higher = better, with corrected intervals.

    ``brier`` is the Brier score, one minus half the squared distance of probabilities and label; ``log_loss`` has its
    sign turned. ``over_prior`` is the Brier score of the model with the feature over that of the classes' fractions.
    """

    brier: Interval
    accuracy: Interval
    log_loss: Interval
    over_prior: Interval

    @property
    def against(self) -> str:
        """Why the feature is not accepted; '' if it is."""
        if self.brier.low <= 0:
            return "its gain may be chance"
        if self.over_prior.low <= 0:
            return "the model is no better than the fractions of the classes"
        if self.log_loss.mean < 0:
            return "it makes the log-loss worse"
        return "it makes the accuracy worse" if self.accuracy.mean < 0 else ""


@dataclass(frozen=True)
class TriedFeature:
    """A candidate that was trained with: its gain in the search, and on the rows that took no part in the search."""

    creation: Creation
    searched: float
    gain: Gain | None = None
    refused: str = ""

    @property
    def accepted(self) -> bool:
        """Whether it helps."""
        return self.gain is not None and not self.refused


@dataclass(frozen=True)
class CreationStudy:
    """Candidates in the order of their gain; those that were not trained with are counted only."""

    n_candidates: int
    tried: tuple[TriedFeature, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    """Name and error of candidates that could not be made."""
    reason: str = ""
    """Why nothing was tried; else ''."""

    @property
    def accepted(self) -> tuple[Creation, ...]:
        """The features to use."""
        return tuple(one.creation for one in self.tried if one.accepted)

    @property
    def words(self) -> str:
        """The result in a sentence.

        Examples
        --------
        >>> CreationStudy(0, reason="there are fewer than 100 rows").words
        'No created feature: there are fewer than 100 rows.'
        """
        if self.reason:
            return f"No created feature: {self.reason}."
        of = counted(self.n_candidates, "candidate")
        if not self.accepted:
            return f"No created feature: of {of}, none helps for certain on rows that took no part in the search."
        names = listed([one.name for one in self.accepted])
        return f"{counted(len(self.accepted), 'created feature')} of {of}: {names}."
