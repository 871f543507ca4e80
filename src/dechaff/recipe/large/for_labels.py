"""An audit in passes of labels that name classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from msgspec import structs

from dechaff.data.dataset import Opened
from dechaff.recipe.audit import audit_data
from dechaff.recipe.explore import STOPPED
from dechaff.recipe.large.asked import Asked
from dechaff.recipe.large.column_findings import class_findings
from dechaff.recipe.large.equal import Equal
from dechaff.recipe.large.ground import Ground
from dechaff.recipe.large.known import Known, know
from dechaff.recipe.large.label_estimates import LabelledRows, estimate_all_rows
from dechaff.recipe.large.label_findings import say_errors, say_slices
from dechaff.recipe.large.looked import Looked, looked_at
from dechaff.recipe.large.purpose import LabelsDone
from dechaff.recipe.large.scan import Scanned
from dechaff.recipe.metrics import LIMITS
from dechaff.recipe.mislabelled import facts_of, overlap_of
from dechaff.records.findings import Finding
from dechaff.records.metrics import Examples, PositivesFacts
from dechaff.typing import Json


@dataclass(frozen=True)
class ForLabels:
    """The steps."""

    checks: tuple[str, ...] = (
        "L003", "L004", "D001", "D002", "D003", "D004", "C002", "C003", "F001", "F002", "F003", "L002", "L001", "L005",
    )  # fmt: skip
    positives: bool = False

    def know(self, asked: Asked, scanned: Scanned) -> Known:
        """Labels as classes."""
        return know(asked.source, scanned, asked.wishes, sha256=asked.sha256)

    def look_at_sample(self, known: Known, asked: Asked) -> Looked:
        """The audit of the sample, in memory."""
        asked.progress(f"audit of a sample of {len(known.sample):,} rows", 0, 0)
        found = audit_data(
            Opened(known.sample, None),
            policy=asked.policy,
            model=asked.model,
            seed=asked.seed,
            threads=asked.threads,
            progress=asked.progress,
        )
        if any(one.not_run.startswith(STOPPED) for one in found.detections):
            raise KeyboardInterrupt
        return looked_at(known.sample, found.detections, found.base, found.improved.slices, seed=asked.seed)

    def judge(self, ground: Ground, equal: Equal) -> LabelsDone:
        """Noisy slices and label errors of all rows; neither where the model is too weak to judge."""
        looked, known = ground.looked, ground.known
        results = ground.results("labels")
        if not looked.judge.trusted:
            return LabelsDone(not_run=dict.fromkeys(("L002", "L001", "L005"), looked.judge.reason))
        slices = say_slices(ground, results)
        labelled = LabelledRows(ground.parts, ground.store.open("slice"), len(known.sample.class_names))
        rows = np.zeros(len(known.sample.class_names), dtype=np.int64)
        for part, places in labelled.each():
            rows += np.bincount(part.codes[places], minlength=len(rows))
        found = estimate_all_rows(labelled, ground.store, int(rows.sum()), progress=ground.asked.progress)
        flagged = say_errors(ground, found, results)
        names = known.sample.class_names
        results.found(overlap_of(found.found.joint, names).findings, ground.ids.name)
        results.writer.flush()
        label_facts = facts_of(found.of(np.zeros(0, dtype=np.int64)), names, rows=rows, flagged=flagged)
        reasons = {code: why for code, why in looked.not_run.items() if code == "L002"}
        return LabelsDone(results.writer.counts, structs.replace(label_facts, slices=slices), not_run=reasons)

    def class_findings(self, known: Known) -> tuple[Finding, ...]:
        """Classes with few rows."""
        return class_findings(known)

    @property
    def limits(self) -> tuple[str, ...]:
        """Those of every audit."""
        return LIMITS

    def positives_facts(self, labels: LabelsDone, known: Known) -> PositivesFacts | None:
        """None."""
        return None

    def examples(self, examples: Examples, known: Known) -> Examples:
        """The examples as they are."""
        return examples

    def said(self, known: Known) -> Json:
        """None."""
        return {}
