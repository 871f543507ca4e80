"""Every estimate of one number with its interval, the one that is used marked by its shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from dechaff.records.metrics import PositiveEstimate
from dechaff.report.html.charts.scale import Scale, around, axis, diamond, dot, interval
from dechaff.report.html.charts.svg import fit, picture, words
from dechaff.report.numbers import percent

_WIDTH, _LEFT, _RIGHT, _STEP = 400.0, 96.0, 330.0, 26.0
_MOST, _LETTERS = 20, 11


def draw_estimates(estimates: Sequence[PositiveEstimate]) -> Markup:
    """The class prior by every estimator, one under the other."""
    rows = [one for one in estimates[:_MOST] if one.class_prior is not None]
    scale = around(_numbers(rows), _LEFT, _RIGHT)
    description = "; ".join(f"{_name(one)} {percent(one.class_prior)}" for one in rows)
    bottom = 8 + _STEP * len(rows)
    body = [*axis(scale, 8, bottom, lambda tick: f"{100 * tick:.3g} %")]
    for i, one in enumerate(rows):
        body.extend(_row(scale, 8 + _STEP * (i + 0.5), one))
    return picture("estimates", (_WIDTH, bottom + 26), "Proportion of positives by every estimate", description, body)


def _row(scale: Scale, y: float, one: PositiveEstimate) -> Iterator[Markup]:
    assert one.class_prior is not None
    yield words(_LEFT - 10, y + 4, _name(one), "label", anchor="end")
    yield from interval(scale, y, one.class_prior_low, one.class_prior_high, "accent" if one.used else "plain")
    yield (
        diamond(scale, y, one.class_prior, "fill-accent") if one.used else dot(scale, y, one.class_prior, "fill-plain")
    )
    yield words(_WIDTH - 4, y + 4, percent(one.class_prior), "number", anchor="end")


def _name(one: PositiveEstimate) -> str:
    return fit(one.name.replace("_", " "), _LETTERS)


def _numbers(rows: Sequence[PositiveEstimate]) -> list[float]:
    ends = [(one.class_prior, one.class_prior_low, one.class_prior_high) for one in rows]
    return [number for row in ends for number in row if number is not None]
