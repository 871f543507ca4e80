"""Before, after and control on sealed rows, with intervals, and the difference against zero."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from markupsafe import Markup

from dechaff.records.metrics import Estimate, ProofFacts
from dechaff.report.html.charts.scale import Scale, around, axis, diamond, dot, interval
from dechaff.report.html.charts.svg import line, picture, words
from dechaff.report.numbers import decimal, in_metric

_WIDTH, _LEFT, _RIGHT, _STEP = 400.0, 78.0, 318.0, 30.0
Named = tuple[str, Estimate]


def draw_comparison(proof: ProofFacts) -> Markup:
    """The scores of the three models, one under the other."""
    rows: list[Named] = [("before", proof.before), ("after", proof.after)]
    if proof.control is not None:
        rows.append(("control", proof.control))
    description = "; ".join(f"{name} {in_metric(row.mean, proof.metric)}" for name, row in rows)
    scale = around(_numbers(rows), _LEFT, _RIGHT)
    return _draw("proof", rows, scale, "Before, after and control", description, proof.metric, signed=False)


def draw_differences(proof: ProofFacts) -> Markup:
    """The gain: after minus before, and after minus control, against zero."""
    rows: list[Named] = [("− before", proof.difference)]
    if proof.control is not None and proof.control.difference is not None:
        rows.append(("− control", proof.control.difference))
    description = "; ".join(f"after {name} {in_metric(row.mean, proof.metric, signed=True)}" for name, row in rows)
    scale = around([*_numbers(rows), 0.0], _LEFT, _RIGHT)
    return _draw("difference", rows, scale, "Differences against zero", description, proof.metric, signed=True)


def _draw(
    key: str, rows: list[Named], scale: Scale, title: str, description: str, metric: str, *, signed: bool
) -> Markup:
    bottom = 8 + _STEP * len(rows)
    body = [*axis(scale, 8, bottom, _tick(metric, signed))]
    if signed:
        body.append(line(scale.at(0.0), 4, scale.at(0.0), bottom + 2, "zero"))
    for i, (name, row) in enumerate(rows):
        body.extend(_row(scale, 8 + _STEP * (i + 0.5), name, row, in_metric(row.mean, metric, signed=signed)))
    return picture(key, (_WIDTH, bottom + 26), title, description, body)


def _row(scale: Scale, y: float, name: str, row: Estimate, number: str) -> Iterator[Markup]:
    class_ = {"before": "plain", "control": "plain"}.get(name, "accent")
    yield words(_LEFT - 10, y + 4, name, "label", anchor="end")
    yield from interval(scale, y, row.low, row.high, class_)
    if row.mean is not None:
        mark = diamond(scale, y, row.mean, "fill-accent")
        yield mark if class_ == "accent" else dot(scale, y, row.mean, "fill-plain", hollow=name == "control")
    yield words(_WIDTH - 4, y + 4, number.replace(" points", " pt"), "number", anchor="end")


def _tick(metric: str, signed: bool) -> Callable[[float], str]:
    def name(tick: float) -> str:
        if "accuracy" in metric:
            shown = f"{100 * tick:+.3g}" if signed and abs(tick) > 1e-9 else f"{100 * tick:.3g}"
            return shown.replace("-", "−") if signed else f"{shown} %"
        return decimal(tick, 3)

    return name


def _numbers(rows: list[Named]) -> list[float]:
    return [number for _, row in rows for number in (row.mean, row.low, row.high) if number is not None]
