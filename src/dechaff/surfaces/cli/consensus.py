"""``dechaff consensus``: the labels of items that several annotators answered."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.console import Console

from dechaff.records.keywords import with_options
from dechaff.report.words import between, count, of_things, one_line, percent
from dechaff.surfaces.cli.audit import audit_json
from dechaff.surfaces.cli.console import print_json, print_next, say, stdout, table, title
from dechaff.surfaces.cli.main import FINE
from dechaff.surfaces.cli.options import ConsensusFlags, Output, read_flags
from dechaff.surfaces.cli.runs import next_commands

if TYPE_CHECKING:
    from dechaff.records.crowds import ConsensusFacts

_SHOWN = 10
_ANSWERS = "File of the answers (CSV, TSV, JSONL, Parquet, Arrow): one row per answer, or one column per annotator."
Answers = Annotated[Path, Parameter(help=_ANSWERS)]


def consensus(source: Answers, /, *, options: ConsensusFlags = ConsensusFlags(), output: Output = Output()) -> int:
    """Find the labels of items that several annotators answered.

    Writes a labelled file beside the answers and an audit of it to a run folder, with the quality of the annotators,
    classes that they confuse, and the items that need another answer. The answers are only read.
    """
    from dechaff.api.consensus_run import consensus_run as run  # loads what the work needs, which --help does not

    result = with_options(run)(source, replace(read_flags(options)))
    facts, folder = result.audit.metrics.consensus, result.audit.folder
    assert facts is not None
    if output.json:
        print_json({"labelled": str(result.labelled), **audit_json(result.audit)})
        return FINE
    _print_facts(stdout(), facts)
    say(stdout(), f"Labelled file: {result.labelled}; lines per item and annotator: {folder}")
    if not output.quiet:
        review = f"dechaff review {shlex.quote(str(folder))}"
        print_next(review, *next_commands(folder, result.labelled))
    return FINE


def _print_facts(console: Console, facts: ConsensusFacts) -> None:
    rate = facts.error_rate
    say(
        console,
        f"{of_things(facts.annotators, 'annotator')} gave {of_things(facts.answers, 'answer')} about "
        f"{of_things(facts.items, 'item')}. About {percent(rate.mean)} of the labels are expected to be wrong "
        f"({between(rate.low, rate.high)}); {of_things(facts.unsure, 'item needs', 'items need')} another answer.",
        "bold",
    )
    for note in facts.notes[:_SHOWN]:
        say(console, one_line(note, 300))
    title(console, "Annotators under suspicion, and those of the lowest quality")
    people = table("annotator", "answers", "quality", "interval", "suspicion")
    for one in facts.people[:_SHOWN]:
        quality = one.quality
        people.add_row(
            one_line(one.name, 40), count(one.answers), percent(quality.mean), between(quality.low, quality.high),
            one_line(one.suspicion, 60),
        )  # fmt: skip
    console.print(people)
    if facts.ask:
        title(console, "Items to ask about")
        asked = table("item", "label", "probability", "ask")
        for item in facts.ask[:_SHOWN]:
            who = item.ask or "a new annotator"
            asked.add_row(*(one_line(cell, 40) for cell in (item.item, item.label, percent(item.probability), who)))
        console.print(asked)
