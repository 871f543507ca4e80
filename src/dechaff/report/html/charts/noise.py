"""The chart of the noisy-label benchmark: accuracy of each method against the rate of the noise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from markupsafe import Markup

from dechaff.report.html.charts.scales import Scale
from dechaff.report.html.charts.svg import element, line, picture, words
from dechaff.report.words import percent

_WIDTH, _HEIGHT = 720.0, 420.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 470.0, 16.0, 376.0
_APART = 17.0
"""Least distance of two names."""
_STYLES = {
    "plain": "stroke:var(--ink);stroke-width:2.5;stroke-dasharray:7 4",
    "model": "stroke:var(--flag)",
    "data": "stroke:var(--accent)",
}


@dataclass(frozen=True)
class Curve:
    """One method: its accuracy at each rate of noise, by ascending rate."""

    name: str
    side: Literal["plain", "model", "data"]
    points: tuple[tuple[float, float], ...]
    strong: bool = False
    """Drawn thick, with its name; the others are thin, and named when pointed at."""


def draw_noise_curves(curves: Sequence[Curve]) -> Markup:
    """A file of its own: a curve per method, dashed for plain training, in one colour for each side."""
    rates = sorted({rate for curve in curves for rate, _ in curve.points})
    heights = [height for curve in curves for _, height in curve.points]
    x = Scale(rates[0], rates[-1], _LEFT, _RIGHT)
    y = Scale(max(min(heights) - 0.03, 0.0), min(max(heights) + 0.03, 1.0), _BOTTOM, _TOP)
    body = [_style(), *_frame(x, y, rates)]
    for curve in sorted(curves, key=lambda one: one.strong):
        body.append(_drawn(curve, x, y))
    named = [one for one in curves if one.strong]
    body.extend(_names(named, y))
    ends = "; ".join(f"{one.name} from {percent(one.points[0][1])} to {percent(one.points[-1][1])}" for one in named)
    title = "Accuracy against label noise"
    drawn = picture("noise", (_WIDTH, _HEIGHT), title, f"Accuracy on clean test rows: {ends}.", body)
    return Markup(str(drawn).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


@cache
def _style() -> Markup:
    """The colours and letters of the report, and the paper, which a page would have."""
    page = (Path(__file__).parents[1] / "templates" / "style.css").read_text(encoding="utf-8")
    roots = re.findall(r"^(?:@media screen.*)?:root\{.*?^\}+$", page, flags=re.DOTALL | re.MULTILINE)
    shapes = [one for one in page.splitlines() if one.startswith(".chart ")]
    curves = [f".curve-{side}{{fill:none;{style}}}" for side, style in _STYLES.items()]
    paper = "svg{background:var(--paper)}.thin{stroke-width:1;opacity:.45}.thick{stroke-width:3}"
    return element("style", Markup("\n".join([*roots, *shapes, *curves, paper])))


def _frame(x: Scale, y: Scale, rates: Sequence[float]) -> Iterator[Markup]:
    for tick in y.ticks():
        yield line(_LEFT, y.at(tick), _RIGHT, y.at(tick), "grid")
        yield words(_LEFT - 8, y.at(tick) + 4, percent(tick), "tick", anchor="end")
    for rate in rates:
        yield words(x.at(rate), _BOTTOM + 18, percent(rate), "tick", anchor="middle")
    yield words((_LEFT + _RIGHT) / 2, _BOTTOM + 38, "wrong labels", "axis", anchor="middle")


def _drawn(curve: Curve, x: Scale, y: Scale) -> Markup:
    points = " ".join(f"{x.at(rate):.1f},{y.at(height):.1f}" for rate, height in curve.points)
    weight = "thick" if curve.strong and curve.side != "plain" else "" if curve.strong else "thin"
    name = element("title", curve.name)
    return element("polyline", name, points=points, class_=f"curve-{curve.side} {weight}".strip())


def _names(curves: Sequence[Curve], y: Scale) -> Iterator[Markup]:
    """The names beside the right ends, in their order, pushed apart."""
    below = _TOP - _APART
    for curve in sorted(curves, key=lambda one: -one.points[-1][1]):
        below = max(y.at(curve.points[-1][1]) + 4, below + _APART)
        yield words(_RIGHT + 10, below, curve.name, "label")
