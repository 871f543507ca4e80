"""Draws docs/images/pu-e1-bias.svg: why the mean score of labelled positives is too low where classes overlap.

Everything in it is computed from the population, two normal distributions with the same spread; no row is drawn.
``--check`` writes nothing and fails where the picture is out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dechaff.report.html.charts.svg import element

TARGET = Path(__file__).resolve().parents[1] / "docs" / "images" / "pu-e1-bias.svg"
Array = npt.NDArray[np.float64]

STYLE = """\
text { font: 13px system-ui, sans-serif; fill: #333 } .title { font-weight: 600 } .soft { fill: #777 }
.axis { stroke: #999 } .plain { stroke: #999; fill: none; stroke-width: 1.5 }
.score { stroke: #1f6fb2; fill: none; stroke-width: 2.5 } .blue { fill: #1f6fb2 } .rows { fill: #cfe2f2 }
.wanted { stroke: #2b7a2b; stroke-dasharray: 6 4; stroke-width: 1.5 } .green { fill: #2b7a2b }
.found { stroke: #b8332a; stroke-dasharray: 6 4; stroke-width: 1.5 } .red { fill: #b8332a }"""


@dataclass(frozen=True)
class Population:
    """Negatives around 0, positives around `distance`, both with spread 1; of the positives, c are labelled."""

    distance: float
    prior: float = 0.4
    c: float = 0.5

    def of_positives(self, x: Array) -> Array:
        """Density p(x | y = 1), which is that of the labelled rows too."""
        return _normal(x - self.distance)

    def positive_probs(self, x: Array) -> Array:
        """f(x) = p(y = 1 | x)."""
        positive = self.prior * self.of_positives(x)
        return positive / (positive + (1 - self.prior) * _normal(x))

    @property
    def overlap_factor(self) -> float:
        """E[f(x) | y = 1]: what e1 is, as a fraction of c."""
        x = np.linspace(self.distance - 9, self.distance + 9, 4001)
        return float(np.trapezoid(self.positive_probs(x) * self.of_positives(x), x))


def _normal(x: Array) -> Array:
    return np.asarray(np.exp(-0.5 * x**2) / np.sqrt(2 * np.pi))


@dataclass(frozen=True)
class Panel:
    """A part of the picture: where its data stand on the canvas."""

    left: float
    x_range: tuple[float, float]
    width: float = 320
    top: float = 40
    height: float = 200

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Canvas position of a data point; y runs from 0 to 1."""
        low, high = self.x_range
        return self.left + self.width * (x - low) / (high - low), self.top + self.height * (1 - y)

    def curve(self, formula: Callable[[Array], Array], class_: str, *, close: bool = False) -> str:
        """The formula as a line, or as an area down to 0."""
        x = np.linspace(*self.x_range, 121)
        points = [self.at(*point) for point in zip(x.tolist(), formula(x).tolist(), strict=True)]
        if close:
            points = [self.at(self.x_range[0], 0), *points, self.at(self.x_range[1], 0)]
        path = "M" + "L".join(f"{across:.1f} {down:.1f}" for across, down in points)
        return element("path", d=path + ("Z" if close else ""), class_=class_)

    def level(self, y: float, class_: str) -> str:
        """A line across at height y."""
        (x1, down), (x2, _) = self.at(self.x_range[0], y), self.at(self.x_range[1], y)
        return element("line", x1=x1, y1=down, x2=x2, y2=down, class_=class_)

    def words(self, x: float, y: float, text: str, class_: str = "soft", anchor: str = "start") -> str:
        """A line of text that begins (or ends) at a data point."""
        across, down = self.at(x, y)
        return element("text", text, x=across, y=down, class_=class_, text_anchor=anchor)

    def frame(self, title: str, below: str, ticks: list[float]) -> list[str]:
        """Title, axes with their ticks, and what runs along the bottom."""
        low, high = self.x_range
        middle = self.left + self.width / 2
        marks = [
            element("text", f"{tick:g}", x=self.left - 6, y=self.at(low, tick)[1] + 4, class_="soft", text_anchor="end")
            for tick in ticks
        ]
        return [
            element("text", title, x=self.left, y=self.top - 18, class_="title"),
            element("text", below, x=middle, y=self.top + self.height + 34, class_="soft", text_anchor="middle"),
            element("line", x1=self.left, y1=self.top, x2=self.left, y2=self.top + self.height, class_="axis"),
            self.level(0, "axis"),
            *marks,
            *(
                element("text", f"{tick}", x=self.at(tick, 0)[0], y=self.at(tick, 0)[1] + 17, text_anchor="middle")
                for tick in range(int(np.ceil(low)), int(high) + 1)
            ),
        ]


def scores_panel(one: Population) -> list[str]:
    """f, g = c f, the labelled rows, and what their mean score is."""
    panel = Panel(left=50, x_range=(-3, 6))
    e1 = one.c * one.overlap_factor
    return [
        panel.curve(lambda x: 0.5 * one.of_positives(x), "rows", close=True),
        panel.curve(one.positive_probs, "plain"),
        panel.curve(lambda x: one.c * one.positive_probs(x), "score"),
        panel.level(one.c, "wanted"),
        panel.level(e1, "found"),
        panel.words(-2.8, one.c + 0.03, f"c = {one.c:.2f}", "green"),
        panel.words(-2.8, e1 - 0.09, f"e1 = {e1:.2f}", "red"),
        panel.words(2.9, 0.88, "f(x) = p(y = 1 | x)"),
        panel.words(3.2, 0.54, "g(x) = c · f(x)", "blue"),
        panel.words(one.distance, 0.06, "labelled rows", anchor="middle"),
        *panel.frame("e1 is the mean of g over the labelled rows", "x", [0, 0.5, 1]),
    ]


def overlap_panel(one: Population) -> list[str]:
    """e1 / c over the distance of the classes."""
    panel = Panel(left=440, x_range=(0, 5))
    factors = np.vectorize(lambda distance: Population(distance, one.prior, one.c).overlap_factor, otypes=[float])
    across, down = panel.at(one.distance, one.overlap_factor)
    return [
        panel.level(1, "wanted"),
        panel.curve(factors, "score"),
        element("circle", cx=across, cy=down, r=4, class_="red"),
        panel.words(one.distance + 0.15, one.overlap_factor - 0.06, f"left: {one.overlap_factor:.2f}", "red"),
        panel.words(1.9, 0.45, "E[f(x) | y = 1] = e1 / c", "blue"),
        panel.words(0.1, one.prior - 0.12, "no difference: the fraction of positives"),
        *panel.frame(
            "The less the classes overlap, the closer to c",
            "distance of the classes, in standard deviations",
            [0, 0.5, 1],
        ),
    ]


def picture(one: Population) -> str:
    """The whole file."""
    size = (790, 290)
    about = (
        f"Left: two classes that overlap; the mean of g over labelled rows is {one.c * one.overlap_factor:.2f}, "
        f"and c is {one.c:.2f}. Right: the ratio of both rises to 1 as the classes draw apart."
    )
    drawn = element(
        "svg",
        element("title", "e1 is c times the mean of f over the positives"),
        element("desc", about),
        element("style", STYLE),
        element("rect", width=size[0], height=size[1], fill="#ffffff"),
        *scores_panel(one),
        *overlap_panel(one),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {size[0]} {size[1]}",
        width=size[0],
        height=size[1],
        role="img",
    )
    return f"{drawn}\n".replace("><", ">\n<")


def main(arguments: list[str]) -> None:
    """Write the picture, or check it."""
    drawn = picture(Population(distance=2.0))
    if "--check" not in arguments:
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text(drawn, encoding="utf-8")
    elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != drawn:
        sys.exit("docs/images/pu-e1-bias.svg is out of date with tools/pu_picture.py; run: make docs")


if __name__ == "__main__":
    main(sys.argv[1:])
