"""Charts of a search for operations of data augmentation: what each gained, and how often it changed the label."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup

from dechaff.records.augmented import AugmentationFacts, TriedOperation
from dechaff.records.record import Estimate
from dechaff.report.html.charts.scales import Scale, around, axis, diamond, dot, interval
from dechaff.report.html.charts.svg import fit, line, picture, words
from dechaff.report.words import decimal, percent

_WIDTH, _LEFT, _RIGHT, _STEP = 480.0, 196.0, 416.0, 24.0
_LETTERS, _MOST = 27, 16
_Rows = Sequence[tuple[TriedOperation, Estimate]]


def draw_gains(facts: AugmentationFacts) -> Markup:
    """The decrease of the Brier score by each operation, with its interval, against zero."""
    rows = [(one, Estimate(one.gain.mean, one.gain.low, one.gain.high)) for one in facts.tried if one.gain is not None][
        :_MOST
    ]
    numbers = [0.0, *(end for _, one in rows for end in (one.mean, one.low, one.high) if end is not None)]
    scale = around(numbers, _LEFT, _RIGHT)
    title = "Gain of each operation in the search"
    return _draw("augmentation-gains", title, facts, rows, scale, 0.0, lambda gain: decimal(gain, 3))


def draw_flips(facts: AugmentationFacts) -> Markup:
    """The label-flip rate of each operation, with its interval, against the bound."""
    rows = [(one, Estimate(one.flips, one.flips_low, one.flips_high)) for one in facts.tried if one.flips is not None][
        :_MOST
    ]
    highest = max([2 * facts.max_flip_rate, *(one.high for _, one in rows if one.high is not None)])
    scale = Scale(0.0, min(1.0, highest), _LEFT, _RIGHT)
    title = "Label-flip rate of each operation"
    return _draw("augmentation-flips", title, facts, rows, scale, facts.max_flip_rate, percent)


def _draw(
    key: str,
    title: str,
    facts: AugmentationFacts,
    rows: _Rows,
    scale: Scale,
    bound: float,
    number: Callable[[float | None], str],
) -> Markup:
    """Estimates one under the other; the accepted operation is a diamond, refused ones are hollow."""
    bottom = 8 + _STEP * len(rows)
    body = [*axis(scale, 8, bottom, number), line(scale.at(bound), 4, scale.at(bound), bottom + 2, "zero")]
    for place, (one, estimate) in enumerate(rows):
        y, accepted = 8 + _STEP * (place + 0.5), one.operation == facts.accepted
        body.append(words(_LEFT - 10, y + 4, fit(one.operation, _LETTERS), "label", anchor="end"))
        body.extend(interval(scale, y, estimate.low, estimate.high, "accent" if accepted else "plain"))
        if estimate.mean is not None and accepted:
            body.append(diamond(scale, y, estimate.mean, "fill-accent"))
        elif estimate.mean is not None:
            body.append(dot(scale, y, estimate.mean, "fill-plain", hollow=bool(one.refused)))
        body.append(words(_WIDTH - 4, y + 4, number(estimate.mean), "number", anchor="end"))
    said = "; ".join(f"{fit(one.operation, 40)} {number(estimate.mean)}" for one, estimate in rows[:_MOST])
    return picture(key, (_WIDTH, bottom + 26), title, said, body)
