"""The part of the Markdown report on labelled positives: what may be wrong, and every estimate."""

from __future__ import annotations

from collections.abc import Iterator

from dechaff.records.metrics import PositiveEstimate, PositivesFacts
from dechaff.report.markdown.escape import prose, table
from dechaff.report.numbers import between, percent
from dechaff.report.positives import SCHEMES, hidden_in_words, in_doubt

_MOST_DIAGNOSES, _MOST_ESTIMATES = 20, 20


def positives_part(facts: PositivesFacts) -> Iterator[str]:
    """How many are positive; empty if it was not estimated."""
    if facts.c is None:
        return
    yield "## How many are positive"
    scheme = SCHEMES.get(facts.scheme, facts.scheme)
    yield f"{hidden_in_words(facts)}. Assumed sampling: {prose(scheme, 120)}."
    doubts = in_doubt(facts)[:_MOST_DIAGNOSES]
    if doubts:
        yield "What may be wrong:"
        yield "\n".join(f"- **{prose(one.name, 60)}**: {prose(one.says, 500)} {prose(one.do, 500)}" for one in doubts)
    yield table(
        ["Estimate", "#Positives labelled", "Interval", "#Rows positive", "Interval"],
        map(_row, facts.estimates[:_MOST_ESTIMATES]),
    )


def _row(one: PositiveEstimate) -> list[str]:
    name = prose(one.title or one.name, 60)
    return [
        f"**{name}**" if one.used else name,
        percent(one.c),
        between(one.c_low, one.c_high),
        percent(one.class_prior),
        between(one.class_prior_low, one.class_prior_high),
    ]
