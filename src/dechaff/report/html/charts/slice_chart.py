"""One noisy slice: agreement of labels and model, inside and outside, and the noise rate."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from dechaff.records.metrics import Slice
from dechaff.report.html.charts.scale import Scale, axis, diamond, dot, interval
from dechaff.report.html.charts.svg import fit, line, picture, words
from dechaff.report.numbers import between, percent

_SIZE = (400.0, 132.0)
_SCALE = Scale(0.0, 1.0, 14.0, 376.0)


def draw_slice(number: int, part: Slice) -> Markup:
    """Two rows on one scale from 0 to 100 %: agreement (inside, outside), and the rate of wrong labels."""
    rate = f"wrong labels inside: {percent(part.noise_rate)} {between(part.low, part.high)}"
    agreement = f"agreement inside {percent(part.agreement_inside)}, outside {percent(part.agreement_outside)}"
    body = [*axis(_SCALE, 10, 108, lambda tick: f"{100 * tick:.0f} %"), *_agreement(part), *_noise(part)]
    return picture(f"slice-{number}", _SIZE, f"Slice: {fit(part.condition, 120)}", f"{agreement}; {rate}.", body)


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
