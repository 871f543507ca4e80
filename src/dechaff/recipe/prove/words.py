"""A proof in sentences that can be acted on without statistics."""

from __future__ import annotations

from collections.abc import Sequence

from dechaff.methods.proof.doubtful_labels import LabelDoubt
from dechaff.methods.proof.paired_interval import Interval
from dechaff.recipe.prove.inputs import Prepared

METRIC_NAMES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "f1": "macro F1",
    "log_loss": "log-loss",
    "auc": "AUC",
}


def verdict_in_words(
    verdict: str,
    metric: str,
    levels: Sequence[Interval],
    differences: tuple[Interval, Interval],
    rows: Prepared,
) -> str:
    """The verdict with its numbers. ``levels`` are before, after, control; ``differences`` against the first and last.

    Examples
    --------
    A sentence reads: "Better: trained on the cleaned data, the model reaches an accuracy of 97.2 % on 2,000
    sealed test rows instead of 76.4 %: +20.8 points (95 % interval +18.9 to +22.6). As many changes at random
    reach 75.9 %."
    """
    if rows.same_training:
        return _unchanged(metric, levels[0], rows)
    before, after, control = (_level(metric, level.mean) for level in levels)
    difference, beyond = differences
    n_test = f"{len(rows.test):,} sealed test rows"
    gain = f"{_gain(metric, difference.mean)} (95 % interval {_range(metric, difference)})"
    ours = f"trained on the cleaned data, the model reaches {_a(metric)} of {after} on {n_test} instead of {before}"
    random = f"as many changes at random reach {control}"
    if verdict == "better":
        return f"Better: {ours}: {gain}; {random}."
    if verdict == "worse":
        return f"Worse: {ours}: {gain}; {random}. Keep the data as they were."
    if difference.low > 0:
        margin = f"{_gain(metric, beyond.mean)}, 95 % interval {_range(metric, beyond)}"
        return f"No evidence: {ours}: {gain}, but {random}, which is not clearly less (cleaned - random: {margin})."
    return f"No evidence: {ours}: {gain}, which may be chance; {random}."


def features_in_words(
    verdict: str,
    metric: str,
    levels: Sequence[Interval],
    difference: Interval,
    n_test: int,
    *,
    leaks: Sequence[str] = (),
) -> str:
    """The verdict on chosen features; ``levels`` are with all columns, but for ``leaks``, and with the chosen features.

    Examples
    --------
    >>> of = [Interval(0.8, 0.78, 0.82), Interval(0.85, 0.83, 0.87)]
    >>> features_in_words("better", "accuracy", of, Interval(0.05, 0.03, 0.07), 900)[:76]
    'Better: with the chosen features, the model reaches an accuracy of 85.0 % on'
    """
    before, after = (_level(metric, level.mean) for level in levels)
    gain = f"{_gain(metric, difference.mean)} (95 % interval {_range(metric, difference)})"
    every = "all columns" if not leaks else f"all columns except {', '.join(leaks)} (F002)"
    ends = {"better": ".", "worse": f". Use {every}.", "no evidence": ", which may be chance."}
    opening = f"{verdict[0].upper()}{verdict[1:]}: with the chosen features, the model reaches {_a(metric)} of {after}"
    return f"{opening} on {n_test:,} sealed test rows instead of {before} with {every}: {gain}{ends[verdict]}"


def doubt_in_words(doubt: LabelDoubt, n_test: int, gain: float | None = None) -> str:
    """What the test labels' own errors could hide; `gain` is the gain in accuracy that was proved, if there is one."""
    suspect = int(doubt.suspect.sum())
    looks = f"{suspect or 'None'} of the {n_test:,} test labels {'looks' if suspect == 1 else 'look'} wrong"
    opening = f"{looks} to the model trained on the cleaned data ({100 * suspect / n_test:.1f} %)."
    if doubt.hidden_gain == doubt.hidden_loss == 0:
        return f"{opening} Errors that both models share are not seen, but they hide no difference either."
    return (
        f"{opening} If all test labels that this model confidently contradicts were wrong, the difference in accuracy "
        f"would be {100 * doubt.hidden_gain:.1f} points higher; if all that the model trained on the data before "
        f"confidently contradicts were wrong, {100 * doubt.hidden_loss:.1f} points lower. {_advice(doubt, gain)}"
    )


def _advice(doubt: LabelDoubt, gain: float | None) -> str:
    if gain is None:
        return "Check these labels by hand, and prove again."
    if gain > doubt.hidden_loss:
        return f"The gain of {_in_points(gain)} points holds either way."
    return f"Before trusting the gain of {_in_points(gain)} points, check these labels by hand."


def _unchanged(metric: str, level: Interval, rows: Prepared) -> str:
    reached = f"{_a(metric)} of {_level(metric, level.mean)} on {len(rows.test):,} sealed test rows"
    reason = "cleaning changed nothing: all labelled rows are the same, with the same labels"
    return f"No evidence: {reason}, so the model reaches {reached} either way."


def _a(metric: str) -> str:
    article = "an" if METRIC_NAMES[metric][0] in "aA" else "a"
    return f"{article} {METRIC_NAMES[metric]}"


def _level(metric: str, value: float) -> str:
    shown = _as_in_json(value)
    return f"{-shown + 0.0:.3f}" if metric == "log_loss" else f"{100 * shown:.1f} %"


def _gain(metric: str, value: float) -> str:
    if metric != "log_loss":
        return f"{_in_points(value)} points"
    return f"{abs(value):.3f} {'lower' if value >= 0 else 'higher'}, where lower is better"


def _range(metric: str, interval: Interval) -> str:
    """Interval ends in the direction of the metric: a log-loss changes by minus its score."""
    if metric == "log_loss":
        return f"{_signed(-interval.high, 3)} to {_signed(-interval.low, 3)}"
    return f"{_in_points(interval.low)} to {_in_points(interval.high)}"


def _in_points(difference: float) -> str:
    return _signed(100 * _as_in_json(difference), 1)


def _as_in_json(value: float) -> float:
    """So that every form of a report rounds the same number."""
    return round(value, 6)


def _signed(value: float, digits: int) -> str:
    text = f"{value:+.{digits}f}"
    return f"{0:.{digits}f}" if float(text) == 0 else text.replace("-", "−")
