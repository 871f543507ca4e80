"""The distribution of a score over all rows, with the flagged rows in front."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from markupsafe import Markup

from dechaff.records.metrics import ScoreHistogram
from dechaff.report.html.charts.svg import box, element, line, picture, words
from dechaff.report.words import count

_WIDTH, _HEIGHT = 400.0, 220.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 392.0, 12.0, 176.0
_SKEWED = 20
"""From this ratio of the highest bar to the median one, a logarithmic axis is used."""


def draw_histogram(code: str, histogram: ScoreHistogram) -> Markup:
    """Bars for all rows, and narrower hatched bars in front of them for the flagged ones."""
    logarithmic = is_logarithmic(histogram)
    top = max(max(histogram.counts, default=1), 1)
    height = _log_height(top) if logarithmic else _linear_height(top)
    low, high = histogram.edges[0], histogram.edges[-1]
    span = (high - low) or 1.0
    x = [_LEFT + (_RIGHT - _LEFT) * (edge - low) / span for edge in histogram.edges]
    flagged = sum(histogram.flagged)
    return picture(
        f"scores-{code}",
        (_WIDTH, _HEIGHT),
        f"Distribution of the score of {code}",
        f"{count(sum(histogram.counts))} rows by score from {low:g} to {high:g}; {count(flagged)} of them are flagged.",
        [_hatch(code), *_frame(top, logarithmic, height), *_bars(code, histogram, x, height), *_x_axis(low, high)],
    )


def is_logarithmic(histogram: ScoreHistogram) -> bool:
    """True if the counts differ so much that they need a logarithmic axis."""
    filled = sorted(number for number in histogram.counts if number > 0)
    return bool(filled) and filled[-1] > _SKEWED * filled[len(filled) // 2]


def _linear_height(top: int) -> Callable[[float], float]:
    return lambda number: (_BOTTOM - _TOP) * number / top


def _log_height(top: int) -> Callable[[float], float]:
    return lambda number: (_BOTTOM - _TOP) * math.log10(1 + number) / math.log10(1 + top)


def _hatch(code: str) -> Markup:
    stroke = line(0, 0, 0, 5, "hatch")
    lines = element(
        "pattern", box(0, 0, 5, 5, "fill-flag"), stroke,
        id=f"hatch-{code}", width=5, height=5, patternUnits="userSpaceOnUse", patternTransform="rotate(45)",
    )  # fmt: skip
    return element("defs", lines)


def _bars(code: str, histogram: ScoreHistogram, x: list[float], height: Callable[[float], float]) -> Iterator[Markup]:
    for i, (number, flagged) in enumerate(zip(histogram.counts, histogram.flagged, strict=False)):
        width = x[i + 1] - x[i]
        title = element(
            "title",
            f"score {histogram.edges[i]:.2f} to {histogram.edges[i + 1]:.2f}: "
            f"{count(number)} rows, {count(flagged)} flagged",
        )
        tall, short = height(number), height(flagged)
        yield box(x[i] + 0.5, _BOTTOM - tall, width - 1, tall, "fill-plain", title)
        if flagged:
            yield box(x[i] + 2, _BOTTOM - short, width - 4, short, "", title, fill=f"url(#hatch-{code})")


def _frame(top: int, logarithmic: bool, height: Callable[[float], float]) -> Iterator[Markup]:
    for tick in _log_ticks(top) if logarithmic else _linear_ticks(top):
        y = _BOTTOM - height(tick)
        yield line(_LEFT, y, _RIGHT, y, "grid")
        yield words(_LEFT - 6, y + 4, count(tick), "tick", anchor="end")


def _log_ticks(top: int) -> list[int]:
    powers = [0] + [10**i for i in range(int(math.log10(max(top, 1))) + 1)]
    return powers if len(powers) <= 6 else powers[::2]


def _linear_ticks(top: int) -> list[int]:
    step = 10 ** int(math.log10(max(top, 1)))
    step = next((s for s in (step // 5, step // 2, step, 2 * step) if s >= 1 and top / s <= 5), 2 * step)
    return list(range(0, top + 1, max(step, 1)))


def _x_axis(low: float, high: float) -> Iterator[Markup]:
    yield line(_LEFT, _BOTTOM, _RIGHT, _BOTTOM, "rule")
    for part in range(5):
        x = _LEFT + (_RIGHT - _LEFT) * part / 4
        anchor = "start" if part == 0 else "end" if part == 4 else "middle"
        yield words(x, _BOTTOM + 18, f"{low + (high - low) * part / 4:.2g}", "tick", anchor=anchor)
    yield words((_LEFT + _RIGHT) / 2, _BOTTOM + 38, "score (higher = review first)", "axis", anchor="middle")
