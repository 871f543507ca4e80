"""The charts of labels: the distribution of a score, with the flagged rows in front, and the noise matrix."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from dechaff.records.metrics import Metrics, ScoreHistogram
from dechaff.report.html.charts.svg import box, element, fit, line, picture, words
from dechaff.report.words import count, percent
from dechaff.typing import ClassMatrix

_WIDTH, _HEIGHT = 400.0, 220.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 392.0, 12.0, 176.0
_MOST_HISTOGRAMS, _MOST_BARS = 6, 200
_SKEWED = 20
"""From this ratio of the highest bar to the median one (of two, the lower one), a logarithmic axis is used."""


def drawable(histograms: dict[str, ScoreHistogram]) -> list[tuple[str, ScoreHistogram]]:
    """The scores that can be drawn, by code; those of label errors first."""
    first = sorted(histograms.items(), key=lambda pair: (pair[0] != "L001", pair[0]))
    return [(code, one) for code, one in first if _is_drawable(one)][:_MOST_HISTOGRAMS]


def _is_drawable(histogram: ScoreHistogram) -> bool:
    return 0 < len(histogram.counts) == len(histogram.edges) - 1 <= _MOST_BARS and sum(histogram.counts) > 0


def draw_histogram(code: str, histogram: ScoreHistogram) -> Markup:
    """Bars for all rows, and narrower hatched bars in front of them for the flagged ones."""
    logarithmic = is_logarithmic(histogram)
    top = max(max(histogram.counts, default=1), 1)
    height = _height(top, logarithmic=logarithmic)
    low, high = histogram.edges[0], histogram.edges[-1]
    span = (high - low) or 1.0
    x = [_LEFT + (_RIGHT - _LEFT) * (edge - low) / span for edge in histogram.edges]
    flagged = sum(histogram.flagged)
    return picture(
        f"scores-{code}",
        (_WIDTH, _HEIGHT),
        f"Distribution of the score of {code}",
        f"{count(sum(histogram.counts))} rows by score from {low:g} to {high:g}; {count(flagged)} of them are flagged.",
        [hatch(code), *_frame(top, logarithmic, height), *_bars(code, histogram, x, height), *_x_axis(low, high)],
    )


def is_logarithmic(histogram: ScoreHistogram) -> bool:
    """True if the counts differ so much that they need a logarithmic axis."""
    filled = sorted(number for number in histogram.counts if number > 0)
    return bool(filled) and filled[-1] > _SKEWED * filled[(len(filled) - 1) // 2]


def _height(top: int, *, logarithmic: bool) -> Callable[[float], float]:
    if logarithmic:
        return lambda number: (_BOTTOM - _TOP) * math.log10(1 + number) / math.log10(1 + top)
    return lambda number: (_BOTTOM - _TOP) * number / top


def hatch(code: str) -> Markup:
    """The pattern of the bars in front, as ``url(#hatch-CODE)``."""
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


_ROW_LABELS, _CHARACTER = 22, 7.6


@dataclass(frozen=True)
class NoiseMatrix:
    """The classes that are confused most; the others are added up in the last row and column.

    ``names`` (m,) the classes shown; ``joint`` (m, m) estimated fractions of all rows, rows = given class,
    columns = true class; ``hidden`` the number of classes in the last one (0 = none).
    """

    names: tuple[str, ...]
    joint: ClassMatrix
    hidden: int


def noise_matrix(metrics: Metrics) -> NoiseMatrix | None:
    """The noise matrix of an audit; None if it has none."""
    names, noise = metrics.dataset.classes, metrics.noise
    if noise is None or not noise.joint or len(noise.joint) != len(names):
        return None
    return noisiest(np.array(noise.joint, dtype=np.float64), names)


def noisiest(joint: ClassMatrix, names: tuple[str, ...], *, most: int = 20) -> NoiseMatrix:
    """The ``most`` classes with the most wrong labels, given or missed, in the order of ``names``."""
    if len(names) <= most + 1:
        return NoiseMatrix(names, joint, 0)
    wrong = joint - np.diag(np.diag(joint))
    chosen = np.sort(np.argsort(-(wrong.sum(axis=0) + wrong.sum(axis=1)), kind="stable")[:most])
    rest = np.setdiff1d(np.arange(len(names)), chosen)
    gather = np.zeros((most + 1, len(names)))
    gather[np.arange(most), chosen] = 1.0
    gather[most, rest] = 1.0
    shown = (*(names[i] for i in chosen), f"{len(rest)} others")
    return NoiseMatrix(shown, gather @ joint @ gather.T, len(rest))


def draw_noise_matrix(matrix: NoiseMatrix, n_rows: int) -> Markup:
    """A heat map with its numbers. Each row: the true classes of the rows with one given label, in percent."""
    rows = matrix.joint.sum(axis=1, keepdims=True)
    fraction = np.divide(matrix.joint, rows, out=np.zeros_like(matrix.joint), where=rows > 0)
    m = len(matrix.names)
    left = 16 + _ROW_LABELS + _CHARACTER * min(18, max(len(name) for name in matrix.names))
    top = 34 + 5.4 * min(14, max(len(name) for name in matrix.names))
    cell = 76 if m <= 4 else 58 if m <= 10 else 46
    size = left + m * cell + 60, top + m * cell + 4
    cells = [
        _cell(left + cell * t, top + cell * g, cell, fraction[g, t], _cell_title(matrix, g, t, n_rows), diagonal=g == t)
        for g in range(m)
        for t in range(m)
    ]
    return picture(
        "noise-matrix",
        size,
        "Noise matrix: given label by true label",
        _description(matrix, fraction),
        [*_axes(matrix.names, left, top, cell), *cells],
    )


def _cell(x: float, y: float, size: float, fraction: float, title: str, *, diagonal: bool) -> Markup:
    strength = 0.05 + (0.3 if diagonal else 0.55) * fraction**0.5 if fraction >= 0.0005 else 0.0
    tint = box(
        x + 1, y + 1, size - 2, size - 2, "fill-accent" if diagonal else "fill-flag", fill_opacity=strength, rx=3
    )
    frame = box(x + 1, y + 1, size - 2, size - 2, "cell", rx=3)
    shown = "·" if fraction < 0.0005 else f"{100 * fraction:.1f}" if fraction < 0.0995 else f"{100 * fraction:.0f}"
    number = words(x + size / 2, y + size / 2 + 4, shown, "number" if fraction >= 0.0005 else "faint", anchor="middle")
    return element("g", element("title", title), tint, frame, number)


def _cell_title(matrix: NoiseMatrix, given: int, true: int, n_rows: int) -> str:
    about = count(float(matrix.joint[given, true]) * n_rows)
    return f"given {fit(matrix.names[given], 60)}, truly {fit(matrix.names[true], 60)}: about {about} rows"


def _axes(names: tuple[str, ...], left: float, top: float, cell: float) -> list[Markup]:
    middle = top + len(names) * cell / 2
    parts = [
        words(left, 14, "true class", "axis"),
        words(12, middle, "label given", "axis", anchor="middle", transform=f"rotate(-90 12 {middle:.1f})"),
        line(left, top - 3, left + len(names) * cell, top - 3, "rule"),
    ]
    for i, name in enumerate(names):
        parts.append(_column_name(name, left + cell * (i + 0.5), top - 9, cell))
        parts.append(words(left - 8, top + cell * (i + 0.5) + 4, fit(name, 18), "label", anchor="end"))
    return parts


def _column_name(name: str, x: float, y: float, cell: float) -> Markup:
    """Horizontal if there is space, else slanted."""
    if _CHARACTER * len(name) <= cell - 4:
        return words(x, y, name, "label", anchor="middle")
    return words(x, y, fit(name, 14), "label", transform=f"rotate(-38 {x:.1f} {y:.1f})")


def _description(matrix: NoiseMatrix, fraction: npt.NDArray[np.float64]) -> str:
    wrong = fraction - np.diag(np.diag(fraction))
    worst = np.argsort(-wrong, axis=None, kind="stable")[:3]
    pairs = [np.unravel_index(at, wrong.shape) for at in worst]
    errors = [
        f"{percent(float(wrong[g, t]))} of the rows labelled {fit(matrix.names[g], 40)} are truly "
        f"{fit(matrix.names[t], 40)}"
        for g, t in pairs
        if wrong[g, t] > 0
    ]
    return ("Most frequent errors: " + "; ".join(errors) + ".") if errors else "No class is mixed up with another."
