"""Audits of labelled positives and unlabelled rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from msgspec import structs

from dechaff.data.dataset import Dataset, Opened
from dechaff.data.open_positives import (
    OpenedPositives,
    PositiveReader,
    open_positives_with,
    positive_of,
    refuse_too_few,
    stated_about,
)
from dechaff.methods.pu.binned_scores import bin_scores
from dechaff.methods.pu.class_prior.estimates import PUEstimate
from dechaff.methods.pu.diagnostics.score_diagnoses import model_learns
from dechaff.methods.pu.scheme import Scheme
from dechaff.recipe.baseline.baseline import Baseline, baseline
from dechaff.recipe.explore.copies import CopyWork, some_rows
from dechaff.recipe.explore.equal import Equal
from dechaff.recipe.explore.explore import STOPPED
from dechaff.recipe.explore.view import row_name
from dechaff.recipe.improve.improve import Fitted, Improved, decided_rows
from dechaff.recipe.improve.proposals import Proposal
from dechaff.recipe.outcome.findings_writer import RowResults
from dechaff.recipe.outcome.row_store import RowColumn
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.passes.read_plan import ReadPlan, know
from dechaff.recipe.passes.request import AuditRequest, AuditSettings
from dechaff.recipe.passes.scan import Scanned
from dechaff.recipe.tasks.positives.diagnosed import UNDERMINES
from dechaff.recipe.tasks.positives.judged import Judged, LabelProbs, RowChances, judge
from dechaff.recipe.tasks.positives.rows import labelled_copies, positive_results, shortened
from dechaff.recipe.tasks.task import LabelsOutcome
from dechaff.records.findings import Detection
from dechaff.records.metrics import Example, Examples, PositiveDiagnosis, PositiveEstimate, PositivesFacts
from dechaff.records.options import PUOptions
from dechaff.typing import Groups, Json, Probs

TITLES = {
    "e1": "e1: mean score of the labelled rows",
    "e2": "e2: their fraction of all scores",
    "e3": "e3: the highest score",
    "best_bin": "best bin (BBE)",
    "top_bin": "top bin",
    "dedpul": "ratio of densities (DEDPUL)",
    "plateau": "plateau of the scores",
    "consensus": "consensus: the median of these four",
    "compromise": "compromise: the geometric mean of e1, best bin and consensus",
}
"""What each estimate is called; the paper's own ones err where classes overlap."""
POSITIVE_LIMITS = (
    "Everything here rests on two assumptions: no labelled row is negative, and positives were labelled completely at "
    "random. Diagnostics can raise doubts; they cannot prove either.",
    "How many positives there are can only be estimated if some rows are certainly positive: if classes overlap "
    "everywhere, the estimates differ, and none is right.",
    "A row that is probably positive is a suspicion of a model. Read it before you act on it.",
    "Labels completed here are no longer labelled at random: do not run dechaff pu again on the completed data.",
)
_OF_LABELS = ("P001", "P002")
_OF_ROWS = ("D001", "D002", "C002", "O001")
"""Duplicates and unreadable images are set aside for review: labels are changed here, no row is dropped."""


@dataclass(frozen=True)
class PUTask:
    """The steps; ``wanted`` is the value of labelled rows, None if it is unambiguous."""

    wanted: str | None
    scheme: Scheme = "single-training-set"
    # Nothing of classes: with unlabelled rows for a class it would say what is not so.
    checks: tuple[str, ...] = (
        "L006", "D001", "D002", "D004", "C001", "C002", "C003", "C004", "O001", "F001", "F002", "F003", "F004",
        "F006", "F007", "S002", "P001", "P002",
    )  # fmt: skip
    limits: tuple[str, ...] = POSITIVE_LIMITS
    positives: bool = True

    def opened(self, source: Any, options: PUOptions) -> Opened:
        """Labels as one value and the rest."""
        return open_positives_with(source, options).opened

    def named(self, rows: Dataset) -> OpenedPositives:
        """Some rows, with the names of labelled positives and of all others."""
        names = rows.class_names[:2]
        positive = positive_of(names, self.wanted)
        return OpenedPositives(Opened(rows, None), positive, next(name for name in names if name != positive))

    def settled(self, train: Dataset) -> Json:
        """The value of labelled rows."""
        return {"positive": self.named(train).positive}

    def train(self, train: Dataset, together: Groups, settings: AuditSettings) -> Baseline:
        """p(s = 1 | x) of every row out of sample, trusted if labelled rows score significantly higher.

        What the audit of classes asks of a model would be too much: a label that one positive in ten has is hard to
        predict, however well the classes are separated.
        """
        base = baseline(train, together, settings)
        found = self.named(train)
        learnt = model_learns(bin_scores(base.pooled[:, found.positive_code].clip(0.0, 1.0), found.labelled))
        if not learnt.wrong:
            return replace(base, trusted=True, reason="")
        reason = (
            f"No model can separate rows labelled '{shortened(found.positive)}' from the others: a labelled row scores "
            f"higher in {learnt.figure:.0%} of all pairs, which may be chance. Either the columns carry no information "
            "about the label, or too few rows are labelled."
        )
        return replace(base, trusted=False, reason=reason)

    def improve(self, fitted: Fitted, settings: AuditSettings) -> Improved:
        """P001 and P002, and one decision a row. A step that fails, or that Ctrl-C stops, is reported as not run."""
        train, base, found = fitted.train, fitted.base, self.named(fitted.train)
        labelled, probs = found.labelled, base.pooled[:, found.positive_code].clip(0.0, 1.0)
        judged, reason, wanted = None, base.reason, tuple(filter(settings.checks.wants, _OF_LABELS))
        if base.trusted and wanted:
            settings.progress("positives", 0, 1)
            try:
                seen, of_rows = LabelProbs.of(probs, labelled), (probs, labelled, base.folds)
                judged = judge(seen, train, of_rows, scheme=self.scheme, model=settings.model, seed=settings.seed)
            except KeyboardInterrupt:
                reason = STOPPED
            except Exception as error:  # what was found without it stands, and the reason goes into the report
                reason = f"{type(error).__name__}: {error}"
        detections = tuple(Detection(code, not_run=reason) for code in wanted)
        proposals, pooled, arrays = tuple[Proposal, ...](), base.pooled, {"labelled": labelled}
        if judged is not None:
            partner = labelled_copies(fitted.explored.equal, labelled)
            copies = {row: row_name(train, int(partner[row])) for row in np.flatnonzero(partner >= 0).tolist()}
            rows, read = judged.rows(probs, labelled), ~fitted.explored.unread
            rows = RowChances(rows.chances * read, rows.label_shares, rows.doubt * read)
            results = positive_results(found, judged, rows, copies, settings.policy)
            settings.progress("positives", 1, 1)
            hidden, wrong = (np.asarray(detection.score) for detection, _ in results)
            results = [one for one in results if one[0].code in wanted]
            detections, proposals = zip(*results, strict=True)
            pooled = _class_probs(found, np.where(labelled, 1 - wrong, hidden))
            arrays["label_probs"] = probs.astype(np.float32)
        n_labelled = int(labelled.sum())
        return Improved(
            detections,
            decided_rows(fitted, proposals, _OF_ROWS, settings.policy, drops=False),
            pooled,
            positives=positives_facts(found, self.scheme, n_labelled, len(train) - n_labelled, judged),
            arrays=arrays,
        )

    def know(self, request: AuditRequest, scanned: Scanned) -> ReadPlan:
        """Labels as one value and the rest."""
        reader = PositiveReader(self.wanted)
        read_plan = know(request, scanned, reader=reader)
        found = self.named(read_plan.sample)
        n_labelled, n_unlabelled = self._counts(read_plan)
        refuse_too_few(found, n_labelled, n_labelled + n_unlabelled)
        more = stated_about(found, n_unlabelled, given=self.wanted is not None)
        sample = read_plan.sample
        return replace(read_plan, sample=replace(sample, assumptions=(*sample.assumptions, *more)))

    def _counts(self, read_plan: ReadPlan) -> tuple[int, int]:
        """How many rows are labelled, and how many are not."""
        n_labelled = int(read_plan.class_counts[self.named(read_plan.sample).positive_code])
        return n_labelled, read_plan.n_train - n_labelled

    def judge(self, context: AuditContext, equal: Equal) -> LabelsOutcome:
        """P001 and P002 of all rows; neither if no model tells labelled rows from others."""
        sample_fit, read_plan = context.sample_fit, context.read_plan
        found, results, judged = self.named(read_plan.sample), context.results("labels"), None
        wanted = tuple(filter(context.request.checks.wants, _OF_LABELS))
        not_run = {} if sample_fit.base.trusted else dict.fromkeys(wanted, sample_fit.base.reason)
        if wanted and not not_run:
            context.request.progress("positives", 0, 1)
            sample, code, model, seed = found.train, found.positive_code, context.request.model, context.request.seed
            probs = context.parts.of(sample.positions)[:, code].clip(0.0, 1.0)
            folds = np.asarray(context.store.open("fold")[sample.positions], dtype=np.int64)
            seen, of_sample = LabelProbs.of_parts(context.parts, code), (probs, found.labelled, folds)
            judged = judge(seen, sample, of_sample, scheme=self.scheme, model=model, seed=seed)
            _write_findings(context, found, judged, equal, results)
            results.writer.flush()
            context.request.progress("positives", 1, 1)
        facts = positives_facts(found, self.scheme, *self._counts(read_plan), judged)
        return LabelsOutcome(results.writer.counts, positives=facts, not_run=not_run)

    def examples(self, examples: Examples, train: Dataset) -> Examples:
        """Examples in which the chance of the other class does not go by the name of rows without a label."""
        return named_examples(self.named(train), examples)


def _class_probs(found: OpenedPositives, positive: Probs) -> Probs:
    """Chance of each class for every row."""
    columns = np.stack([1 - positive, positive], axis=1)
    return columns if found.positive_code == 1 else columns[:, ::-1].copy()


def _write_findings(
    context: AuditContext, found: OpenedPositives, judged: Judged, equal: Equal, results: RowResults
) -> None:
    """P001 and P002 of all rows, part by part."""
    wanted = tuple(filter(context.request.checks.wants, _OF_LABELS))
    for code in wanted:
        results.begin(code, proposes=True)
    copies, word = _copies(context, found, equal, results), found.train.id_name or "row"
    for part in context.parts_with_progress("positives, one by one"):
        partner = np.asarray(copies[part.rows])
        of = np.flatnonzero(partner >= 0)
        names = {row: f"{word} {context.ids.name(other)}" for row, other in zip(of.tolist(), partner[of], strict=True)}
        train = some_rows(context, part.rows)
        rows = replace(found, opened=replace(found.opened, train=train))
        chances = judged.rows(part.probs[:, found.positive_code].clip(0.0, 1.0), rows.labelled)
        for detection, proposal in positive_results(rows, judged, chances, names, context.request.policy):
            if detection.code in wanted:
                results.add(detection, part.rows, context.ids.name)
                results.propose(proposal, part.rows)


def _copies(context: AuditContext, found: OpenedPositives, equal: Equal, results: RowResults) -> RowColumn:
    """For each unlabelled row, the first labelled row of the same input, -1 for none."""
    copies = context.store.make("labelled-copy", np.int64, -1)
    if not CopyWork(context, equal, results, (), drops=False).natural:
        rows = np.flatnonzero(np.asarray(equal.groups) >= 0)
        labelled = np.asarray(context.store.open("code")[rows]) == found.positive_code
        partner = labelled_copies(np.asarray(equal.groups[rows]), labelled)
        copies[rows[partner >= 0]] = rows[partner[partner >= 0]]
    return copies


def named_examples(found: OpenedPositives, examples: Examples) -> Examples:
    """Examples in which the chance of the other class does not go by the name of rows without a label."""
    if found.named_in_data:
        return examples
    names = {found.other: f"not {found.positive}"}

    def named(one: Example) -> Example:
        return structs.replace(one, probs=tuple((names.get(name, name), p) for name, p in one.probs))

    return {code: tuple(named(one) for one in rows) for code, rows in examples.items()}


def positives_facts(
    found: OpenedPositives, scheme: Scheme, labelled: int, unlabelled: int, judged: Judged | None
) -> PositivesFacts:
    """The figures of positives; without estimates if the rows were not judged."""
    facts = PositivesFacts(
        positive=found.positive, other=found.other, scheme=scheme, labelled=labelled, unlabelled=unlabelled
    )
    if judged is None:
        return facts
    used = judged.used
    hidden = [judged.hidden(c) for c in (judged.c, used.c_high, used.c_low)]
    return structs.replace(
        facts,
        c=judged.c,
        c_low=used.c_low,
        c_high=used.c_high,
        class_prior=judged.class_prior,
        class_prior_low=used.class_prior_low,
        class_prior_high=used.class_prior_high,
        hidden=hidden[0],
        hidden_low=hidden[1],
        hidden_high=hidden[2],
        error_rate=judged.errors.rate,
        error_rate_low=judged.errors.low,
        error_rate_high=judged.errors.high,
        reliable=judged.reliable,
        estimates=tuple(_reported(one) for one in judged.estimates),
        diagnoses=tuple(
            PositiveDiagnosis(**asdict(one), undermines=one.wrong and one.name in UNDERMINES)
            for one in judged.diagnoses
        ),
    )


def _reported(one: PUEstimate) -> PositiveEstimate:
    figures = {name: value for name, value in asdict(one).items() if name != "void"}
    return PositiveEstimate(title=TITLES[one.name] + (" (void here)" if one.void else ""), **figures)
