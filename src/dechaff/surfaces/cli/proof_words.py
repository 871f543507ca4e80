"""A proof on the terminal: the verdict, the three scores, and the classes that changed."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from dechaff.records.metrics import Estimate, Metrics, ProofFacts
from dechaff.report.headline import verdict
from dechaff.report.numbers import count, in_metric, metric_name, of_things, p_value
from dechaff.surfaces.cli.console import one_line, say

_STYLES = {"good": "bold green", "bad": "bold red"}
_SHOWN_CLASSES = 8


def print_proof(console: Console, proof: ProofFacts) -> None:
    """The verdict first, then the evidence."""
    headline = verdict(Metrics(proof=proof))
    say(console, f"{headline.word}. {headline.sentence}", _STYLES.get(headline.tone, "bold"))
    console.print(_scores(proof))
    _print_evidence(console, proof)
    if proof.per_class:
        console.print(_classes(proof))
    for note in proof.notes:
        say(console, note)
    if proof.test_label_errors is not None and proof.test_label_errors.note:
        say(console, proof.test_label_errors.note)


def _scores(proof: ProofFacts) -> Table:
    table = _table("trained on", metric_name(proof.metric), "95 % interval")
    rows: list[tuple[str, Estimate]] = [("before", proof.before), ("after", proof.after)]
    if proof.control is not None:
        rows.append(("as many random changes", proof.control))
    for name, estimate in rows:
        table.add_row(name, in_metric(estimate.mean, proof.metric), _interval(estimate, proof.metric))
    gain = proof.difference
    table.add_row(
        "after − before",
        in_metric(gain.mean, proof.metric, signed=True),
        f"{_bare(gain.low, proof.metric)} to {in_metric(gain.high, proof.metric, signed=True)}",
    )
    return table


def _bare(difference: float | None, metric: str) -> str:
    return in_metric(difference, metric, signed=True).removesuffix(" points")


def _interval(estimate: Estimate, metric: str) -> str:
    return f"{in_metric(estimate.low, metric)} to {in_metric(estimate.high, metric)}"


def _print_evidence(console: Console, proof: ProofFacts) -> None:
    test, changes = proof.test, proof.changes
    left_out = f", {of_things(test.leaks_left_out, 'leak')} from train left out" if test.leaks_left_out else ""
    left_out += f", {of_things(test.unlabelled, 'row')} without a label left out" if test.unlabelled else ""
    say(console, f"Scored on {of_things(test.used, 'sealed row')}{left_out}; model: {one_line(proof.model)}.")
    say(
        console,
        f"Changed before training: {count(changes.dropped)} dropped, {count(changes.relabelled)} relabelled, "
        f"{count(changes.added)} added, {count(changes.edited)} with other cells changed.",
    )
    if proof.mcnemar is not None:
        only = proof.mcnemar
        say(
            console,
            f"Right only after: {count(only.only_after_right)}; right only before: {count(only.only_before_right)} "
            f"(McNemar, {p_value(only.p_value)}).",
        )


def _classes(proof: ProofFacts) -> Table:
    table = _table("class", "test rows", "before", "after", "difference")
    moved = sorted(proof.per_class, key=lambda one: -abs(one.difference or 0.0))
    for one in moved[:_SHOWN_CLASSES]:
        table.add_row(
            one_line(one.name, 40),
            count(one.rows),
            in_metric(one.before, "accuracy"),
            in_metric(one.after, "accuracy"),
            in_metric(one.difference, "accuracy", signed=True),
        )
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in columns:
        table.add_column(name, justify="left" if name in ("trained on", "class") else "right", overflow="ellipsis")
    return table
