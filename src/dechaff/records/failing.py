"""Parts of the data in which the model fails, as the report shows them."""

from __future__ import annotations

from dechaff.records.record import Record


class FailingPart(Record, frozen=True):
    """A part of the data in which the model is wrong although the labels look right.

    ``error_rate``, from ``low`` to ``high``, and ``error_outside`` are measured on rows among which the part was not
    searched; ``expected`` is the error rate that the confidence of the model announces. ``p_value`` is corrected for
    the search. ``examples`` names some rows on which the model is wrong.
    """

    id: str = ""
    condition: str = ""
    rows: int = 0
    error_rate: float | None = None
    low: float | None = None
    high: float | None = None
    error_outside: float | None = None
    expected: float | None = None
    p_value: float | None = None
    examples: tuple[str, ...] = ()
