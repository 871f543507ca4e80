"""What reading rows will bring, as the report shows it."""

from __future__ import annotations

from dechaff.core.intervals import is_informative
from dechaff.records.record import Record


class BudgetStep(Record, frozen=True):
    """Errors among the `rows` most doubtful rows, with a 95 % interval."""

    rows: int = 0
    errors: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def informative(self) -> bool:
        """Whether the number of errors is known well enough to be named."""
        if self.errors is None or self.low is None or self.high is None:
            return False
        return is_informative(self.errors, self.low, self.high, of=self.rows)
