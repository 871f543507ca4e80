"""Accuracies with their intervals along an axis: a learning curve by labels, or the turns of a data engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from markupsafe import Markup

from dechaff.records.labelling import LearningPoint
from dechaff.records.record import Estimate
from dechaff.records.turns import TurnCurve
from dechaff.report.html.charts.scales import Scale, around, diamond, dot
from dechaff.report.html.charts.svg import line, picture, words
from dechaff.report.words import count, percent

_WIDTH, _TOP, _BOTTOM = 480.0, 12.0, 176.0
_LEFT, _RIGHT = 56.0, 400.0
_MOST = 40
_MOST_LINES = 6
Series = Mapping[str, Sequence[tuple[float, Estimate]]]


def draw_learning(curve: Sequence[LearningPoint]) -> Markup:
    """Accuracy on the control arm by the number of labels."""
    points = [(float(one.labels), one.accuracy) for one in curve]
    return draw_progress("learning", "Accuracy by number of labels", {"": points}, "labels")


def draw_turns(curves: Sequence[TurnCurve]) -> Markup:
    """Accuracy over the turns of a data engine, on the sealed rows and in each failing slice."""
    shown = curves[:_MOST_LINES]
    series = {one.slice[:12]: [(float(point.turn), point.accuracy) for point in one.points] for one in shown}
    return draw_progress("turns", "Accuracy by turn", series, "turn")


def draw_progress(key: str, title: str, series: Series, axis: str) -> Markup:
    """Lines of estimates with intervals; the first is drawn with diamonds, the others with dots and their names."""
    shown = {
        name: [(x, one) for x, one in list(points)[-_MOST:] if one.mean is not None] for name, points in series.items()
    }
    xs = [x for points in shown.values() for x, _ in points]
    ys = [y for points in shown.values() for _, one in points for y in (one.mean, one.low, one.high) if y is not None]
    across, up = around(xs, _LEFT, _RIGHT), around(ys, _BOTTOM, _TOP)
    body = [*_frame(up), *_below(across, sorted(set(xs)), axis)]
    for place, (name, points) in enumerate(shown.items()):
        body.extend(_line(across, up, points, name, accent=place == 0))
    said = "; ".join(
        f"{name}{': ' if name else ''}{percent(one.mean)} at {count(x)} {axis}"
        for name, points in shown.items()
        for x, one in points[:1] + points[1:][-1:]
    )
    return picture(key, (_WIDTH, _BOTTOM + 44), title, said, body)


def _frame(up: Scale) -> Iterator[Markup]:
    for tick in up.ticks():
        yield line(_LEFT, up.at(tick), _RIGHT, up.at(tick), "grid")
        yield words(_LEFT - 6, up.at(tick) + 4, percent(tick), "tick", anchor="end")


def _below(across: Scale, xs: Sequence[float], axis: str) -> Iterator[Markup]:
    yield line(_LEFT, _BOTTOM, _RIGHT, _BOTTOM, "rule")
    for x in xs[:: max(1, len(xs) // 6)]:
        yield words(across.at(x), _BOTTOM + 16, count(x), "tick", anchor="middle")
    yield words((_LEFT + _RIGHT) / 2, _BOTTOM + 36, axis, "axis", anchor="middle")


def _line(
    across: Scale, up: Scale, points: Sequence[tuple[float, Estimate]], name: str, *, accent: bool
) -> Iterator[Markup]:
    class_ = "accent" if accent else "plain"
    places = [(across.at(x), one) for x, one in points]
    for (x, one), (other_x, other) in pairwise(places):
        yield line(x, up.at(one.mean or 0.0), other_x, up.at(other.mean or 0.0), f"whisker {class_}")
    for x, one in places:
        if one.low is not None and one.high is not None:
            yield line(x, up.at(one.low), x, up.at(one.high), f"whisker {class_}")
        y, at = up.at(one.mean or 0.0), Scale(0.0, 1.0, x, x + 1)
        yield diamond(at, y, 0.0, "fill-accent") if accent else dot(at, y, 0.0, "fill-plain", hollow=True)
    if places and name:
        x, one = places[-1]
        yield words(x + 10, up.at(one.mean or 0.0) + 4, name[:12], "label")
