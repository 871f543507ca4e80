"""Numbers as text: the same in every form of the report."""

from __future__ import annotations

import math

UNKNOWN = "not known"
_SPACE = "\N{NO-BREAK SPACE}"


def count(number: float | None) -> str:
    """A whole number with thousands set apart.

    >>> count(12345)
    '12,345'
    """
    return UNKNOWN if number is None or not math.isfinite(number) else f"{round(number):,}"


def percent(fraction: float | None) -> str:
    """A proportion in [0, 1] as a percentage that is never rounded to 0 or 100.

    >>> percent(0.1234), percent(0.0002), percent(0.99996), percent(1.0)
    ('12.3\\xa0%', 'under 0.1\\xa0%', 'over 99.9\\xa0%', '100\\xa0%')
    """
    if fraction is None or not math.isfinite(fraction):
        return UNKNOWN
    if 0 < fraction < 0.001:
        return f"under 0.1{_SPACE}%"
    if 0.9995 <= fraction < 1:
        return f"over 99.9{_SPACE}%"
    return f"{100 * fraction:.1f}".removesuffix(".0") + f"{_SPACE}%"


def between(low: float | None, high: float | None) -> str:
    """An interval of proportions; '' if it is unknown.

    >>> between(0.101, 0.149)
    '10.1–14.9\\xa0%'
    """
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return ""
    return f"{100 * low:.1f}–{100 * high:.1f}{_SPACE}%"


def points(difference: float | None) -> str:
    """A difference of two proportions, in percentage points, with its sign.

    >>> points(0.0213), points(-0.004)
    ('+2.1', '−0.4')
    """
    if difference is None or not math.isfinite(difference):
        return UNKNOWN
    return f"{100 * difference:+.1f}".replace("-", "−")


def decimal(number: float | None, places: int = 2) -> str:
    """A plain decimal number.

    >>> decimal(0.98765)
    '0.99'
    """
    return UNKNOWN if number is None or not math.isfinite(number) else f"{number:.{places}f}".replace("-", "−")


def p_value(number: float | None) -> str:
    """A p-value, never printed as zero.

    >>> p_value(1e-9), p_value(0.0312)
    ('p\\xa0<\\xa00.001', 'p\\xa0=\\xa00.031')
    """
    if number is None or not math.isfinite(number):
        return "p not known"
    return ("p < 0.001" if number < 0.001 else f"p = {number:.3f}").replace(" ", _SPACE)


def of_things(number: int, one: str, many: str = "") -> str:
    """A count with its noun.

    >>> of_things(1, "row"), of_things(1200, "row"), of_things(2, "class", "classes")
    ('1 row', '1,200 rows', '2 classes')
    """
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


_METRIC_NAMES = {"log_loss": "minus log-loss, higher is better", "f1": "macro F1", "auc": "AUC"}


def metric_name(metric: str) -> str:
    """A metric in words; every score is shown so that more is better.

    >>> metric_name("balanced_accuracy"), metric_name("f1")
    ('balanced accuracy', 'macro F1')
    """
    return _METRIC_NAMES.get(metric, metric.replace("_", " "))


def in_metric(value: float | None, metric: str, *, signed: bool = False) -> str:
    """A score or a difference of scores in the terms of its metric: percent for accuracies, a decimal for others.

    >>> in_metric(0.874, "accuracy"), in_metric(0.021, "accuracy", signed=True), in_metric(0.4312, "log_loss")
    ('87.4\\xa0%', '+2.1 points', '0.431')
    """
    if "accuracy" in metric:
        if value is None or not math.isfinite(value):
            return UNKNOWN
        return f"{points(value)} points" if signed else f"{100 * value:.1f}{_SPACE}%"
    if signed and value is not None and value > 0:
        return "+" + decimal(value, 3)
    return decimal(value, 3)
