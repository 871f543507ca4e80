"""The verdict line and the four numbers with which every report begins."""

from __future__ import annotations

from dechaff.records.metrics import Metrics, ProofFacts
from dechaff.report.figure import Figure
from dechaff.report.numbers import between, count, of_things, percent
from dechaff.report.positives import positives_figures, positives_verdict
from dechaff.report.record import RunRecord
from dechaff.report.schema import Verdict

_SOUND = 0.01
"""Below this fraction of wrong labels a data set is as clean as the best of the well-known benchmarks."""


def verdict(metrics: Metrics) -> Verdict:
    """The first line: the proof if there is one, else the result of the audit about the labels.

    >>> verdict(Metrics()).word
    'Labels not judged'
    """
    if metrics.proof is not None and metrics.proof.verdict:
        return _proof_verdict(metrics.proof)
    return audit_verdict(metrics)


def _proof_verdict(proof: ProofFacts) -> Verdict:
    word, sentence = {
        "better": ("Better", "The model trained on the improved data does better on sealed test rows."),
        "worse": ("Worse", "The model trained on the improved data does worse on sealed test rows. Keep the original."),
    }.get(proof.verdict, ("No evidence", "The sealed test rows show no difference that could not be chance."))
    # The words of a proof begin with its verdict, which is shown before them.
    rest = proof.words.removeprefix(f"{word}: ")
    sentence = rest[:1].upper() + rest[1:] or sentence
    if proof.verdict == "better":
        return Verdict("good", word, sentence)
    return Verdict("bad" if proof.verdict == "worse" else "neutral", word, sentence)


def audit_verdict(metrics: Metrics) -> Verdict:
    """The result of the audit, before any proof."""
    if metrics.positives is not None:
        return positives_verdict(metrics, metrics.positives)
    baseline = metrics.baseline
    if baseline is None:
        return Verdict("neutral", "Labels not judged", "There is no baseline model, so labels were not checked.")
    if not baseline.trusted:
        reason = baseline.reason or "The baseline is no better than guessing."
        return Verdict("neutral", "Labels cannot be judged", reason)
    share = metrics.noise.share if metrics.noise else None
    if metrics.slices:
        return Verdict("attention", "Parts of the data cannot be trusted", _slices_sentence(metrics, share))
    if share is not None and share >= _SOUND:
        return Verdict("attention", "Labels need work", f"About {percent(share)} of the labels are probably wrong.")
    if _total(metrics):
        found = of_things(_total(metrics), "finding")
        return Verdict("good", "Labels look sound", f"Hardly any label is in doubt; {found} to review in all.")
    return Verdict("good", "Nothing found", "No check found anything wrong with these data.")


def _slices_sentence(metrics: Metrics, share: float | None) -> str:
    parts = of_things(len(metrics.slices), "part")
    verb = "has" if len(metrics.slices) == 1 else "have"
    overall = f" Of the other labels, about {percent(share)} are probably wrong." if share is not None else ""
    return f"{parts} of the data {verb} labels that disagree with a model trained on the rest.{overall}"


def figures(record: RunRecord) -> tuple[Figure, ...]:
    """The four numbers: rows, findings, fraction of labels that are probably wrong, score of the baseline.

    For labelled positives the last two are the proportion of positives, and the fraction of them that is labelled.
    """
    metrics = record.metrics
    if metrics.positives is not None:
        return positives_figures(metrics, metrics.positives, _rows(metrics), _findings(metrics))
    return (
        _rows(record.metrics),
        _findings(record.metrics),
        _noise(record.metrics),
        _baseline(record.metrics),
    )


def _rows(metrics: Metrics) -> Figure:
    sealed = metrics.dataset.test_rows
    note = f"and {of_things(sealed, 'test row')}, sealed" if sealed else "no test rows were set aside"
    return Figure("Rows audited", count(metrics.dataset.rows), note)


def _total(metrics: Metrics) -> int:
    return sum(check.findings for check in metrics.checks)


def _findings(metrics: Metrics) -> Figure:
    kinds = sum(check.findings > 0 for check in metrics.checks)
    missed = sum(check.status != "done" for check in metrics.checks)
    note = f"of {of_things(kinds, 'kind')}" if kinds else "nothing to review"
    if missed:
        note += f"; {of_things(missed, 'check')} could not be run"
    return Figure("Findings", count(_total(metrics)), note)


def _noise(metrics: Metrics) -> Figure:
    name, noise = "Labels probably wrong", metrics.noise
    if noise is None or noise.share is None:
        return Figure(name, "not estimated", "see the baseline for the reason")
    interval = between(noise.low, noise.high)
    note = f"95\N{NO-BREAK SPACE}% interval {interval}" if interval else "no interval"
    return Figure(name, percent(noise.share), f"of the labels outside those parts; {note}" if metrics.slices else note)


def _baseline(metrics: Metrics) -> Figure:
    name, baseline = "Baseline accuracy", metrics.baseline
    if baseline is None or baseline.accuracy is None:
        return Figure(name, "not measured", "no model was trained")
    interval = between(baseline.accuracy_low, baseline.accuracy_high)
    note = f"95\N{NO-BREAK SPACE}% interval {interval}" if interval else "out of sample"
    return Figure(name, percent(baseline.accuracy), note if baseline.trusted else "too weak to judge labels")
