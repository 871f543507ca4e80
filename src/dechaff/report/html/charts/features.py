"""The chart of how much each column matters, with intervals."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from dechaff.records.chosen_features import JudgedColumn
from dechaff.report.html.charts.scales import around, axis, diamond, dot, interval
from dechaff.report.html.charts.svg import fit, line, picture, words
from dechaff.report.words import decimal

MOST_DRAWN = 20
_WIDTH, _LEFT, _RIGHT, _STEP, _LETTERS = 560.0, 170.0, 480.0, 24.0, 22


def most_important(columns: Sequence[JudgedColumn]) -> list[JudgedColumn]:
    """The columns whose importance is known, the most important first."""
    known = [one for one in columns if one.importance is not None and one.importance.mean is not None]
    return sorted(known, key=lambda one: (-_mean(one), one.column))


def draw_importances(columns: Sequence[JudgedColumn]) -> Markup:
    """Importances with intervals against zero: a diamond if the column stays, else a hollow dot."""
    drawn = most_important(columns)[:MOST_DRAWN]
    ends = [end for one in drawn if one.importance for end in (one.importance.low, one.importance.high)]
    scale = around([0.0, *map(_mean, drawn), *(end for end in ends if end is not None)], _LEFT, _RIGHT)
    bottom = 8 + _STEP * len(drawn)
    body = [
        *axis(scale, 8, bottom, lambda tick: decimal(tick, 3)),
        line(scale.at(0.0), 4, scale.at(0.0), bottom, "zero"),
    ]
    for place, one in enumerate(drawn):
        y = 8 + _STEP * (place + 0.5)
        assert one.importance is not None
        body.append(words(_LEFT - 10, y + 4, fit(one.column, _LETTERS), "label", anchor="end"))
        body += interval(scale, y, one.importance.low, one.importance.high, "accent" if one.kept else "plain")
        body.append(
            diamond(scale, y, _mean(one), "fill-accent")
            if one.kept
            else dot(scale, y, _mean(one), "fill-plain", hollow=True)
        )
        body.append(words(_WIDTH - 4, y + 4, decimal(_mean(one), 3), "number", anchor="end"))
    said = "; ".join(f"{fit(one.column, 60)} {decimal(_mean(one), 3)}" for one in drawn)
    return picture("importances", (_WIDTH, bottom + 26), "Importance of the columns", said, body)


def _mean(one: JudgedColumn) -> float:
    return 0.0 if one.importance is None or one.importance.mean is None else one.importance.mean
