"""The calibration curve: accuracy by confidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from dechaff.records.metrics import CalibrationBin
from dechaff.report.html.charts.svg import element, line, picture, words
from dechaff.report.numbers import count, percent

_SIZE = (400.0, 300.0)
_LEFT, _TOP, _WIDE, _HIGH = 68.0, 12.0, 318.0, 234.0


def draw_calibration(bins: Sequence[CalibrationBin]) -> Markup:
    """Points near the diagonal: a probability of 80 % is right about 80 % of the time. Larger = more rows."""
    rows = max(sum(one.rows for one in bins), 1)
    gap = sum(one.rows * abs(one.confidence - one.accuracy) for one in bins) / rows
    description = f"Mean distance from the diagonal: {percent(gap)}, over {len(bins)} bins."
    return picture("calibration", _SIZE, "Calibration of the baseline", description, [*_frame(), *_curve(bins)])


def _x(confidence: float) -> float:
    return _LEFT + _WIDE * min(max(confidence, 0.0), 1.0)


def _y(accuracy: float) -> float:
    return _TOP + _HIGH * (1 - min(max(accuracy, 0.0), 1.0))


def _frame() -> Iterator[Markup]:
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        yield line(_x(0), _y(tick), _x(1), _y(tick), "grid")
        yield words(_LEFT - 7, _y(tick) + 4, f"{100 * tick:.0f} %", "tick", anchor="end")
        anchor = "end" if tick == 1 else "middle"
        yield words(_x(tick), _TOP + _HIGH + 17, f"{100 * tick:.0f} %", "tick", anchor=anchor)
    yield line(_x(0), _y(0), _x(1), _y(1), "ideal")
    yield words(_x(0.5), _TOP + _HIGH + 40, "confidence of the model", "axis", anchor="middle")
    at = f"rotate(-90 10 {_y(0.5):.1f})"
    yield words(10, _y(0.5), "accuracy", "axis", anchor="middle", transform=at)


def _curve(bins: Sequence[CalibrationBin]) -> Iterator[Markup]:
    drawn = sorted(bins, key=lambda one: one.confidence)
    route = "L".join(f"{_x(one.confidence):.1f} {_y(one.accuracy):.1f}" for one in drawn)
    yield element("path", d="M" + route, class_="curve")
    most = max((one.rows for one in drawn), default=1) or 1
    for one in drawn:
        name = f"confidence {percent(one.confidence)}, right in {percent(one.accuracy)} of {count(one.rows)} rows"
        radius = 3 + 6 * (one.rows / most) ** 0.5
        yield element(
            "circle", element("title", name),
            cx=_x(one.confidence), cy=_y(one.accuracy), r=radius, class_="solid fill-accent",
        )  # fmt: skip
