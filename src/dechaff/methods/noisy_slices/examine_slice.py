"""Examines one slice with a model trained outside it, and suggests what to do with its rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from dechaff.core.temperature import Sharpened, fit_sharpness
from dechaff.methods.noisy_slices.condition import Condition, mask_of, stack
from dechaff.methods.noisy_slices.slice_evidence import (
    RULE_MARGIN,
    SliceTransition,
    agreement,
    chance_above,
    critical_z,
    excess_disagreement,
    expected_agreement,
    slice_transition,
)
from dechaff.methods.noisy_slices.slice_models import SliceModels, trained_on
from dechaff.typing import ClassMatrix, ClassVector, Labels, Mask, Numbers, Probs, Rows

_OVERCONFIDENCE = 0.05
"""Weight of equal chances that is mixed into probabilities before their likelihoods are compared."""
_LEAST = 1e-9


def only_other_shares(labels: Labels, probs: Probs, prior: ClassVector, found: SliceTransition) -> bool:
    """Whether other class shares explain rows and labels of a slice as well as wrong labels do.

    The model gives the likelihood of a row under each class, ``p(x | j) ∝ q_j(x) / prior_j``. Sound labels y with
    shares w make the slice as likely as ``Π w_y p(x | y)``; wrong ones as ``Π sum_j T[y, j] v_j p(x | j)`` with the
    transition T and the true shares v. The two are compared by BIC: every cell of T that is in use costs one
    parameter, the fractions of the labels are free. A T that spreads errors evenly over all other classes costs one
    parameter in all, and the better of the two T counts: of many classes, no slice has the rows for each cell. Labels
    that are all of one class while the rows look like two are thereby wrong, and labels that are nearly all of one
    class while the rows look like it are not.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels of the rows of the slice.
    probs : (n, k) float, rows sum to 1
        Of a model that was trained on other rows.
    prior : (k,) float, sum 1
        Class fractions of the rows that it was trained on.
    found : the transition of the slice by :func:`slice_transition`

    Source
    ------
    Saerens, Latinne, Decaestecker (2002), Neural Computation 14(1), equation 2.4 for the likelihood under other shares;
    Schwarz (1978), Annals of Statistics 6(2), for the comparison.

    Examples
    --------
    >>> looks_like_both = np.array([[0.9, 0.1], [0.1, 0.9]] * 20)
    >>> labels = np.zeros(40, dtype=np.int64)
    >>> only_other_shares(labels, looks_like_both, np.array([0.5, 0.5]), slice_transition(labels, looks_like_both))
    False
    """
    n, k = probs.shape
    likelihood = ((1 - _OVERCONFIDENCE) * probs + _OVERCONFIDENCE / k) / np.maximum(prior, _LEAST)
    shares = np.bincount(labels, minlength=k) / n
    sound = shares[labels] * likelihood[np.arange(n), labels]
    cells = found.transition * found.posterior.sum(axis=0)
    np.fill_diagonal(cells, 0.0)
    even = np.full((k, k), found.noise_rate / max(k - 1, 1))
    np.fill_diagonal(even, 1 - found.noise_rate)

    def gain(transition: ClassMatrix, parameters: int) -> float:
        wrong = (transition[labels] * found.posterior.mean(axis=0) * likelihood).sum(axis=1)
        return float(np.log(np.maximum(wrong, _LEAST) / sound).sum() - 0.5 * parameters * np.log(n))

    return max(gain(found.transition, int((cells >= 1).sum())), gain(even, 1)) < 0


SliceAction = Literal["drop", "relabel", "judge", "review"]
"""``judge`` = decide each row by itself, by what a model from outside says of it."""

LEVEL = 0.01
"""Probability that any of the tested conditions is significant in data without noisy slices."""
_NEEDED = 0.03
_LEAST_EXCESS = 0.15
_TURNED_ROUND = 0.5
"""Excess disagreement from which a rule that is learned without trouble is worth a look all the same."""
_ENOUGH_TO_LEARN = 60
_FEWEST_TO_KNOW_A_CLASS = 10


@dataclass(frozen=True)
class NoisySlice:
    """One slice with the evidence; ``found.posterior`` (m, k) is of the true classes of ``rows`` (m,).

    ``agreement_within`` is that of a model trained on other rows of the slice: high where the slice follows a
    rule of its own, right or wrong; NaN if the slice is too small to tell.
    """

    condition: Condition
    rows: Rows
    agreement_inside: float
    agreement_outside: float
    expected_inside: float
    agreement_within: float
    z: float
    p_value: float
    found: SliceTransition
    action: SliceAction


@dataclass(frozen=True)
class Look:
    """The candidate slice: a ``condition``, its ``rows``, and ``beside``.

    ``beside`` are the other rows on which the part of the condition holds that may matter to the label: empty for
    a plain condition.
    """

    condition: Condition
    rows: Rows
    beside: npt.NDArray[np.int64]


def examine_slice(models: SliceModels, probs: Probs, look: Look, outside: Mask, *, n_tested: int) -> NoisySlice | None:
    """The slice with its evidence, or None if it is not significant.

    A slice must disagree far more than the model's confidence allows, beyond Bonferroni's bound, and wrong labels
    must explain that better than other class shares would. Rows of classes that hardly exist outside the slice
    cannot be judged from there and are left out.

    Parameters
    ----------
    models : labels (n,), folds (n,) and models
    probs : (n, k) float, rows sum to 1
        From models that have not seen the rows of the slice.
    look : the condition and its rows
    outside : (n,) bool
        Rows that the models of ``probs`` were trained on.
    n_tested : number of conditions among which this one was picked; Bonferroni's bound goes by it.
    """
    labels = models.labels
    known = np.bincount(labels[outside], minlength=models.n_classes) >= _FEWEST_TO_KNOW_A_CLASS
    rows = look.rows[known[labels[look.rows]]]
    if len(rows) == 0 or not outside.any():
        return None
    expected = expected_agreement(labels, probs, among=outside)
    only = mask_of(rows, len(labels))
    z = float(excess_disagreement(labels, probs, expected, stack([(look.condition, only)], len(labels)), among=only)[0])
    agrees = probs.argmax(axis=1) == labels
    inside, wanted = agreement(labels, probs, rows), float(expected[rows].mean())
    chances = _calibrated(labels, probs, outside)
    found = slice_transition(labels[rows], chances[rows])
    stands_out = z >= critical_z(n_tested, level=LEVEL) and wanted - inside >= _LEAST_EXCESS
    if not stands_out or found.noise_rate < _LEAST_EXCESS:
        return None
    prior = np.bincount(labels[outside], minlength=models.n_classes) / outside.sum()
    if only_other_shares(labels[rows], chances[rows], prior, found):
        return None
    incidental = _is_incidental(look, expected - agrees)
    if incidental and _is_needed(models, look.condition, agrees, outside):
        if _surprise(labels, models.in_sight, rows, outside) < _LEAST_EXCESS:
            return None
        incidental = False
    if not incidental and _is_a_rule(models, found, rows, outside, wanted):
        return None
    within = _agreement_within(models, look.condition, rows)
    action = _action(models, found, within, rows, outside, incidental=incidental)
    share = float(agrees[outside].mean())
    return NoisySlice(look.condition, rows, inside, share, wanted, within, z, chance_above(z), found, action)


def seen_again(models: SliceModels, probs: Probs, one: NoisySlice, outside: Mask) -> NoisySlice:
    """The same slice under a later model, which has seen none of the slices.

    Parameters
    ----------
    models : labels (n,)
    probs : (n, k) float, rows sum to 1
    one : the slice
    outside : (n,) bool
        The rows that the model was trained on.
    """
    chances = _calibrated(models.labels, probs, outside)
    found = slice_transition(models.labels[one.rows], chances[one.rows])
    return replace(one, found=found, agreement_inside=agreement(models.labels, probs, one.rows))


def _calibrated(labels: Labels, probs: Probs, outside: Mask) -> Probs:
    """Probabilities of every row, by temperature scaling on the rows outside the slice.

    A text model is often right where it says .6: its doubts would excuse every wrong label of a slice.
    """
    return Sharpened(fit_sharpness(labels[outside], probs[outside])).rows({"probs": probs})


def _is_a_rule(models: SliceModels, found: SliceTransition, rows: Rows, outside: Mask, wanted: float) -> bool:
    """Whether the labels may follow a rule of their own, which a model that sees everything learns without trouble.

    Random labels are of many classes and cannot be predicted, and labels that are wrong disagree with such a model
    beyond its confidence; of a few rows neither can be told. Labels that turn round altogether are worth a look even if
    they are memorised. In every case a model trained outside must be surprised with sight of the columns, too.
    """
    labels, in_sight = models.labels, models.in_sight
    if len(rows) < _ENOUGH_TO_LEARN:
        return True
    seeing = trained_on(models, outside, models.screens[0])
    if found.nature == "swapped":
        return wanted - agreement(labels, seeing, rows) < _TURNED_ROUND
    if _surprise(labels, seeing, rows, outside) < _LEAST_EXCESS:
        return True
    if found.nature == "random":
        mixed = _largest_share(labels[rows]) <= _largest_share(labels[outside]) + _LEAST_EXCESS
        return not mixed or _learnable(labels[rows], agreement(labels, in_sight, rows))
    return _surprise(labels, in_sight, rows, outside) < _LEAST_EXCESS


def _surprise(labels: Labels, probs: Probs, rows: Rows, outside: Mask) -> float:
    """How far the agreement of labels with a model is below its confidence."""
    expected = expected_agreement(labels, probs, among=outside)
    return float(expected[rows].mean()) - agreement(labels, probs, rows)


def _agreement_within(models: SliceModels, condition: Condition, rows: Rows) -> float:
    if len(rows) < _ENOUGH_TO_LEARN or len(np.unique(models.folds[rows])) < 2:
        return float("nan")
    model = models.examiner(condition.columns)
    probs = trained_on(models, mask_of(rows, len(models.labels)), model)
    return agreement(models.labels, probs, rows)


def _is_incidental(look: Look, surprise: Numbers) -> bool:
    """Of a mixed conjunction: whether labels turn round with its incidental part, and not with the other alone."""
    if look.condition.incidental or len(look.beside) == 0:
        return look.condition.incidental
    return look.condition.touches_incidental and float(surprise[look.beside].mean()) < _LEAST_EXCESS / 2


def _is_needed(models: SliceModels, condition: Condition, agrees: Mask, outside: Mask) -> bool:
    """Whether models do clearly worse outside the slice without the columns that its condition is about.

    That such a column is empty then says something about the label, and models trained where it is filled cannot
    judge the rows where it is not.
    """
    seeing, blind = models.screens[0], models.examiner(condition.columns)
    if blind is seeing:
        return False
    probs = trained_on(models, outside, seeing)
    with_sight = probs[outside].argmax(axis=1) == models.labels[outside]
    return bool(with_sight.mean() - agrees[outside].mean() > _NEEDED)


def _action(
    models: SliceModels, found: SliceTransition, within: float, rows: Rows, outside: Mask, *, incidental: bool
) -> SliceAction:
    """Whether to act automatically: only if the evidence excludes a rule that is merely different in the slice."""
    labels = models.labels
    if found.nature == "random":
        seen = agreement(labels, models.in_sight, rows)
        rule = _learnable(labels[rows], np.fmax(within, seen))
        return "review" if rule else "drop"
    if found.nature == "swapped" and incidental and _second_agrees(models, rows, outside):
        return "relabel"
    return "judge" if found.nature == "partly wrong" else "review"


def _learnable(labels: Labels, within: float) -> bool:
    share = _largest_share(labels)
    return bool(within > share + max(RULE_MARGIN, 2 * np.sqrt(share * (1 - share) / len(labels))))


def _largest_share(labels: Labels) -> float:
    return float(np.bincount(labels).max() / len(labels))


def _second_agrees(models: SliceModels, rows: Rows, outside: Mask) -> bool:
    if models.second_opinion is None:
        return True
    fit_rows = np.flatnonzero(outside)
    probs = models.second_opinion(fit_rows, models.labels[fit_rows], rows)
    return slice_transition(models.labels[rows], probs).nature == "swapped"
