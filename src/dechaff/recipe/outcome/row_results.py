"""What each check finds about each row: scores, flags and proposals in row columns, findings in a writer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.recipe.improve.proposals import KEEP, Proposal
from dechaff.recipe.outcome.findings_writer import FindingsWriter, NameOf
from dechaff.recipe.outcome.row_store import RowStore
from dechaff.records.findings import Detection, Finding

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RowResults:
    """Columns by code: its score, ``_flag``, and what it proposes (``_action``, ``_label``, ``_sure``)."""

    store: RowStore
    writer: FindingsWriter

    def begin(self, code: str, *, proposes: bool = False) -> None:
        """Columns for a check that looks at rows."""
        self.store.make(code, np.float64)
        self.store.make(f"{code}_flag", np.bool_)
        if proposes:
            self.store.make(f"{code}_action", np.uint8, KEEP)
            self.store.make(f"{code}_label", np.int32, -1)
            self.store.make(f"{code}_sure", np.float64)

    def add(self, detection: Detection, rows: Rows, name_of: NameOf) -> None:
        """The outcome of a check on some rows, whose numbers in the source are `rows`."""
        if detection.score is not None:
            self.store.open(detection.code)[rows] = detection.score
        if detection.flag is not None:
            self.store.open(f"{detection.code}_flag")[rows] = detection.flag
        self.writer.add(detection.findings, name_of, rows)

    def found(self, findings: Iterable[Finding], name_of: NameOf) -> None:
        """Findings whose rows are numbers in the source."""
        self.writer.add(findings, name_of)

    def propose(self, proposal: Proposal, rows: Rows) -> None:
        """What a check proposes for some of the rows whose numbers are `rows`."""
        at = rows[proposal.rows]
        self.store.open(f"{proposal.code}_action")[at] = proposal.actions
        self.store.open(f"{proposal.code}_label")[at] = proposal.labels
        self.store.open(f"{proposal.code}_sure")[at] = proposal.score

    def proposals(self, codes: Iterable[str], span: slice) -> list[Proposal]:
        """What the checks propose for a run of rows, counted from its start."""
        found = []
        for code in codes:
            if self.store.has(f"{code}_action"):
                actions = np.asarray(self.store.open(f"{code}_action")[span], dtype=np.int64)
                some = np.flatnonzero(actions != KEEP)
                labels = np.asarray(self.store.open(f"{code}_label")[span][some], dtype=np.int64)
                sure = np.asarray(self.store.open(f"{code}_sure")[span][some])
                found.append(Proposal(code, some, actions[some], labels, sure))
        return found
