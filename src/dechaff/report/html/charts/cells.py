"""Charts of cells in their column: numbers on a strip, other values as bars of how often they occur."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from dechaff.records.record import Strip
from dechaff.records.wrong_cells import ValueCount, WrongCells
from dechaff.report.html.charts.scales import Scale, around, diamond, dot
from dechaff.report.html.charts.svg import box, element, fit, line, words
from dechaff.report.words import count

_WIDTH, _LETTERS = 480.0, 26
_LEFT, _RIGHT, _STEP = 180.0, 360.0, 20.0
_FILLS = {"wrong": "fill-flag", "suggested": "fill-accent"}


def draw_strip(strip: Strip) -> Markup:
    """A circle for every twentieth of the values of a column, a diamond for the row, and a hollow one for what may
    be right instead.
    """
    right = [] if strip.suggested is None else [strip.suggested]
    scale = around((*strip.quantiles, strip.value, *right), 10.0, _WIDTH - 10)
    value, beyond = _plain_number(strip.value), strip.value > strip.quantiles[10]
    body = [
        *_circles(scale, strip.quantiles),
        *(diamond(scale, 16, one, "hollow") for one in right),
        diamond(scale, 16, strip.value, "fill-accent"),
        words(scale.at(strip.value), 40, value, "tick", anchor="end" if beyond else "start"),
    ]
    instead = f"; {_plain_number(right[0])} is suggested" if right else ""
    said = f"{fit(strip.column, 30)}: this row has {value}; all values lie in {_ends(strip.quantiles)}{instead}."
    return _drawing(body, 46.0, said)


def draw_odd(column: WrongCells) -> Markup:
    """A circle for every twentieth of the right numbers of a column, and a diamond for each wrong one."""
    scale = around((*column.quantiles, *column.odd), 10.0, _WIDTH - 10)
    low, high = column.odd[0], column.odd[-1]
    body = [
        *_circles(scale, column.quantiles),
        *(diamond(scale, 16, one, "fill-flag") for one in column.odd),
        words(scale.at(low), 40, _plain_number(low), "tick", anchor="middle" if _inside(scale, low) else "start"),
    ]
    if scale.at(high) - scale.at(low) > 80:
        body.append(words(scale.at(high), 40, _plain_number(high), "tick", anchor="end"))
    said = f"{fit(column.column, 30)}: wrong numbers {_plain_number(low)} to {_plain_number(high)}"
    return _drawing(body, 46.0, f"{said}; the others lie in {_ends(column.quantiles)}.")


def draw_values(name: str, values: Sequence[ValueCount]) -> Markup:
    """A bar for each value, as long as it is frequent; wrong and suggested values are marked in words too."""
    most = max((one.cells for one in values), default=0) or 1
    body = [part for at, one in enumerate(values) for part in _bar(4 + _STEP * at, one, most)]
    body.append(line(_LEFT, 2, _LEFT, 4 + _STEP * len(values), "rule"))
    said = ", ".join(
        f"{fit(one.value, 30)} {count(one.cells)}" + (f" ({one.mark})" if one.mark else "") for one in values
    )
    return _drawing(body, 8 + _STEP * len(values), f"{fit(name, 30)}, cells by value: {said}.")


def _bar(top: float, one: ValueCount, most: int) -> Iterator[Markup]:
    long = max(2.0, (_RIGHT - _LEFT) * one.cells / most) if one.cells else 0.0
    said = count(one.cells) + (f" · {one.mark}" if one.mark else "")
    yield words(_LEFT - 6, top + 13, fit(one.value or "empty", _LETTERS), "tick", anchor="end")
    yield box(_LEFT, top + 2, long, _STEP - 5, _FILLS.get(one.mark, "fill-plain"))
    yield words(_LEFT + long + 6, top + 13, said, "tick")


def _circles(scale: Scale, quantiles: Sequence[float]) -> Iterator[Markup]:
    yield line(10, 16, _WIDTH - 10, 16, "grid")
    for one in quantiles:
        yield dot(scale, 16, one, "plain", hollow=True)


def _drawing(body: Sequence[Markup], height: float, said: str) -> Markup:
    return element(
        "svg", *body, class_="chart", role="img", aria_label=said, viewBox=f"0 0 {_WIDTH:.0f} {height:.0f}",
        width=_WIDTH, height=height,
    )  # fmt: skip


def _inside(scale: Scale, number: float) -> bool:
    return 60 < scale.at(number) < _WIDTH - 60


def _ends(quantiles: Sequence[float]) -> str:
    return f"{_plain_number(quantiles[0])} to {_plain_number(quantiles[-1])}"


def _plain_number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e12 else f"{value:,.4g}"
