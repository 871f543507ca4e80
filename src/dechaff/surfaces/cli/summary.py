"""The summary of an audit on the terminal: verdict, assumptions, findings and decisions."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dechaff.records.curricula import CurriculaCompared, CurriculumFacts, CurriculumRow
from dechaff.records.metrics import BaselineFacts, Check, Example, PositivesFacts, Slice
from dechaff.records.on_test_rows import TestAgreement
from dechaff.records.record import Assumed, Estimate
from dechaff.report.headline import arms_of, audit_verdict, effects_of, figures, hidden_in_words, in_doubt
from dechaff.report.record import RunRecord
from dechaff.report.words import between, count, of_things, one_line, percent, points
from dechaff.surfaces.cli.console import say, table, title

_SHOWN_SLICES = 5
_EXPECTED = {
    "drop": "random: drop these rows",
    "relabel": "swapped: relabel these rows",
    "review": "look at these rows",
}
_STYLES = {"good": "bold green", "attention": "bold yellow", "bad": "bold red", "neutral": "bold"}


def print_summary(console: Console, record: RunRecord) -> None:
    """All parts, the most important first."""
    metrics = record.metrics
    headline = audit_verdict(metrics)
    say(console, one_line(f"{headline.word}. {headline.sentence}", 600), _STYLES[headline.tone])
    _print_figures(console, record)
    _print_assumptions(console, metrics.assumptions)
    _print_slices(console, metrics.slices)
    _print_findings(console, record)
    if metrics.positives is not None:
        print_positives(console, metrics.positives)
    if metrics.curriculum is not None:
        _print_curriculum(console, metrics.curriculum)
    _print_not_run(console, metrics.checks)
    _print_baseline(console, metrics.baseline, metrics.test_agreement)
    _print_decisions(console, record)


def _print_figures(console: Console, record: RunRecord) -> None:
    grid = Table.grid(padding=(0, 2))
    for figure in figures(record):
        grid.add_row(Text(figure.name), Text(figure.number, style="bold"), Text(figure.note, style="dim"))
    console.print(grid)


def _print_assumptions(console: Console, assumptions: tuple[Assumed, ...]) -> None:
    if not assumptions:
        return
    title(console, "Assumed")
    shown = table("what", "is", "because", "override with")
    for assumed in assumptions:
        shown.add_row(*map(one_line, (assumed.what, assumed.value, assumed.why, assumed.flag)))
    console.print(shown)


def _print_slices(console: Console, slices: tuple[Slice, ...]) -> None:
    if not slices:
        return
    title(console, "Parts whose labels cannot be trusted")
    for part in slices[:_SHOWN_SLICES]:
        say(console, f"{one_line(part.condition, 200)}: {_slice_words(part)}", indent=2)
    if len(slices) > _SHOWN_SLICES:
        say(console, f"and {of_things(len(slices) - _SHOWN_SLICES, 'part')} more, in the report", indent=2)


def _slice_words(part: Slice) -> str:
    words = [of_things(part.rows, "row")]
    if part.noise_rate is not None:
        interval = between(part.low, part.high)
        words.append(f"{percent(part.noise_rate)} of the labels wrong" + (f" ({interval})" if interval else ""))
    words.append(_EXPECTED.get(part.action, part.action))
    return ", ".join(words)


def _print_findings(console: Console, record: RunRecord) -> None:
    found = [check for check in record.metrics.checks if check.findings]
    if not found:
        return
    title(console, "Findings")
    shown = table("code", "what", "count", "first example")
    shown.columns[0].no_wrap = shown.columns[2].no_wrap = True
    shown.columns[2].justify = "right"
    for check in found:
        examples = record.examples.get(check.code, ())
        first = _example_words(examples[0]) if examples else ""
        shown.add_row(check.code, one_line(check.title), count(check.findings), first)
    console.print(shown)


def _example_words(example: Example) -> str:
    where = f"row {one_line(example.row, 24)}" if example.row else one_line(example.field, 24)
    change = ""
    if example.suggested:
        change = f"{one_line(example.given or 'no label', 24)} → {one_line(example.suggested, 24)}"
    text = one_line(example.why, 160)
    return ": ".join(filter(None, (where, change, text)))


def _print_not_run(console: Console, checks: tuple[Check, ...]) -> None:
    missed = [check for check in checks if check.status != "done"]
    if not missed:
        return
    title(console, "Not run")
    because: dict[str, list[str]] = {}
    for check in missed:
        because.setdefault(check.why, []).append(f"{check.code} {one_line(check.title)}")
    for why, names in because.items():
        say(console, f"{', '.join(names)}: {one_line(why, 300)}", indent=2)


def _print_baseline(console: Console, baseline: BaselineFacts | None, tested: TestAgreement | None) -> None:
    if baseline is None:
        return
    title(console, "Judged by")
    trained = f", out of sample in {of_things(baseline.folds, 'fold')}" if baseline.folds else ""
    say(console, f"{one_line(baseline.name)}{trained}", indent=2)
    if tested is not None and tested.note:
        say(console, tested.note, "bold yellow", indent=2)


def _print_decisions(console: Console, record: RunRecord) -> None:
    decided = record.metrics.decisions
    if decided is None:
        return
    policy = record.options.get("policy", "conservative")
    name = policy["name"] if isinstance(policy, dict) else policy  # a user's own policy has its bounds beside its name
    reviewed = f", {count(decided.by_reviewers)} by reviewers" if decided.by_reviewers else ""
    title(console, f"Proposed under the {name} policy{reviewed}")
    changes = (("keep", decided.keep), ("drop", decided.drop), ("relabel", decided.relabel))
    words = [f"{verb} {of_things(rows, 'row')}" for verb, rows in changes]
    say(console, ", ".join([*words, f"set {of_things(decided.review, 'row')} aside for review"]), indent=2)


def print_positives(console: Console, facts: PositivesFacts) -> None:
    """How many are positive; nothing if it was not estimated."""
    if facts.c is None:
        return
    for one in in_doubt(facts):
        title(console, f"May be wrong: {one_line(one.name)}")
        say(console, one_line(f"{one.message} {one.do}", 600), indent=2)
    title(console, "Fraction of positives that is labelled, and of rows that is positive")
    say(console, f"{hidden_in_words(facts)}.", indent=2)
    estimates = table("estimate", "labelled", "95 % interval", "positive", "95 % interval")
    for estimate in facts.estimates:
        estimates.add_row(
            one_line(estimate.name.replace("_", " ")),
            percent(estimate.c),
            between(estimate.c_low, estimate.c_high),
            percent(estimate.class_prior),
            between(estimate.class_prior_low, estimate.class_prior_high),
            style="bold" if estimate.used else "",
        )
    console.print(estimates)


_SHOWN_ROWS = 5


def _print_curriculum(console: Console, facts: CurriculumFacts) -> None:
    for words, rows in (("Hardest rows", facts.hardest), ("Easiest rows", facts.easiest)):
        _print_rows(console, words, rows[:_SHOWN_ROWS])
    title(console, f"Pacing, chosen by {of_things(facts.held_out, 'held-out training row')}, never by test rows")
    pacings = table("rows by steps", "held-out labels predicted", "95 % interval")
    for one in facts.pacings:
        cells = (one.words + (" ← chosen" if one.chosen else ""), percent(one.agreement.mean), _between(one.agreement))
        pacings.add_row(*cells, style="bold" if one.chosen else "")
    console.print(pacings)
    title(console, "Does it help?")
    if facts.compared is not None:
        _print_compared(console, facts.compared)
    if facts.note:
        say(console, one_line(facts.note, 600), indent=2)


def _print_rows(console: Console, words: str, rows: tuple[CurriculumRow, ...]) -> None:
    title(console, words)
    shown = table("row", "label", "hardness", "most probable class")
    for one in rows:
        likely = f"{one_line(one.likely, 40)} ({percent(one.prob)})"
        shown.add_row(one_line(one.row, 40), one_line(one.label, 40), f"{one.hardness:.2f}", likely)
    console.print(shown)


def _print_compared(console: Console, found: CurriculaCompared) -> None:
    say(console, found.words, "bold", indent=2)
    shown = table("trained by", "accuracy", "95 % interval")
    for words, one in arms_of(found).items():
        shown.add_row(words, percent(one.mean), _between(one))
    for words, one in effects_of(found).items():
        shown.add_row(words, points(one.mean), f"{points(one.low)} to {points(one.high)}")
    console.print(shown)
    scored = f"{of_things(found.n_test, 'test row')}, {of_things(found.n_seeds, 'seed')}"
    say(console, f"On {scored}; all four take equally many steps on equally many rows.", indent=2)


def _between(one: Estimate) -> str:
    return between(one.low, one.high)
