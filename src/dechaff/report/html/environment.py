"""The templates, with escaping always on, and a limit on every text that they write."""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dechaff.report import numbers
from dechaff.report.html.charts.bar import share_bar
from dechaff.report.text import shorten, visible

LONGEST_TEXT = 400
"""Most characters of a single text on the page."""


@cache
def templates() -> Environment:
    """The environment in which all templates of the report are rendered."""
    environment = Environment(
        loader=PackageLoader("dechaff.report.html", "templates"),
        autoescape=True,
        finalize=_bounded,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (numbers.count, numbers.percent, numbers.between, numbers.points, numbers.decimal, numbers.p_value)
    environment.filters |= {function.__name__: function for function in filters}
    environment.filters |= {
        "in_metric": numbers.in_metric,
        "metric_name": numbers.metric_name,
        "short": _short,
        "tied": _tied,
        "of_things": numbers.of_things,
    }
    environment.globals |= {"share_bar": share_bar}
    return environment


def _bounded(value: object) -> object:
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return shorten(visible(value[: LONGEST_TEXT + 1]), LONGEST_TEXT)


def _tied(sentence: str) -> str:
    """The sentence with no line break between a number and its percent sign."""
    return re.sub(r"(?<=\d) (?=%)", "\N{NO-BREAK SPACE}", sentence)


def _short(text: object, limit: int = 60) -> str:
    # Cut before it is cleaned: a cell may be very long.
    line = " ".join(str(text)[: 4 * limit].split())
    return shorten(visible(line[: limit + 1]), limit)
