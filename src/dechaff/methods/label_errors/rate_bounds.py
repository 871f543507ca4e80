"""How far the fraction of wrong labels may be from its estimate.

Labels and probabilities alone do not identify the fraction. A weak model contradicts right labels, so that noise may be
an overlap of the classes; a model that has learned how people or rules err repeats their errors, which then cannot be
seen. The bounds hold whatever kind of noise it is: uniform, class-conditional or instance-dependent.
"""

from __future__ import annotations

from dechaff.methods.label_errors.noise_readings import Readings, soft_step

PROVED, SLACK = 0.5, 0.04
"""What is left of the noise that no overlap of classes explains: fraction of it, minus a constant."""
KEPT = 0.75
"""The same, of all noise that is seen, if it is made."""
MADE = (0.4, 0.8)
"""Proved noise as a fraction of the joint's: from this on noise is made in part, and wholly."""
HIDDEN, REPEATED = 6.0, 8
"""Errors that the model repeats, per label that it contradicts, if it contradicts hardly any; and the power of its
agreement with the labels by which they become fewer."""


def rate_bounds(readings: Readings, *, one_way: float, n_classes: int) -> tuple[float, float]:
    """Lowest and highest fraction of wrong labels, whatever kind of noise there is.

    Two signs of noise cannot come from an overlap of classes: labels that go one way more often than back, and labels
    drawn among all classes (of two classes, these look like an overlap). The noise that they prove is the lower bound.
    As far as it makes up all noise that is seen, noise is made, and hides nowhere: the upper bound is the fraction of
    labels that the model contradicts. Otherwise the model may repeat errors, and the more so the better it agrees with
    the labels.

    Parameters
    ----------
    readings : noise rates by several estimators.
    one_way : float from 0 to 1
        `directed_fraction` of the plateaus.
    n_classes : number of classes

    Returns
    -------
    low, high : float from 0 to 1, without the error of sampling

    Source
    ------
    This library. The constants were chosen on half of the sets of ``benchmarks/label_error_kinds.py``; the coverage is
    that of the others.

    Examples
    --------
    All that is seen goes one way; then none of it does:

    >>> seen = Readings(joint=0.2, plateau_labels=0.2, plateau_probs=0.2, doubted=0.2, stray_folds=False)
    >>> [round(end, 2) for end in rate_bounds(seen, one_way=0.9, n_classes=3)]
    [0.15, 0.2]
    >>> [round(end, 2) for end in rate_bounds(seen, one_way=0.0, n_classes=3)]
    [0.0, 0.4]
    """
    seen, joint, doubted = min(readings.plateau_labels, readings.joint), readings.joint, readings.doubted
    drawn = readings.uniform if n_classes > 2 else 0.0
    proved = min(drawn + one_way * seen * (1 - readings.row_share()), joint)
    made = soft_step(proved / joint, *MADE) if joint > 0 else 0.0
    low = made * KEPT * seen + (1 - made) * (PROVED * min(proved, seen) - SLACK)
    hidden = HIDDEN * doubted * (1 - doubted) ** REPEATED
    return max(0.0, low), min(1.0, max(joint, doubted + (1 - made) * hidden))
