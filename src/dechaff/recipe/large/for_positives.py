"""An audit in passes of labelled positives and unlabelled rows."""

from __future__ import annotations

from dataclasses import dataclass

from dechaff.data.open_positives import PositiveReader, positive_of, refuse_too_few, stated_about
from dechaff.methods.pu.scheme import Scheme
from dechaff.recipe.large.asked import Asked
from dechaff.recipe.large.equal import Equal
from dechaff.recipe.large.ground import Ground
from dechaff.recipe.large.known import Known, know, with_assumptions
from dechaff.recipe.large.looked import Looked
from dechaff.recipe.large.positives import Positives, judge_positives, look_at_positives, say_positives
from dechaff.recipe.large.purpose import LabelsDone
from dechaff.recipe.large.scan import Scanned
from dechaff.recipe.pu.content import POSITIVE_LIMITS, named_examples, positives_facts
from dechaff.recipe.pu.judged import Judged
from dechaff.records.findings import Finding
from dechaff.records.metrics import Examples, PositivesFacts
from dechaff.typing import Json


@dataclass(frozen=True)
class ForPositives:
    """The steps; ``wanted`` is the value of labelled rows, None where it is plain."""

    wanted: str | None
    scheme: Scheme
    checks: tuple[str, ...] = ("D001", "D002", "D004", "C002", "C003", "F001", "F002", "F003", "P001", "P002")
    positives: bool = True

    def know(self, asked: Asked, scanned: Scanned) -> Known:
        """Labels as one value and the rest."""
        reader = PositiveReader(self.wanted)
        known = know(asked.source, scanned, asked.wishes, sha256=asked.sha256, reader=reader)
        names = self.names(known)
        found = names.opened(known.sample)
        n_labelled, n = int(known.class_counts[found.positive_code]), known.n_rows - known.n_test
        refuse_too_few(found, n_labelled, n)
        return with_assumptions(known, stated_about(found, n - n_labelled, given=self.wanted is not None))

    def names(self, known: Known) -> Positives:
        """Which of the two classes is the positive one."""
        classes = known.sample.class_names[:2]
        positive = positive_of(classes, self.wanted)
        return Positives(positive, next(name for name in classes if name != positive), self.scheme)

    def look_at_sample(self, known: Known, asked: Asked) -> Looked:
        """The sample, looked at and used to choose the model of the label."""
        return look_at_positives(known, asked, self.names(known))

    def judge(self, ground: Ground, equal: Equal) -> LabelsDone:
        """P001 and P002 of all rows; neither where no model tells labelled rows from others."""
        looked, names = ground.looked, self.names(ground.known)
        results = ground.results("labels")
        if not looked.judge.trusted:
            return LabelsDone(not_run=dict.fromkeys(("P001", "P002"), looked.judge.reason))
        ground.asked.progress("positives", 0, 1)
        found = judge_positives(ground, names)
        say_positives(ground, names, found, equal, results)
        results.writer.flush()
        ground.asked.progress("positives", 1, 1)
        return LabelsDone(results.writer.counts, positives=self._facts(ground.known, found.judged))

    def class_findings(self, known: Known) -> tuple[Finding, ...]:
        """Nothing: with unlabelled rows for a class it would say what is not so."""
        return ()

    @property
    def limits(self) -> tuple[str, ...]:
        """Those of labelled positives."""
        return POSITIVE_LIMITS

    def positives_facts(self, labels: LabelsDone, known: Known) -> PositivesFacts | None:
        """The figures of positives; counts only if the rows were not judged."""
        return labels.positives or self._facts(known, None)

    def _facts(self, known: Known, judged: Judged | None) -> PositivesFacts:
        found = self.names(known).opened(known.sample)
        n_labelled = int(known.class_counts[found.positive_code])
        n_unlabelled = known.n_rows - known.n_test - n_labelled
        return positives_facts(found, self.scheme, labelled=n_labelled, unlabelled=n_unlabelled, judged=judged)

    def examples(self, examples: Examples, known: Known) -> Examples:
        """Examples in which the chance of the other class does not go by the name of rows without a label."""
        return named_examples(self.names(known).opened(known.sample), examples)

    def said(self, known: Known) -> Json:
        """The value of labelled rows."""
        return {"positive": self.names(known).positive}
