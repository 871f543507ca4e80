"""The few shapes that the charts are drawn with. Text and attribute values are escaped here, once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from markupsafe import Markup

from dechaff.report.words import ELLIPSIS, visible

Value = str | float


def element(tag: str, *children: str, **attributes: Value) -> Markup:
    """One SVG element. In attribute names, ``_`` stands for ``-``; a trailing one is dropped (``class_``).

    >>> str(element("text", "a<b", x=1.0, class_="tick"))
    '<text x="1" class="tick">a&lt;b</text>'
    """
    written = Markup("").join(
        Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), _value(value))
        for name, value in attributes.items()
    )
    if not children:
        return Markup("<{0}{1}/>").format(Markup(tag), written)
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(tag), written, Markup("").join(children))


def picture(key: str, size: tuple[float, float], title: str, description: str, body: Iterable[str]) -> Markup:
    """A whole chart: an image with a name and a description for those who cannot see it.

    Parameters
    ----------
    key : unique on the page; made into the ids that connect the image with its name.
    size : width and height in the units of the drawing; also its natural size in pixels.
    """
    name = f"chart-{key}"
    return element(
        "svg",
        element("title", visible(title), id=f"{name}-t"),
        element("desc", visible(description), id=f"{name}-d"),
        *body,
        class_="chart",
        role="img",
        aria_labelledby=f"{name}-t",
        aria_describedby=f"{name}-d",
        viewBox=f"0 0 {_value(size[0])} {_value(size[1])}",
        width=size[0],
        height=size[1],
    )


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def box(x: float, y: float, width: float, height: float, class_: str, *children: str, **more: Value) -> Markup:
    """A rectangle; never of negative size."""
    return element("rect", *children, x=x, y=y, width=max(width, 0.0), height=max(height, 0.0), class_=class_, **more)


def words(x: float, y: float, text: str, class_: str = "", *, anchor: str = "start", **more: Value) -> Markup:
    """A line of text."""
    return element("text", visible(text), x=x, y=y, class_=class_ or "label", text_anchor=anchor, **more)


def fit(text: str, columns: int) -> str:
    """The text cut to a number of columns; wide characters take two.

    >>> fit("mathematics", 6), fit("日本語の名前", 6)
    ('mathe…', '日本…')
    """
    shown, room = "", columns
    clean = " ".join(visible(text[: 4 * columns]).split())
    for character in clean:
        room -= 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if room < 0:
            return _shorter(shown, columns)
        shown += character
    return shown


def _shorter(shown: str, columns: int) -> str:
    width = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in shown)
    return (shown if width < columns else shown[:-1]) + ELLIPSIS


def _value(value: Value) -> str:
    if isinstance(value, str):
        return visible(value)
    return f"{value:.2f}".rstrip("0").rstrip(".")


def fraction_bar(fraction: float | None, *, strong: bool = False) -> Markup:
    """A bar that is filled from the left by a proportion in [0, 1].

    Parameters
    ----------
    fraction : None or a value outside of [0, 1] is drawn as the nearest end.
    strong : True for the bar that is meant to be seen first.
    """
    filled = 100 * min(max(fraction or 0.0, 0.0), 1.0)
    return element(
        "svg",
        box(0, 0, 100, 8, "track"),
        box(0, 0, filled, 8, "fill-flag" if strong else "fill-plain"),
        class_="bar",
        viewBox="0 0 100 8",
        preserveAspectRatio="none",
        aria_hidden="true",
        focusable="false",
    )
