"""The parts that all reports of labelled positives and unlabelled rows share: verdict, four numbers, sentences."""

from __future__ import annotations

from dechaff.records.metrics import Metrics, PositiveDiagnosis, PositivesFacts
from dechaff.report.figure import Figure
from dechaff.report.numbers import between, count, of_things, percent
from dechaff.report.schema import Verdict

SCHEMES = {
    "single-training-set": "one sample with some labelled positives",
    "case-control": "two samples: labelled positives, and unlabelled rows of the population",
}
"""How the rows were drawn, in words."""


def positives_verdict(metrics: Metrics, facts: PositivesFacts) -> Verdict:
    """The first line of the report."""
    if facts.c is None:
        return Verdict("neutral", "Rows cannot be judged", _why_not(metrics))
    if not facts.reliable:
        return Verdict("attention", "The proportion of positives is not certain", _unsure(facts))
    if _number(metrics, "P001") or _number(metrics, "P002"):
        return Verdict("attention", "Positives among the unlabelled rows", _sentence(metrics, facts))
    return Verdict("good", "Nothing found", "No unlabelled row looks positive, and no labelled one looks wrong.")


def positives_figures(metrics: Metrics, facts: PositivesFacts, rows: Figure, findings: Figure) -> tuple[Figure, ...]:
    """The four numbers: rows, findings, proportion of positives, fraction of them that is labelled."""
    label = f"{count(facts.labelled)} labelled, {count(facts.unlabelled)} unlabelled"
    sealed = metrics.dataset.test_rows
    note = f"{label}; {of_things(sealed, 'test row')}, sealed" if sealed else label
    prior = _figure("Positive rows", facts.class_prior, facts.class_prior_low, facts.class_prior_high)
    c = _figure("Positives that are labelled", facts.c, facts.c_low, facts.c_high)
    return Figure(rows.name, rows.number, note), findings, prior, c


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
    named = _number(metrics, "P001")
    verb = "is" if named == 1 else "are"
    sentence = f"{hidden_in_words(facts)}; {count(named)} {verb} named here."
    wrong = _number(metrics, "P002")
    return f"{sentence} {of_things(wrong, 'labelled row')} may be wrong." if wrong else sentence


def _unsure(facts: PositivesFacts) -> str:
    doubts = ", ".join(one.name for one in in_doubt(facts) if one.undermines)
    return f"{hidden_in_words(facts)}, but that is in doubt: {doubts}. No label is changed automatically."


def _number(metrics: Metrics, code: str) -> int:
    return sum(check.findings for check in metrics.checks if check.code == code)


def _figure(name: str, share: float | None, low: float | None, high: float | None) -> Figure:
    if share is None:
        return Figure(name, "not estimated", "see the model of the label for the reason")
    interval = between(low, high)
    return Figure(name, percent(share), f"95\N{NO-BREAK SPACE}% interval {interval}" if interval else "no interval")
