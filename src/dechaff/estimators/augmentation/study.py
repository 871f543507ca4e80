"""What a search for operations has measured: candidates, flip rates, gains, and the test of the best one."""

from __future__ import annotations

from dataclasses import dataclass

from dechaff.methods.augmentation.operation import Operation
from dechaff.methods.proof.paired_interval import Interval


@dataclass(frozen=True)
class Candidate:
    """An operation at a strength."""

    operation: Operation
    strength: float

    @property
    def words(self) -> str:
        """The operation and its strength; the latter only if there are several."""
        several = len(self.operation.strengths) > 1
        return f"{self.operation.name} {self.strength:g}" if several else self.operation.name


@dataclass(frozen=True)
class FlipRate:
    """How often models that have not seen a row predict another class than its label for its child.

    Of two models: one that knows only rows as they are, and predicts the label of the row itself, and one that knows
    other rows changed in the same way. Both have to predict another class.
    """

    flips: int
    n: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        """The fraction."""
        return self.flips / self.n if self.n else 0.0


@dataclass(frozen=True)
class Tried:
    """What was measured of a candidate."""

    candidate: Candidate
    flips: FlipRate | None = None
    gain: Interval | None = None
    """Decrease of the Brier score on rows held out during the search."""
    accuracy: Interval | None = None
    repeats: int = 0
    refused: str = ""
    """Why it was not tried further; '' if it lost or won by its gain."""


@dataclass(frozen=True)
class Tested:
    """The winner of the search against no augmentation, on fresh folds: after - before, higher = better."""

    candidate: Candidate
    gain: Interval
    """Decrease of the Brier score, from 0 to 1."""
    calibrated_gain: Interval
    """The same after temperature scaling: what is not due to calibration alone."""
    accuracy: Interval
    log_loss: Interval
    """Decrease of the log-loss."""
    over_prior: Interval
    """Brier score of the model with new rows against that of the fractions of the classes."""
    over_copies: Interval
    """Gain over a model that is trained with as many copies of the parents instead of the new rows."""
    accuracy_before: float
    accuracy_after: float

    @property
    def against(self) -> str:
        """Why it is not accepted; '' if it is."""
        if self.over_prior.low <= 0:
            return "the model is no better than the fractions of the classes"
        if self.gain.low <= 0:
            return "its gain on fresh folds may be luck: the interval contains 0"
        if self.over_copies.low <= 0:
            return "copies of the same rows may help as much"
        if self.accuracy.mean < 0 or self.calibrated_gain.mean <= 0:
            return "it only makes the model more or less sure"
        return "its log-loss is higher" if self.log_loss.mean < 0 else ""


@dataclass(frozen=True)
class AugmentationStudy:
    """Candidates in the order of their gain, and the test of the best one."""

    tried: tuple[Tried, ...]
    tested: Tested | None
    copies: int
    """New rows per training row."""
    reason: str = ""
    """Why nothing was tried; else ''."""

    @property
    def accepted(self) -> Candidate | None:
        """The operation to use; None if no augmentation is better."""
        return self.tested.candidate if self.tested is not None and not self.tested.against else None

    @property
    def words(self) -> str:
        """The result in a sentence.

        Examples
        --------
        >>> AugmentationStudy((), None, 1, "no column of X is numeric").words
        'No augmentation: no column of X is numeric.'
        """
        if self.tested is None:
            return f"No augmentation: {self.reason or 'no operation gained anything in the search'}."
        name, gain = self.tested.candidate.words, 100 * self.tested.accuracy.mean
        if self.tested.against:
            return f"No augmentation: of {len(self.tried)} candidates, {name} did best, but {self.tested.against}."
        return f"{name} is accepted: {gain:+.1f} points of accuracy on rows held out from training."
