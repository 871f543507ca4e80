"""What a model of the training rows makes of the test rows."""

from __future__ import annotations

from dechaff.records.record import Record


class TestAgreement(Record, frozen=True):
    """How many labels of the test rows a model of the training rows predicts; copies of training rows are left out.

    ``note`` is a sentence if these are far fewer than of the training labels, else "".
    """

    __test__ = False

    rows: int = 0
    accuracy: float | None = None
    low: float | None = None
    high: float | None = None
    note: str = ""
