"""The chart of a column that drifts: its distribution in two samples, one over the other."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from dechaff.records.drift import Drift, DriftedColumn
from dechaff.report.html.charts.labels import hatch
from dechaff.report.html.charts.svg import box, element, fit, line, picture, words
from dechaff.report.words import percent

_WIDTH, _LEFT, _RIGHT, _STEP = 400.0, 132.0, 338.0, 17.0
_LETTERS, _MOST_BINS = 18, 22


def draw_shift(key: str, drift: Drift, column: DriftedColumn) -> Markup:
    """A bar per range or value for the reference, and a narrower hatched one in front of it for the other sample."""
    bins = list(zip(column.bins, column.reference, column.current, strict=False))[:_MOST_BINS]
    most = max((share for _, *shares in bins for share in shares), default=0.0) or 1.0
    bottom = 8 + _STEP * len(bins)
    body = [hatch(key), line(_LEFT, 4, _LEFT, bottom, "rule")]
    for at, (name, *shares) in enumerate(bins):
        body.extend(_bar(key, 8 + _STEP * at, name, (shares[0], shares[1]), most))
    widest = max(bins, key=lambda one: abs(one[1] - one[2]), default=("", 0.0, 0.0))
    names = [fit(one, 60) for one in (drift.reference, drift.current)]
    said = f"{percent(widest[1])} of {names[0]} and {percent(widest[2])} of {names[1]}"
    title = f"Distribution of {fit(column.column, 60)} in two samples"
    return picture(f"drift-{key}", (_WIDTH, bottom + 4), title, f"Most different: {fit(widest[0], 60)}, {said}.", body)


def _bar(key: str, top: float, name: str, shares: tuple[float, float], most: float) -> Iterator[Markup]:
    long, short = ((_RIGHT - _LEFT) * min(share / most, 1.0) for share in shares)
    title = element("title", f"{fit(name, 30)}: {percent(shares[0])}, then {percent(shares[1])}")
    yield words(_LEFT - 6, top + 11, fit(name, _LETTERS), "tick", anchor="end")
    yield box(_LEFT, top + 1, long, _STEP - 3, "fill-plain", title)
    yield box(_LEFT, top + 5, short, _STEP - 11, "", fill=f"url(#hatch-{key})")
    yield words(_LEFT + max(long, short) + 5, top + 11, percent(shares[1]), "tick")
