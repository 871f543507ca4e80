"""``dechaff prove``."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from dechaff.records.keywords import with_options
from dechaff.records.metrics import ChangeCounts, Metrics, ProofFacts
from dechaff.report.headline import models_scored, most_changed, verdict
from dechaff.report.words import count, in_metric, left_out, metric_name, of_things, one_line, p_value
from dechaff.surfaces.cli.console import print_json, say, shown_progress, stdout, table
from dechaff.surfaces.cli.main import FINE
from dechaff.surfaces.cli.options import Output, ProveFlags, read_flags


def prove(
    before: Path,
    after: Path,
    /,
    *,
    test: Path | None = None,
    options: ProveFlags = ProveFlags(),
    output: Output = Output(),
) -> int:
    """Test on sealed rows whether training data got better.

    Trains the same model on both files, over several seeds, and scores it on the test rows. The verdict is
    better, no evidence or worse; each of them ends with exit code 0. The report of the audit of BEFORE shows it.

    Parameters
    ----------
    before
        The training data as they were.
    after
        The improved training data.
    test
        File of test rows that nothing was fitted, cleaned or chosen on. Default: those that the audit of BEFORE sealed.
    """
    from dechaff.api.proving import prove as run  # loads what the work needs, which --help does not

    with shown_progress(quiet=output.quiet) as progress:
        proof = with_options(run)(before, after, test, read_flags(options, progress=progress))
    if output.json:
        print_json(proof.to_dict())
    else:
        print_proof(stdout(), proof)
    return FINE


_STYLES = {"good": "bold green", "bad": "bold red"}
_SHOWN_CLASSES = 8


def print_proof(console: Console, proof: ProofFacts) -> None:
    """The verdict first, then the evidence."""
    headline = verdict(Metrics(proof=proof))
    say(console, f"{headline.word}. {headline.sentence}", _STYLES.get(headline.tone, "bold"))
    changed = proof.changes != ChangeCounts()
    if changed:
        console.print(_scores(proof))
    _print_evidence(console, proof)
    if proof.per_class and changed:
        console.print(_classes(proof))
        hidden = len(proof.per_class) - _SHOWN_CLASSES
        if hidden > 0:
            more = of_things(hidden, "class", "classes")
            say(console, f"and {more} that changed less, in the report and with --json")
    for note in proof.notes:
        say(console, note)
    if proof.test_label_errors is not None and proof.test_label_errors.note:
        say(console, proof.test_label_errors.note)


def _scores(proof: ProofFacts) -> Table:
    scores = _table("trained on", metric_name(proof.metric), "95 % interval")
    for name, estimate in models_scored(proof).items():
        mean, low, high = (in_metric(one, proof.metric) for one in (estimate.mean, estimate.low, estimate.high))
        scores.add_row("as many random changes" if name == "control" else name, mean, f"{low} to {high}")
    gain = proof.difference
    mean, low, high = (in_metric(one, proof.metric, signed=True) for one in (gain.mean, gain.low, gain.high))
    scores.add_row("after − before", mean, f"{low.removesuffix(' points')} to {high}")
    return scores


def _print_evidence(console: Console, proof: ProofFacts) -> None:
    test, changes = proof.test, proof.changes
    missing = left_out(test)
    rest = f"; left out: {missing}" if missing else ""
    say(console, f"Scored on {of_things(test.used, 'sealed row')}{rest}. Model: {one_line(proof.model)}.")
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
    classes = _table("class", "test rows", "before", "after", "difference")
    for one in most_changed(proof)[:_SHOWN_CLASSES]:
        classes.add_row(
            one_line(one.name, 40),
            count(one.rows),
            in_metric(one.before, "accuracy"),
            in_metric(one.after, "accuracy"),
            in_metric(one.difference, "accuracy", signed=True),
        )
    return classes


def _table(*columns: str) -> Table:
    made = table(*columns)
    for column in made.columns[1:]:
        column.justify = "right"
    return made
