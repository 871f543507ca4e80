"""How far reviewers agree with one another and with the model, and whether the suggestion sways them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import combinations

import numpy as np

from dechaff.api.review.desk import Desk
from dechaff.core.intervals import wilson_interval
from dechaff.methods.consensus.cohen_kappa import cohen_kappa
from dechaff.records.decisions import Event
from dechaff.records.review import Agreement, Pair, Rate

_OUT = "\0excluded"
_MODEL = "the model"


def agreement(desk: Desk) -> Agreement:
    """Agreement on the findings that several judged; *flag for later* is no verdict, nor is a bulk decision."""
    state = desk.state
    verdicts = {
        number: {actor: _verdict(event) for actor, event in latest.items() if _is_verdict(event)}
        for number, latest in state.by_reviewer.items()
    }
    events = [event for latest in state.by_reviewer.values() for event in latest.values()]
    labels = [event for event in events if _is_verdict(event) and event.suggested]
    actors = sorted({actor for said in verdicts.values() for actor in said})
    pairs = []
    for first, second in combinations(actors, 2):
        both = [(said[first], said[second]) for said in verdicts.values() if first in said and second in said]
        if both:
            pairs.append(_pair(first, second, both))
    model = [
        _pair(actor, _MODEL, [(_verdict(event), event.suggested) for event in labels if event.actor == actor])
        for actor in sorted({event.actor for event in labels})
    ]
    shown, hidden = (_follow([event for event in labels if bool(event.blind) == blind]) for blind in (False, True))
    return Agreement(
        tuple(pairs), tuple(model), _rate(*shown), _rate(*hidden), _difference(shown, hidden), int(state.conflict.sum())
    )


def _is_verdict(event: Event) -> bool:
    return event.action in ("keep", "relabel", "drop") and not event.unseen


def _verdict(event: Event) -> str:
    return {"keep": event.old, "relabel": event.new}.get(event.action, _OUT)


def _pair(first: str, second: str, both: Iterable[tuple[str, str]]) -> Pair:
    one, other = (np.array(side, dtype=object).astype(str) for side in zip(*both, strict=True))
    found = cohen_kappa(one, other)
    kappa = Rate(len(one), None, None, None) if math.isnan(found[0]) else Rate(len(one), *found)
    return Pair(first, second, _rate(int((one == other).sum()), len(one)), kappa)


def _follow(events: list[Event]) -> tuple[int, int]:
    """How many decisions follow the suggestion, of how many."""
    return sum(_verdict(event) == event.suggested for event in events), len(events)


def _rate(hits: int, n: int) -> Rate:
    if not n:
        return Rate(0, None, None, None)
    low, high = wilson_interval(hits / n, n)
    return Rate(n, hits / n, float(low), float(high))


def _difference(shown: tuple[int, int], hidden: tuple[int, int]) -> Rate:
    """The difference of two shares, with Newcombe's (1998) hybrid score interval (method 10)."""
    (hits, n), (others, m) = shown, hidden
    if not n or not m:
        return Rate(n + m, None, None, None)
    one, other = hits / n, others / m
    (low, high), (other_low, other_high) = wilson_interval(one, n), wilson_interval(other, m)
    below, above = math.hypot(one - low, other_high - other), math.hypot(high - one, other - other_low)
    return Rate(n + m, one - other, one - other - below, one - other + above)
