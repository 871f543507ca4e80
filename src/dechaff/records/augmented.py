"""What a search for operations of data augmentation found, as the report shows it."""

from __future__ import annotations

from dechaff.records.record import Record


class MeasuredGain(Record, frozen=True):
    """After - before on rows held out from training, higher = better, with the 95 % interval of the mean."""

    mean: float = 0.0
    low: float = 0.0
    high: float = 0.0


class MadeRow(Record, frozen=True):
    """One example: the row that an operation changed, and what became of it. A cell is (column, before, after)."""

    row: str = ""
    label: str = ""
    cells: tuple[tuple[str, str, str], ...] = ()
    more_cells: int = 0
    """Changed cells that are not listed."""


class TriedOperation(Record, frozen=True):
    """An operation at a strength. ``gain`` is the decrease of the Brier score; ``refused`` says why it was dropped.

    ``flips`` is the label-flip rate, ``flips_low`` to ``flips_high`` its exact interval; None if it was not measured.
    """

    operation: str = ""
    flips: float | None = None
    flips_low: float | None = None
    flips_high: float | None = None
    rows: int = 0
    """New rows among which flips were counted."""
    gain: MeasuredGain | None = None
    accuracy: MeasuredGain | None = None
    repeats: int = 0
    refused: str = ""
    examples: tuple[MadeRow, ...] = ()
    """Rows that it changed, for the strength of an operation that gained most."""


class SealedGain(Record, frozen=True):
    """What the new rows of the accepted operation bring on sealed rows, in a metric; ``verdict`` is that of a proof."""

    verdict: str = ""
    metric: str = "accuracy"
    rows: int = 0
    difference: MeasuredGain = MeasuredGain()


class AugmentationFacts(Record, frozen=True):
    """The search, and the test of the best operation on fresh folds."""

    words: str = ""
    model: str = ""
    accepted: str = ""
    """The operation; '' if none is better than no augmentation."""
    rows: int = 0
    new_rows: int = 0
    tried: tuple[TriedOperation, ...] = ()
    gain: MeasuredGain | None = None
    """Of the best operation, on fresh folds."""
    accuracy: MeasuredGain | None = None
    log_loss: MeasuredGain | None = None
    sealed: SealedGain | None = None
    """In a recipe; None if it was not measured."""
    tested: str = ""
    """The best operation."""
    max_flip_rate: float = 0.15
    """Operations with a larger label-flip rate were dropped."""
