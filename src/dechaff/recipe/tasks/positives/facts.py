"""The figures of an audit of positives, and its examples."""

from __future__ import annotations

from dataclasses import asdict

from msgspec import structs

from dechaff.data.open_positives import OpenedPositives
from dechaff.methods.pu.scheme import Scheme
from dechaff.recipe.tasks.positives.diagnosed import UNDERMINES
from dechaff.recipe.tasks.positives.judged import Judged
from dechaff.records.metrics import Example, Examples, PositiveDiagnosis, PositiveEstimate, PositivesFacts

TITLES = {
    "e1": "e1: mean score of the labelled rows",
    "e2": "e2: their fraction of all scores",
    "e3": "e3: the highest score",
    "best_bin": "best bin (BBE)",
    "top_bin": "top bin",
    "dedpul": "ratio of densities (DEDPUL)",
    "plateau": "plateau of the scores",
    "consensus": "consensus: the median of these four",
}
"""What each estimate is called; the paper's own ones err where classes overlap."""
POSITIVE_LIMITS = (
    "Everything here rests on two assumptions: no labelled row is negative, and positives were labelled completely at "
    "random. Diagnostics can raise doubts; they cannot prove either.",
    "How many positives there are can only be estimated if some rows are certainly positive: if classes overlap "
    "everywhere, the estimates differ, and none is right.",
    "A row that is probably positive is a suspicion of a model. Read it before you act on it.",
    "Labels completed here are no longer labelled at random: do not run dechaff pu again on the completed data.",
)


def named_examples(found: OpenedPositives, examples: Examples) -> Examples:
    """Examples in which the chance of the other class does not go by the name of rows without a label."""
    if found.named_in_data:
        return examples
    names = {found.other: f"not {found.positive}"}

    def named(one: Example) -> Example:
        return structs.replace(one, probs=tuple((names.get(name, name), p) for name, p in one.probs))

    return {code: tuple(named(one) for one in rows) for code, rows in examples.items()}


def positives_facts(
    found: OpenedPositives, scheme: Scheme, labelled: int, unlabelled: int, judged: Judged | None
) -> PositivesFacts:
    """The figures of positives; without estimates if the rows were not judged."""
    facts = PositivesFacts(
        positive=found.positive, other=found.other, scheme=scheme, labelled=labelled, unlabelled=unlabelled
    )
    if judged is None:
        return facts
    used = judged.used
    hidden = [judged.hidden(c) for c in (judged.c, used.c_high, used.c_low)]
    return structs.replace(
        facts,
        c=judged.c,
        c_low=used.c_low,
        c_high=used.c_high,
        class_prior=judged.class_prior,
        class_prior_low=used.class_prior_low,
        class_prior_high=used.class_prior_high,
        hidden=hidden[0],
        hidden_low=hidden[1],
        hidden_high=hidden[2],
        error_rate=judged.errors.rate,
        error_rate_low=judged.errors.low,
        error_rate_high=judged.errors.high,
        reliable=judged.reliable,
        estimates=tuple(PositiveEstimate(title=TITLES[one.name], **asdict(one)) for one in judged.estimates),
        diagnoses=tuple(
            PositiveDiagnosis(**asdict(one), undermines=one.wrong and one.name in UNDERMINES)
            for one in judged.diagnoses
        ),
    )
