"""Charts on scales of numbers: estimates with intervals, the figures of one slice, and the calibration curve."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from dechaff.records.curricula import CurriculaCompared
from dechaff.records.metrics import CalibrationBin, PositiveEstimate, ProofFacts, Slice
from dechaff.records.record import Estimate
from dechaff.report.headline import arms_of, effects_of, models_scored
from dechaff.report.html.charts.svg import element, fit, line, picture, words
from dechaff.report.words import between, count, decimal, in_metric, percent

_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0)


@dataclass(frozen=True)
class Scale:
    """Numbers from ``low`` to ``high`` on pixels from ``left`` to ``right``, or from the bottom to the top."""

    low: float
    high: float
    left: float
    right: float

    def at(self, number: float) -> float:
        """The pixel of a number; numbers beyond the ends are drawn at the ends."""
        fraction = (number - self.low) / ((self.high - self.low) or 1.0)
        return self.left + (self.right - self.left) * min(max(fraction, 0.0), 1.0)

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


@dataclass(frozen=True)
class _Row:
    """One estimate: ``number`` is its text; without ``accent`` it is drawn as a plain dot, else as a diamond."""

    name: str
    estimate: Estimate
    number: str
    accent: bool
    hollow: bool = False


@dataclass(frozen=True)
class _Layout:
    """Where the estimates are drawn: the ends of their scale, and the height of a row."""

    left: float
    right: float
    step: float


_WIDTH = 400.0
_PROOF, _ESTIMATES = _Layout(78.0, 318.0, 30.0), _Layout(96.0, 330.0, 26.0)
_MOST_ESTIMATES, _LETTERS = 20, 11


def _draw(
    key: str,
    title: str,
    rows: list[_Row],
    layout: _Layout,
    tick: Callable[[float], str],
    *,
    zero: bool = False,
    prefix: str = "",
) -> Markup:
    """Estimates with their intervals, one under the other; with `zero` against a line there.

    `prefix` completes the names of the rows where they are read aloud.
    """
    numbers = [one for row in rows for one in (row.estimate.mean, row.estimate.low, row.estimate.high)]
    scale = around([*(one for one in numbers if one is not None), *([0.0] if zero else [])], layout.left, layout.right)
    bottom = 8 + layout.step * len(rows)
    body = [*axis(scale, 8, bottom, tick)]
    if zero:
        body.append(line(scale.at(0.0), 4, scale.at(0.0), bottom + 2, "zero"))
    for i, row in enumerate(rows):
        body.extend(_estimate(scale, 8 + layout.step * (i + 0.5), row))
    description = "; ".join(f"{prefix}{row.name} {row.number}" for row in rows)
    return picture(key, (_WIDTH, bottom + 26), title, description, body)


def _estimate(scale: Scale, y: float, row: _Row) -> Iterator[Markup]:
    yield words(scale.left - 10, y + 4, row.name, "label", anchor="end")
    yield from interval(scale, y, row.estimate.low, row.estimate.high, "accent" if row.accent else "plain")
    if row.estimate.mean is not None and row.accent:
        yield diamond(scale, y, row.estimate.mean, "fill-accent")
    elif row.estimate.mean is not None:
        yield dot(scale, y, row.estimate.mean, "fill-plain", hollow=row.hollow)
    yield words(_WIDTH - 4, y + 4, row.number.replace(" points", " pt"), "number", anchor="end")


def draw_comparison(proof: ProofFacts) -> Markup:
    """The scores of the three models, before, after and control, with intervals, one under the other."""
    shown = [
        _Row(name, row, in_metric(row.mean, proof.metric), accent=name == "after", hollow=name == "control")
        for name, row in models_scored(proof).items()
    ]
    return _draw("proof", "Before, after and control", shown, _PROOF, _tick(proof.metric, signed=False))


def draw_differences(proof: ProofFacts) -> Markup:
    """The gain: after minus before, and after minus control, against zero."""
    rows = {"− before": proof.difference, "− control": proof.control.difference if proof.control else None}
    shown = [
        _Row(name, row, in_metric(row.mean, proof.metric, signed=True), accent=True)
        for name, row in rows.items()
        if row is not None
    ]
    tick = _tick(proof.metric, signed=True)
    return _draw("difference", "Differences against zero", shown, _PROOF, tick, zero=True, prefix="after ")


def draw_curricula(found: CurriculaCompared) -> Markup:
    """The accuracy of the four ways to train, with intervals, one under the other."""
    names = ("curriculum", "random", "hard first", "plain")
    pairs = zip(names, arms_of(found).values(), strict=True)
    rows = [_Row(name, one, percent(one.mean), accent=name == "curriculum") for name, one in pairs]
    return _draw("curricula", "Accuracy of four ways to train", rows, _ESTIMATES, _tick("accuracy", signed=False))


def draw_curriculum_effects(found: CurriculaCompared) -> Markup:
    """The effects of order and pacing, and of both, against zero."""
    pairs = zip(("order", "pacing", "both"), effects_of(found).values(), strict=True)
    rows = [_Row(name, one, in_metric(one.mean, "accuracy", signed=True), accent=True) for name, one in pairs]
    tick = _tick("accuracy", signed=True)
    return _draw("curriculum-effects", "Effects against zero", rows, _PROOF, tick, zero=True)


def _tick(metric: str, *, signed: bool) -> Callable[[float], str]:
    def name(tick: float) -> str:
        if "accuracy" in metric:
            shown = f"{100 * tick:+.3g}" if signed and abs(tick) > 1e-9 else f"{100 * tick:.3g}"
            return shown.replace("-", "−") if signed else f"{shown} %"
        return decimal(tick, 3)

    return name


def draw_estimates(estimates: Sequence[PositiveEstimate]) -> Markup:
    """The class prior by every estimator with its interval; the one that is used is marked by its shape."""
    rows = [
        _Row(
            fit(one.name.replace("_", " "), _LETTERS),
            Estimate(one.class_prior, one.class_prior_low, one.class_prior_high),
            percent(one.class_prior),
            accent=one.used,
        )
        for one in estimates[:_MOST_ESTIMATES]
        if one.class_prior is not None
    ]
    title = "Proportion of positives by every estimate"
    return _draw("estimates", title, rows, _ESTIMATES, lambda tick: f"{100 * tick:.3g} %")


_SCALE = Scale(0.0, 1.0, 14.0, 376.0)


def draw_slice(number: int, part: Slice) -> Markup:
    """Two rows on one scale from 0 to 100 %: agreement (inside, outside), and the rate of wrong labels."""
    rate = f"wrong labels inside: {percent(part.noise_rate)} {between(part.low, part.high)}"
    agreement = f"agreement inside {percent(part.agreement_inside)}, outside {percent(part.agreement_outside)}"
    body = [*axis(_SCALE, 10, 108, lambda tick: f"{100 * tick:.0f} %"), *_agreement(part), *_noise(part)]
    return picture(
        f"slice-{number}", (_WIDTH, 132.0), f"Slice: {fit(part.condition, 120)}", f"{agreement}; {rate}.", body
    )


def _agreement(part: Slice) -> Iterator[Markup]:
    inside, outside = part.agreement_inside, part.agreement_outside
    yield words(14, 22, "labels that agree with the model", "axis")
    if inside is not None and outside is not None:
        yield line(_SCALE.at(inside), 40, _SCALE.at(outside), 40, "link")
    if outside is not None:
        yield dot(_SCALE, 40, outside, "fill-plain", hollow=True)
    if inside is not None:
        yield diamond(_SCALE, 40, inside, "fill-flag")


def _noise(part: Slice) -> Iterator[Markup]:
    yield words(14, 74, "labels inside that are wrong, with interval", "axis")
    yield from interval(_SCALE, 92, part.low, part.high, "flag")
    if part.noise_rate is not None:
        yield diamond(_SCALE, 92, part.noise_rate, "fill-flag")


_CONFIDENCE, _ACCURACY = Scale(0.0, 1.0, 68.0, 386.0), Scale(0.0, 1.0, 246.0, 12.0)


def draw_calibration(bins: Sequence[CalibrationBin]) -> Markup:
    """Points near the diagonal: a probability of 80 % is right about 80 % of the time. Larger = more rows."""
    rows = max(sum(one.rows for one in bins), 1)
    gap = sum(one.rows * abs(one.confidence - one.accuracy) for one in bins) / rows
    description = f"Mean distance from the diagonal: {percent(gap)}, over {len(bins)} bins."
    return picture(
        "calibration", (_WIDTH, 300.0), "Calibration of the baseline", description, [*_frame(), *_curve(bins)]
    )


def _frame() -> Iterator[Markup]:
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        yield line(_CONFIDENCE.at(0), _ACCURACY.at(tick), _CONFIDENCE.at(1), _ACCURACY.at(tick), "grid")
        yield words(_CONFIDENCE.left - 7, _ACCURACY.at(tick) + 4, f"{100 * tick:.0f} %", "tick", anchor="end")
        anchor = "end" if tick == 1 else "middle"
        yield words(_CONFIDENCE.at(tick), _ACCURACY.left + 17, f"{100 * tick:.0f} %", "tick", anchor=anchor)
    yield line(_CONFIDENCE.at(0), _ACCURACY.at(0), _CONFIDENCE.at(1), _ACCURACY.at(1), "ideal")
    yield words(_CONFIDENCE.at(0.5), _ACCURACY.left + 40, "confidence of the model", "axis", anchor="middle")
    at = f"rotate(-90 10 {_ACCURACY.at(0.5):.1f})"
    yield words(10, _ACCURACY.at(0.5), "accuracy", "axis", anchor="middle", transform=at)


def _curve(bins: Sequence[CalibrationBin]) -> Iterator[Markup]:
    drawn = sorted(bins, key=lambda one: one.confidence)
    route = "L".join(f"{_CONFIDENCE.at(one.confidence):.1f} {_ACCURACY.at(one.accuracy):.1f}" for one in drawn)
    yield element("path", d="M" + route, class_="curve")
    most = max((one.rows for one in drawn), default=1) or 1
    for one in drawn:
        name = f"confidence {percent(one.confidence)}, right in {percent(one.accuracy)} of {count(one.rows)} rows"
        radius = 3 + 6 * (one.rows / most) ** 0.5
        yield element(
            "circle", element("title", name),
            cx=_CONFIDENCE.at(one.confidence), cy=_ACCURACY.at(one.accuracy), r=radius, class_="solid fill-accent",
        )  # fmt: skip
