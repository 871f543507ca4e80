"""What a control arm says of labels that were bought: accuracy, the learning curve, labels saved, and when to stop."""

from __future__ import annotations

from dechaff.records.record import Estimate, Record


class LearningPoint(Record, frozen=True):
    """The accuracy of the model that had learnt from so many labels, on rows of the control arm."""

    labels: int = 0
    accuracy: Estimate = Estimate()


class LabellingFacts(Record, frozen=True):
    """How far labelling has come, measured on rows that were drawn at random.

    ``control`` counts the labelled rows of the control arm, ``waiting`` those without a label yet. ``gain`` is the
    expected gain in accuracy by the next ``step`` labels; None as long as it cannot be told. ``saved`` is the number of
    labels that random rows would need in addition for the same accuracy.
    """

    pool: int = 0
    labels: int = 0
    from_pool: int = 0
    control: int = 0
    waiting: int = 0
    model: str = ""
    accuracy: Estimate = Estimate()
    curve: tuple[LearningPoint, ...] = ()
    step: int = 100
    gain: float | None = None
    saved: Estimate | None = None
    stop: bool = False
    words: str = ""
    notes: tuple[str, ...] = ()
