"""The columns beside test rows: which of them drift, and how many training rows are copies of test rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dechaff.core.words import counted, listed
from dechaff.data.dataset import Opened
from dechaff.recipe.explore.view import View


@dataclass(frozen=True)
class BesideTestRows:
    """Column -> how it differs from the test rows, and the number of training rows that are equal to a test row."""

    drifting: Mapping[str, str] = field(default_factory=dict)
    copies: int = 0

    @property
    def words(self) -> str:
        """Both in sentences; '' if there is nothing to say."""
        said = []
        if self.drifting:
            differ = "differs" if len(self.drifting) == 1 else "differ"
            said.append(f"{listed(list(self.drifting))} {differ} between training and test rows (F006).")
        if self.copies:
            are = "is a copy of a test row" if self.copies == 1 else "are copies of test rows"
            said.append(f"{counted(self.copies, 'training row')} {are} (D004): run dechaff audit to drop them.")
        return " ".join(said)


def beside_test_rows(opened: Opened, *, seed: int) -> BesideTestRows:
    """Compares inputs of training and test rows. It decides nothing: columns are chosen on the training rows alone."""
    if opened.test is None or not len(opened.test):
        return BesideTestRows()
    view = View(opened.train, opened.test, seed)
    drift = view.drift_of_test_rows
    copies = 0 if view.natural else int((view.equal.partner[: len(opened.train)] >= 0).sum())
    return BesideTestRows({} if drift is None else {one.column: one.words for one in drift.columns}, copies)
