"""An augmentation kept in the run folder of an audit: its figures, its finding, its decision, and the new rows."""

from __future__ import annotations

import polars as pl
from msgspec import structs

from dechaff._version import __version__
from dechaff.estimators.augmentation.study import AugmentationStudy, Tried
from dechaff.methods.proof.paired_interval import Interval
from dechaff.recipe.augment.augmented_table import AugmentedData
from dechaff.recipe.outcome.added_rows import A001, decision_key, new_rows_table
from dechaff.records.augmented import AugmentationFacts, MadeRow, MeasuredGain, TriedOperation
from dechaff.records.codes import CODES
from dechaff.records.decisions import Event, rule_changes
from dechaff.records.findings import FINDINGS_SCHEMA
from dechaff.records.metrics import Check
from dechaff.records.run import NEW_ROWS, Run, json_bytes, parquet_bytes

_FIX = "Look at examples of the new rows in the report; keep this finding in dechaff review to leave them out."


def augmentation_facts(data: AugmentedData, model: str) -> AugmentationFacts:
    """The figures of a search, with examples of what each operation makes."""
    study = data.study
    tested = study.tested
    return AugmentationFacts(
        study.words,
        model,
        "" if study.accepted is None else study.accepted.words,
        len(data.rows),
        len(data.parents),
        tuple(_tried(one, data.examples.get(one.candidate.words, ())) for one in study.tried),
        None if tested is None else _gain(tested.gain),
        None if tested is None else _gain(tested.accuracy),
        None if tested is None else _gain(tested.log_loss),
        tested="" if tested is None else tested.candidate.words,
        max_flip_rate=data.max_flip_rate,
    )


def keep_augmentation(run: Run, data: AugmentedData, facts: AugmentationFacts) -> None:
    """Write the outcome of a search into a run, over that of an earlier one; the decision is a rule's.

    The new rows are added by `apply` as long as the decision stands.
    """
    finding = _finding(data.study, facts)
    findings = run.findings.filter(pl.col("code") != A001)
    if finding is not None:
        findings = pl.concat([findings, pl.DataFrame([finding], schema=FINDINGS_SCHEMA)])
    checks = [one for one in run.metrics.checks if one.code != A001]
    checks.append(Check(A001, CODES[A001].title, "done", int(finding is not None)))
    checks.sort(key=lambda one: list(CODES).index(one.code))
    metrics = structs.replace(run.metrics, checks=tuple(checks), augmentation=facts)
    files = {"findings.parquet": parquet_bytes(findings), "metrics.json": json_bytes(metrics)}
    run.write({NEW_ROWS: parquet_bytes(_new_rows(data, facts)), **files})
    proposed = [] if finding is None else [_event(finding)]
    run.add(rule_changes((one for one in run.events() if one.key.startswith(f"{A001}:")), proposed))
    run.forget()


def _finding(study: AugmentationStudy, facts: AugmentationFacts) -> dict[str, str | float | None] | None:
    if not facts.accepted:
        return None
    flips = next((one.flips for one in facts.tried if one.operation == facts.accepted), None)
    why = f"{study.words} {facts.new_rows:,} new rows are made from {facts.rows:,} training rows."
    values: dict[str, str | float | None] = {
        "finding_id": f"{A001}-000001",
        "code": A001,
        "field": facts.accepted,
        "score": flips or 0.0,
    }
    return {**dict.fromkeys(FINDINGS_SCHEMA, ""), **values, "row": "", "why": why, "fix": _FIX}


def _event(finding: dict[str, str | float | None]) -> Event:
    operation, score = str(finding["field"]), float(finding["score"] or 0)
    return Event(
        decision_key(operation), "", "add", A001, str(finding["finding_id"]), operation, score=round(score, 6),
        version=__version__,
    )  # fmt: skip


def _new_rows(data: AugmentedData, facts: AugmentationFacts) -> pl.DataFrame:
    cells, rows = data.changed_cells(), data.rows
    keys, parents = (names[data.parents].astype(str).tolist() for names in (rows.keys, rows.ids))
    numbers, text = (
        {name: some for name, (is_number, some) in cells.items() if is_number is one} for one in (True, False)
    )
    return new_rows_table(facts.accepted, keys, parents, numbers, text)


def _tried(one: Tried, examples: tuple[MadeRow, ...]) -> TriedOperation:
    flips = one.flips
    return TriedOperation(
        operation=one.candidate.words,
        flips=None if flips is None else flips.rate,
        flips_low=None if flips is None else flips.low,
        flips_high=None if flips is None else flips.high,
        rows=0 if flips is None else flips.n,
        gain=None if one.gain is None else _gain(one.gain),
        accuracy=None if one.accuracy is None else _gain(one.accuracy),
        repeats=one.repeats,
        refused=one.refused,
        examples=examples,
    )


def _gain(interval: Interval) -> MeasuredGain:
    return MeasuredGain(interval.mean, interval.low, interval.high)
