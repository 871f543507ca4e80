"""Label errors and noisy slices of all rows, part by part: L001, L002 and L005.

The noise is read from a part of the rows, then each row is scored, then the flagged ones are put into words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import folded
from dechaff.core.progress import Progress
from dechaff.core.top_rows import Cut, cut_of
from dechaff.methods.label_errors.error_passes import FlagTop, OverallEstimates, estimate_by_passes
from dechaff.methods.label_errors.estimates_of_rows import calibrated_for
from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates
from dechaff.methods.label_errors.noise_posterior import RowErrorOdds, RowEstimates, score_of
from dechaff.methods.label_errors.noise_sample import SampledRows
from dechaff.methods.label_errors.obvious_errors import obvious_errors
from dechaff.methods.label_evidence.gather_evidence import LabelEvidence
from dechaff.methods.noisy_slices.examine_slice import NoisySlice
from dechaff.recipe.baseline.prob_parts import Part, ProbParts
from dechaff.recipe.explore.copies import some_rows
from dechaff.recipe.improve.mislabelled import Mislabelled, label_error_results
from dechaff.recipe.improve.slices import slice_facts, slice_finding, slice_row_results
from dechaff.recipe.outcome.findings_writer import RowResults
from dechaff.recipe.outcome.row_store import RowStore
from dechaff.recipe.passes.context import AuditContext
from dechaff.records.metrics import Slice
from dechaff.typing import Chunk, ClassMatrix, Labels, Mask

SCORING = "label errors"
_COLUMNS = {"log_odds": np.float64, "suggested": np.int32, "suggested_prob": np.float64}


@dataclass(frozen=True)
class LabelEstimates:
    """The estimates for all labels together, and the row columns with those for each."""

    found: OverallEstimates
    store: RowStore
    certain: FlagTop
    """The rule by which rows are in doubt even if the noise rate lies at the lower end of its interval."""

    def of(self, rows: npt.NDArray[np.int64]) -> LabelErrorEstimates:
        """The same for some of these rows."""
        kept = {name: np.asarray(self.store.open(name)[rows]) for name in _COLUMNS}
        kept["suggested"] = kept["suggested"].astype(np.int64)
        flag = np.asarray(self.store.open("L001_flag")[rows])
        return LabelErrorEstimates.of(self.found, RowEstimates(**kept, joint=self.found.joint), flag)


@dataclass(frozen=True)
class LabelledRows:
    """The rows whose labels are scored: those with a label, outside the noisy slices."""

    store: RowStore
    parts: ProbParts

    def among(self, rows: Any) -> Mask:
        """Whether each of some rows is one of them."""
        return np.asarray((self.store.open("code")[rows] >= 0) & (self.store.open("slice")[rows] == 0))

    def class_counts(self) -> Labels:
        """(k,) how many of them are given each label."""
        chunks = self.store.chunks({"labels": "code"}, self.among)
        return np.asarray(sum(np.bincount(one["labels"], minlength=self.parts.n_classes) for one in chunks))

    def chunks(self, progress: Progress, *, before: int, total: int) -> Iterator[Chunk]:
        """Their labels and probabilities, numbered among themselves; tells how many of the `total` are finished."""
        first = 0
        for part in self.store.releasing(self.parts.parts()):
            places = np.flatnonzero(self.among(part.rows))
            row = np.arange(first, first + len(places))
            if len(places):
                progress(SCORING, before + first, total)
                yield {"row": row, "labels": part.codes[places], "probs": part.probs[places], "at": part.rows[places]}
            first += len(places)


def estimate_all_rows(labelled: LabelledRows, n_rows: int, *, progress: Progress) -> LabelEstimates:
    """The noise, and the score and flag of every labelled row; other rows have neither.

    Parameters
    ----------
    labelled : the rows, in a store for the scores.
    n_rows : how many they are.
    progress : is called with the rows.
    """
    store, chunks = labelled.store, partial(labelled.chunks, progress, total=2 * n_rows)
    fold = SampledRows(n_rows, labelled.parts.n_classes)
    sample = fold.finalize(folded(fold, chunks(before=0))).calibrated()
    power = sample.power()

    def over_rows(odds: RowErrorOdds) -> ClassMatrix:
        columns, state = {name: store.make(name, dtype) for name, dtype in _COLUMNS.items()}, odds.init()
        for chunk in chunks(before=n_rows):
            answers, some = odds.rows_and_state(chunk)
            state = odds.merge(state, some)
            for name, column in columns.items():
                column[chunk["at"]] = answers[name]
        return odds.finalize(state)

    def cut(n: int) -> Cut:
        return cut_of(partial(store.fold, columns={"log_odds": "log_odds"}, among=labelled.among), "log_odds", n)

    found = estimate_by_passes(sample.label_noise(power), power, n_rows, over_rows=over_rows, cut=cut)
    flags, scores = store.open("L001_flag"), store.open("L001")
    for chunk in store.chunks({"log_odds": "log_odds"}, labelled.among):
        flags[chunk["row"]], scores[chunk["row"]] = found.flag_rule.rows(chunk), score_of(chunk["log_odds"])
    progress(SCORING, 2 * n_rows, 2 * n_rows)
    return LabelEstimates(found, store, FlagTop(cut(round(found.rate.low * n_rows))))


@dataclass
class SliceSums:
    """What is added up over the rows of one slice."""

    rows: int = 0
    agree: float = 0.0
    right: float = 0.0
    posterior: Any = 0.0

    def add(self, one: NoisySlice, given: npt.NDArray[np.int64], probs: npt.NDArray[np.float64]) -> None:
        """Some more rows."""
        self.posterior = self.posterior + one.found.posterior.sum(axis=0)
        self.rows += len(given)
        self.right += float(one.found.posterior[np.arange(len(given)), given].sum())
        self.agree += float((probs.argmax(axis=1) == given).sum())


def _on_rows(rule: NoisySlice, rows: npt.NDArray[np.int64], posterior: Any, noise_rate: float) -> NoisySlice:
    """A slice of the sample as it stands on some rows."""
    return replace(rule, rows=rows, found=replace(rule.found, posterior=posterior, noise_rate=noise_rate))


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
    train, names = read_plan.n_train, read_plan.sample.class_names
    for place, (rule, total) in enumerate(zip(rules, sums, strict=True), 1):
        if total.rows:
            shares = (total.posterior / total.rows)[None, :]
            one = _on_rows(rule, np.broadcast_to(0, (total.rows,)), shares, 1 - total.right / total.rows)
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
    weight = rule.found.transition[given] * probs
    posterior = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-300)
    wrong = 1 - posterior[np.arange(len(given)), given]
    one = _on_rows(rule, np.arange(len(mine)), posterior, float(wrong.mean()))
    total.add(one, given, probs)
    train = some_rows(context, rows)
    proposal, score, findings = slice_row_results(place + 1, one, train, context.request.policy)
    results.propose(proposal, rows)
    results.store.open("L002")[rows], results.store.open("L002_flag")[rows] = score, True
    results.writer.add(findings, context.ids.name, rows)


def write_error_findings(context: AuditContext, judged: LabelEstimates, results: RowResults) -> npt.NDArray[np.int64]:
    """L001 on all rows; how many rows of each class are flagged."""
    read_plan, policy = context.read_plan, context.request.policy
    flags = results.store.open("L001_flag")
    flagged = np.zeros(len(read_plan.sample.class_names), dtype=np.int64)
    for part in context.parts_with_progress("label errors, one by one"):
        some = np.flatnonzero(flags[part.rows])
        if not len(some):
            continue
        rows, given = part.rows[some], part.codes[some]
        flagged += np.bincount(given, minlength=len(flagged))
        evidence = LabelEvidence(part.probs[some], (), given)
        errors = judged.of(rows)
        certain = judged.certain.rows({"row": rows, "log_odds": errors.log_odds})
        certain |= obvious_errors(given, calibrated_for(errors, given, part.probs[some]), errors.obvious)
        found = Mislabelled(np.arange(len(rows)), errors, evidence, certain)
        train = some_rows(context, rows)
        detection, proposal = label_error_results(found, train, read_plan.class_counts, policy)
        if context.request.checks.wants("L001"):
            results.propose(proposal, rows)
            results.writer.add(detection.findings, context.ids.name, rows)
    return flagged
