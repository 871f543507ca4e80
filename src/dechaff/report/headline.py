"""The verdict line and the four numbers of every report, and what all say of labelled positives and of curricula."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from dechaff.records.curricula import CurriculaCompared
from dechaff.records.drift import Drift
from dechaff.records.metrics import (
    BaselineFacts,
    ClassHealth,
    ClassProof,
    Metrics,
    Noise,
    PositiveDiagnosis,
    PositivesFacts,
    ProofFacts,
)
from dechaff.records.on_test_rows import TestAgreement
from dechaff.records.record import Estimate, Record
from dechaff.report.record import RunRecord
from dechaff.report.words import between, count, of_things, percent


class Verdict(Record, frozen=True):
    """The first line of every report. ``tone`` is its meaning, ``word`` the short form."""

    tone: Literal["good", "attention", "bad", "neutral"]
    word: str
    sentence: str


@dataclass(frozen=True)
class Figure:
    """A name, the number, and a note beside it."""

    name: str
    number: str
    note: str


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
        return _positives_verdict(metrics, metrics.positives)
    baseline = metrics.baseline
    if baseline is None:
        return Verdict("neutral", "Labels not judged", "There is no baseline model, so labels were not checked.")
    if not baseline.trusted:
        reason = baseline.reason or "The baseline is no better than guessing."
        return Verdict("neutral", "Labels cannot be judged", reason)
    rate = metrics.noise.rate if metrics.noise else None
    if metrics.slices:
        return Verdict("attention", "Parts of the data cannot be trusted", _slices_sentence(metrics, rate))
    if metrics.test_agreement is not None and metrics.test_agreement.note:
        own, tested = percent(baseline.accuracy), percent(metrics.test_agreement.accuracy)
        sentence = (
            f"A model that repeats {own} of the training labels out of sample repeats {tested} of the test labels."
        )
        return Verdict("attention", "Training and test labels disagree", sentence)
    if rate is not None and rate >= _SOUND:
        return Verdict("attention", "Labels need work", f"About {percent(rate)} of the labels are probably wrong.")
    if _total(metrics):
        found = of_things(_total(metrics), "finding")
        return Verdict("good", "Labels look sound", f"Hardly any label is in doubt; {found} to review in all.")
    return Verdict("good", "Nothing found", "No check found anything wrong with these data.")


def _slices_sentence(metrics: Metrics, rate: float | None) -> str:
    parts = of_things(len(metrics.slices), "part")
    verb = "has" if len(metrics.slices) == 1 else "have"
    overall = f" Of the other labels, about {percent(rate)} are probably wrong." if rate is not None else ""
    return f"{parts} of the data {verb} labels that disagree with a model trained on the rest.{overall}"


def figures(record: RunRecord) -> tuple[Figure, ...]:
    """The four numbers: rows, findings, fraction of labels that are probably wrong, score of the baseline.

    For labelled positives the last two are the proportion of positives, and the fraction of them that is labelled.
    """
    metrics, facts = record.metrics, record.metrics.positives
    sealed = metrics.dataset.test_rows
    test_rows = f"{of_things(sealed, 'test row')}, sealed" if sealed else ""
    rows = count(metrics.dataset.rows)
    if facts is None:
        note = f"and {test_rows}" if test_rows else "no test rows were set aside"
        return Figure("Rows audited", rows, note), _findings(metrics), _noise(metrics), _baseline(metrics)
    note = "; ".join(
        filter(None, (f"{count(facts.labelled)} labelled, {count(facts.unlabelled)} unlabelled", test_rows))
    )
    unknown = "not estimated", "see the model of the label for the reason"
    prior = facts.class_prior, facts.class_prior_low, facts.class_prior_high
    return (
        Figure("Rows audited", rows, note),
        _findings(metrics),
        _proportion("Positive rows", *prior, unknown=unknown),
        _proportion("Positives that are labelled", facts.c, facts.c_low, facts.c_high, unknown=unknown),
    )


def _proportion(
    name: str,
    rate: float | None,
    low: float | None,
    high: float | None,
    *,
    unknown: tuple[str, str],
    no_interval: str = "no interval",
) -> Figure:
    """A proportion with its interval as a note; `unknown` in place of both if it was not measured."""
    if rate is None:
        return Figure(name, *unknown)
    interval = between(low, high)
    return Figure(name, percent(rate), f"95\N{NO-BREAK SPACE}% interval {interval}" if interval else no_interval)


def _total(metrics: Metrics, code: str = "") -> int:
    """How many findings there are, of one code or of all."""
    return sum(check.findings for check in metrics.checks if code in ("", check.code))


def _findings(metrics: Metrics) -> Figure:
    kinds = sum(check.findings > 0 for check in metrics.checks)
    missed = sum(check.status != "done" for check in metrics.checks)
    note = f"of {of_things(kinds, 'kind')}" if kinds else "nothing to review"
    if missed:
        note += f"; {of_things(missed, 'check')} could not be run"
    return Figure("Findings", count(_total(metrics)), note)


def _noise(metrics: Metrics) -> Figure:
    noise, unknown = metrics.noise or Noise(), ("not estimated", "see the baseline for the reason")
    found = _proportion("Labels probably wrong", noise.rate, noise.low, noise.high, unknown=unknown)
    if noise.rate is None or not metrics.slices:
        return found
    return replace(found, note=f"of the labels outside those parts; {found.note}")


def _baseline(metrics: Metrics) -> Figure:
    one, unknown = metrics.baseline or BaselineFacts(), ("not measured", "no model was trained")
    ends = one.accuracy_low, one.accuracy_high
    found = _proportion("Baseline accuracy", one.accuracy, *ends, unknown=unknown, no_interval="out of sample")
    if one.accuracy is None:
        return found
    tested = _on_tests(metrics.test_agreement)
    return replace(
        found, note=f"of the given labels; {found.note}{tested}" if one.trusted else "too weak to judge labels"
    )


def _on_tests(tested: TestAgreement | None) -> str:
    if tested is None:
        return ""
    return f"; of the test labels {percent(tested.accuracy)} ({between(tested.low, tested.high)})"


_SCHEMES = {
    "single-training-set": "one sample with some labelled positives",
    "case-control": "two samples: labelled positives, and unlabelled rows of the population",
}


def scheme_in_words(facts: PositivesFacts) -> str:
    """How the rows were drawn."""
    return _SCHEMES.get(facts.scheme, facts.scheme)


def models_scored(proof: ProofFacts) -> dict[str, Estimate]:
    """The scores of a proof by what the model was trained on: the data before and after, and the control if any."""
    control = {} if proof.control is None else {"control": proof.control}
    return {"before": proof.before, "after": proof.after, **control}


def most_changed(proof: ProofFacts) -> list[ClassProof]:
    """The classes of a proof, those with the largest difference first."""
    return sorted(proof.per_class, key=lambda one: (-abs(one.difference or 0.0), one.name))


def _positives_verdict(metrics: Metrics, facts: PositivesFacts) -> Verdict:
    """The first line of the report."""
    if facts.c is None:
        return Verdict("neutral", "Rows cannot be judged", _why_not(metrics))
    if not facts.reliable:
        return Verdict("attention", "The proportion of positives is not certain", _unsure(facts))
    if _total(metrics, "P001") or _total(metrics, "P002"):
        return Verdict("attention", "Positives among the unlabelled rows", _sentence(metrics, facts))
    return Verdict("good", "Nothing found", "No unlabelled row looks positive, and no labelled one looks wrong.")


def in_doubt(facts: PositivesFacts) -> tuple[PositiveDiagnosis, ...]:
    """The diagnoses that found a problem, those that make every probability doubtful first."""
    return tuple(sorted((one for one in facts.diagnoses if one.wrong), key=lambda one: not one.undermines))


def hidden_in_words(facts: PositivesFacts) -> str:
    """How many positives are among the unlabelled rows, and out of how many.

    >>> hidden_in_words(PositivesFacts(unlabelled=900, hidden=250, hidden_low=199.6, hidden_high=301))
    'About 250 of 900 unlabelled rows are positive (95\\xa0% interval 200 to 301)'
    """
    interval = ""
    if facts.hidden_low is not None and facts.hidden_high is not None:
        interval = f" (95\N{NO-BREAK SPACE}% interval {count(facts.hidden_low)} to {count(facts.hidden_high)})"
    return f"About {count(facts.hidden)} of {of_things(facts.unlabelled, 'unlabelled row')} are positive{interval}"


def _why_not(metrics: Metrics) -> str:
    reasons = [check.why for check in metrics.checks if check.code == "P001" and check.why]
    return reasons[0] if reasons else "No model of the label was trained."


def _sentence(metrics: Metrics, facts: PositivesFacts) -> str:
    named = _total(metrics, "P001")
    verb = "is" if named == 1 else "are"
    sentence = f"{hidden_in_words(facts)}; {count(named)} {verb} named here."
    wrong = _total(metrics, "P002")
    return f"{sentence} {of_things(wrong, 'labelled row')} may be wrong." if wrong else sentence


def _unsure(facts: PositivesFacts) -> str:
    doubts = ", ".join(one.name for one in in_doubt(facts) if one.undermines)
    return f"{hidden_in_words(facts)}, but that is in doubt: {doubts}. No label is changed automatically."


def noisiest_first(classes: Iterable[ClassHealth]) -> list[ClassHealth]:
    """The classes, those with the most wrong labels first."""
    return sorted(classes, key=lambda one: (-(one.noise_rate or 0.0), one.name))


def arms_of(found: CurriculaCompared) -> dict[str, Estimate]:
    """The accuracy of the four ways to train, by name."""
    return {
        "curriculum": found.curriculum,
        "random order, same pacing": found.random,
        "hard rows first": found.hard_first,
        "plain training": found.plain,
    }


def effects_of(found: CurriculaCompared) -> dict[str, Estimate]:
    """The differences between the four, by name."""
    return {
        "effect of the order": found.order_effect,
        "effect of the pacing": found.pacing_effect,
        "effect of the curriculum": found.effect,
    }


def told_apart(drift: Drift) -> str:
    """How well a classifier distinguishes two samples."""
    if drift.auc is None:
        return "too few rows can be compared to train a classifier"
    chance = (
        f" (by chance {drift.low:.2f}–{drift.high:.2f})" if drift.low is not None and drift.high is not None else ""
    )
    return f"a classifier tells the samples apart with an AUC of {drift.auc:.2f}{chance}"
