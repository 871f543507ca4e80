"""L001, L002 and L005 of all rows in words, and what is proposed for them, part by part."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.data.dataset import Dataset
from dechaff.methods.label_evidence.gather_evidence import Evidence, EvidenceSources
from dechaff.methods.noisy_slices.examine_slice import NoisySlice
from dechaff.methods.noisy_slices.slice_transition import SliceTransition
from dechaff.recipe.baseline.prob_parts import Part
from dechaff.recipe.explore.copies import some_rows
from dechaff.recipe.improve.improve import within_policy
from dechaff.recipe.improve.label_estimates import LabelEstimates
from dechaff.recipe.improve.mislabelled import Mislabelled, label_error_detection
from dechaff.recipe.improve.policy import proposal_for
from dechaff.recipe.improve.slices import slice_facts, slice_finding, slice_proposal, slice_row_findings
from dechaff.recipe.outcome.row_results import RowResults
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.passes.sample_fit import SliceRule
from dechaff.records.metrics import Slice


@dataclass
class SliceSums:
    """What is added up over the rows of one slice."""

    rows: int = 0
    agree: float = 0.0
    right: float = 0.0
    posterior: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def add(self, one: NoisySlice, given: npt.NDArray[np.int64], probs: npt.NDArray[np.float64]) -> None:
        """Some more rows."""
        total = one.found.posterior.sum(axis=0)
        self.posterior = total if not self.rows else self.posterior + total
        self.rows += len(given)
        self.right += float(one.found.posterior[np.arange(len(given)), given].sum())
        self.agree += float((probs.argmax(axis=1) == given).sum())


def rule_on(rule: SliceRule, rows: npt.NDArray[np.int64], posterior: Any, noise_rate: float) -> NoisySlice:
    """A slice as it stands on some rows."""
    found = SliceTransition(np.array(rule.transition), posterior, noise_rate, 0.0, rule.nature)  # type: ignore[arg-type]
    return NoisySlice(
        rule.condition,
        rows,
        rule.agreement_inside,
        rule.agreement_outside,
        rule.expected_inside,
        rule.agreement_within,
        rule.z,
        rule.p_value,
        found,
        rule.action,  # type: ignore[arg-type]
    )


def write_slice_findings(context: AuditContext, results: RowResults) -> tuple[Slice, ...]:
    """L002 on all rows; the figures of each slice."""
    read_plan, rules, slices = context.read_plan, context.sample_fit.slices, context.store.open("slice")
    results.begin("L002", proposes=True)
    sums = [SliceSums() for _ in rules]
    for part in context.parts_with_progress("rows of noisy slices") if rules else ():
        number = np.asarray(slices[part.rows])
        for place in range(len(rules)):
            mine = np.flatnonzero(number == place + 1)
            if len(mine):
                _write_slice_rows(context, place, mine, part, results, sums[place])
    facts = []
    train, names = read_plan.n_rows - read_plan.n_test, read_plan.sample.class_names
    for place, (rule, total) in enumerate(zip(rules, sums, strict=True), 1):
        if total.rows:
            shares = (total.posterior / total.rows)[None, :]
            one = rule_on(rule, np.broadcast_to(0, (total.rows,)), shares, 1 - total.right / total.rows)
            one = replace(one, agreement_inside=total.agree / total.rows)
            results.found([slice_finding(place, one, train, names)], context.ids.name)
            facts.append(slice_facts(place, one, train, names, n_tested=context.sample_fit.n_tested))
    return tuple(facts)


def _write_slice_rows(
    context: AuditContext, place: int, mine: npt.NDArray[np.int64], part: Part, results: RowResults, total: SliceSums
) -> None:
    """The rows of one slice in one part."""
    rule = context.sample_fit.slices[place]
    given, probs, rows = part.codes[mine], part.probs[mine], part.rows[mine]
    weight = np.array(rule.transition)[given] * probs
    posterior = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-300)
    wrong = 1 - posterior[np.arange(len(given)), given]
    one = rule_on(rule, np.arange(len(mine)), posterior, float(wrong.mean()))
    total.add(one, given, probs)
    train = some_rows(context.read_plan, context.seen, rows)
    proposal = within_policy(context.request.policy, slice_proposal(one, train))
    results.propose(proposal, rows)
    score = proposal.score if rule.action != "drop" else np.maximum(proposal.score, one.found.noise_rate)
    results.store.open("L002")[rows], results.store.open("L002_flag")[rows] = score, True
    results.writer.add(slice_row_findings(place + 1, one, proposal, train), context.ids.name, rows)


def write_error_findings(context: AuditContext, judged: LabelEstimates, results: RowResults) -> npt.NDArray[np.int64]:
    """L001 on all rows; how many rows of each class are flagged."""
    read_plan, seen = context.read_plan, context.seen
    for name, dtype, fill in (("action", np.uint8, 0), ("label", np.int32, -1), ("sure", np.float64, 0)):
        results.store.make(f"L001_{name}", dtype, fill)
    flags = results.store.open("L001_flag")
    flagged = np.zeros(len(read_plan.sample.class_names), dtype=np.int64)
    for part in context.parts_with_progress("label errors, one by one"):
        some = np.flatnonzero(flags[part.rows])
        if not len(some):
            continue
        rows, given = part.rows[some], part.codes[some]
        flagged += np.bincount(given, minlength=len(flagged))
        errors = judged.of(rows)
        train: Dataset = some_rows(read_plan, seen, rows)
        local = np.arange(len(rows))
        proposal = proposal_for(errors, local, given, read_plan.class_counts, context.request.policy)
        results.propose(proposal, rows)
        evidence = Evidence(part.probs[some], (), EvidenceSources(given, (), None))
        found = Mislabelled(local, errors, evidence)
        detection = label_error_detection(found, proposal, train)
        results.writer.add(detection.findings, context.ids.name, rows)
    return flagged
