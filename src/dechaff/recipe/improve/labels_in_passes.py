"""Label errors and noisy slices of all rows, part by part: L001, L002 and L005.

The noise is read from a part of the rows, then each row is scored, then the flagged ones are put into words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import Fold, R, S, folded
from dechaff.core.progress import Progress
from dechaff.core.top_rows import Cut, cut_of
from dechaff.methods.label_errors.error_passes import FlagRule, OverallEstimates, estimate_in_passes, score_of
from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates
from dechaff.methods.label_errors.noise_posterior import RowErrorOdds, RowEstimates
from dechaff.methods.label_errors.noise_sample import SampledRows
from dechaff.methods.label_evidence.gather_evidence import Evidence, EvidenceSources
from dechaff.methods.noisy_slices.examine_slice import NoisySlice
from dechaff.methods.noisy_slices.slice_evidence import SliceTransition
from dechaff.recipe.baseline.prob_parts import Part, ProbParts
from dechaff.recipe.explore.copies import some_rows
from dechaff.recipe.improve.mislabelled import Mislabelled, label_error_results
from dechaff.recipe.improve.slices import slice_facts, slice_finding, slice_row_results
from dechaff.recipe.outcome.row_results import RowResults
from dechaff.recipe.outcome.row_store import RowColumn, RowStore
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.passes.sample_fit import SliceRule
from dechaff.records.metrics import Slice
from dechaff.typing import Chunk, ClassMatrix

SCORING = "label errors"
_COLUMNS = {"log_odds": np.float64, "suggested": np.int32, "suggested_prob": np.float64, "doubted": np.bool_}


@dataclass(frozen=True)
class LabelEstimates:
    """The estimates for all labels together, and the row columns with those for each."""

    found: OverallEstimates
    store: RowStore

    def of(self, rows: npt.NDArray[np.int64]) -> LabelErrorEstimates:
        """The same for some of these rows."""
        kept = {name: np.asarray(self.store.open(name)[rows]) for name in _COLUMNS}
        kept["suggested"] = kept["suggested"].astype(np.int64)
        flag = np.asarray(self.store.open("L001_flag")[rows])
        return LabelErrorEstimates.of(self.found, RowEstimates(**kept, joint=self.found.joint), flag)


@dataclass(frozen=True)
class LabelledRows:
    """The rows whose labels are scored, part by part: those with a label, outside the noisy slices."""

    parts: ProbParts
    slices: RowColumn
    n_classes: int

    def each(self) -> Iterator[tuple[Part, npt.NDArray[np.int64]]]:
        """Every part that has such rows, and the places of these."""
        for part in self.parts.parts():
            places = np.flatnonzero((part.codes >= 0) & (self.slices[part.rows] == 0))
            if len(places):
                yield part, places

    def chunks(self) -> Iterator[Chunk]:
        """Their labels and probabilities, numbered among themselves."""
        first = 0
        for part, places in self.each():
            row = np.arange(first, first + len(places))
            yield {"row": row, "labels": part.codes[places], "probs": part.probs[places], "at": part.rows[places]}
            first += len(places)


def estimate_all_rows(labelled: LabelledRows, store: RowStore, n_rows: int, *, progress: Progress) -> LabelEstimates:
    """The noise, and the score of every labelled row.

    Parameters
    ----------
    labelled : the rows.
    store : for the scores.
    n_rows : how many they are.
    progress : is called with the rows.
    """
    sample = _result(SampledRows(n_rows, labelled.n_classes), _told(labelled.chunks(), progress, n_rows, before=0))
    power = sample.power()

    def over_rows(odds: RowErrorOdds) -> ClassMatrix:
        columns = {name: store.make(name, dtype) for name, dtype in _COLUMNS.items()}
        number, state = store.make("number", np.int64, -1), odds.init()
        for chunk in _told(labelled.chunks(), progress, n_rows, before=n_rows):
            answers, some = odds.rows_and_state(chunk)
            state = odds.merge(state, some)
            for name, column in columns.items():
                column[chunk["at"]] = answers[name]
            number[chunk["at"]] = chunk["row"]
        return odds.finalize(state)

    def cut(n: int) -> Cut:
        return cut_of(lambda fold: _result(fold, (chunk for chunk, _ in _scored(store))), "log_odds", n)

    found = estimate_in_passes(sample.label_noise(power), power, n_rows, over_rows=over_rows, cut=cut)
    _flag(store, found.flag_rule)
    progress(SCORING, 2 * n_rows, 2 * n_rows)
    return LabelEstimates(found, store)


def _result(fold: Fold[S, R], chunks: Iterator[Chunk]) -> R:
    return fold.finalize(folded(fold, chunks))


def _told(chunks: Iterator[Chunk], progress: Progress, n_rows: int, *, before: int) -> Iterator[Chunk]:
    """The chunks of one of two passes; progress counts its last rows when both are finished."""
    for chunk in chunks:
        progress(SCORING, before + int(chunk["row"][0]), 2 * n_rows)
        yield chunk


def _flag(store: RowStore, rule: FlagRule) -> None:
    """Flags and scores of the labelled rows; other rows have neither."""
    flags, scores = store.make("L001_flag", np.bool_), store.make("L001", np.float64)
    for chunk, at in _scored(store):
        flags[at], scores[at] = rule.rows(chunk), score_of(chunk["log_odds"])


def _scored(store: RowStore) -> Iterator[tuple[Chunk, npt.NDArray[np.int64]]]:
    """The scores in pieces, and the rows that they are of."""
    number = store.open("number")
    columns = {name: store.open(name) for name in _COLUMNS}
    for span in store.spans():
        some = np.flatnonzero(number[span] >= 0)
        chunk = {name: np.asarray(column[span])[some] for name, column in columns.items()}
        yield {**chunk, "row": np.asarray(number[span])[some]}, some + span.start


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
    train = some_rows(context, rows)
    proposal, score, findings = slice_row_results(place + 1, one, train, context.request.policy)
    results.propose(proposal, rows)
    results.store.open("L002")[rows], results.store.open("L002_flag")[rows] = score, True
    results.writer.add(findings, context.ids.name, rows)


def write_error_findings(context: AuditContext, judged: LabelEstimates, results: RowResults) -> npt.NDArray[np.int64]:
    """L001 on all rows; how many rows of each class are flagged."""
    read_plan, policy = context.read_plan, context.request.policy
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
        evidence = Evidence(part.probs[some], (), EvidenceSources(given, (), None))
        found = Mislabelled(np.arange(len(rows)), judged.of(rows), evidence)
        train = some_rows(context, rows)
        detection, proposal = label_error_results(found, train, read_plan.class_counts, policy)
        results.propose(proposal, rows)
        results.writer.add(detection.findings, context.ids.name, rows)
    return flagged
