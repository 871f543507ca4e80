"""A horizontal scale of numbers, shared by the charts that compare intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from dechaff.report.html.charts.svg import element, line, words

_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0)


@dataclass(frozen=True)
class Scale:
    """Numbers from ``low`` to ``high`` on pixels from ``left`` to ``right``."""

    low: float
    high: float
    left: float
    right: float

    def at(self, number: float) -> float:
        """The pixel of a number; numbers beyond the ends are drawn at the ends."""
        share = (number - self.low) / ((self.high - self.low) or 1.0)
        return self.left + (self.right - self.left) * min(max(share, 0.0), 1.0)

    def ticks(self) -> list[float]:
        """Three to six round numbers."""
        span = self.high - self.low
        step = next((step for step in _STEPS if span / step <= 5.001), span or 1.0)
        first = -(-self.low // step)
        return [(first + i) * step for i in range(7) if (first + i) * step <= self.high + 1e-9]


def around(numbers: Iterable[float], left: float, right: float) -> Scale:
    """A scale with a margin on both sides of the numbers."""
    shown = list(numbers) or [0.0, 1.0]
    margin = 0.08 * (max(shown) - min(shown)) or 0.05
    return Scale(min(shown) - margin, max(shown) + margin, left, right)


def axis(scale: Scale, top: float, bottom: float, name: Callable[[float], str]) -> Iterator[Markup]:
    """Grid lines with their numbers below."""
    for tick in scale.ticks():
        yield line(scale.at(tick), top, scale.at(tick), bottom, "grid")
        yield words(scale.at(tick), bottom + 16, name(tick), "tick", anchor="middle")


def interval(scale: Scale, y: float, low: float | None, high: float | None, class_: str) -> Iterator[Markup]:
    """A line from low to high with a short stroke at both ends."""
    if low is None or high is None:
        return
    yield line(scale.at(low), y, scale.at(high), y, f"whisker {class_}")
    for end in (low, high):
        yield line(scale.at(end), y - 5, scale.at(end), y + 5, f"whisker {class_}")


def dot(scale: Scale, y: float, number: float, class_: str, *, hollow: bool = False) -> Markup:
    """One number as a point."""
    return element("circle", cx=scale.at(number), cy=y, r=5.5, class_=f"{'hollow' if hollow else 'solid'} {class_}")


def diamond(scale: Scale, y: float, number: float, class_: str) -> Markup:
    """One number as a point of another shape, so that it differs without colour."""
    x = scale.at(number)
    return element("path", d=f"M{x:.1f} {y - 7:.1f}l7 7l-7 7l-7-7z", class_=f"solid {class_}")
