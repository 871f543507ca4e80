"""Some rows looked at with what was learned from all: their true classes, and other labels that they might carry."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs, check_probs
from dechaff.methods.label_errors.judged_labels import JudgedLabels
from dechaff.methods.label_errors.noise_posterior import dense_posterior, dense_true_probs
from dechaff.methods.label_errors.row_verdicts import RowVerdicts, rows_judged
from dechaff.typing import Axes, Figures

SomeLabels = Annotated[npt.NDArray[np.int64], Axes("m")]
SomeProbs = Annotated[npt.NDArray[np.float64], Axes("m k")]


def posterior_of(judged: JudgedLabels, labels: SomeLabels, probs: SomeProbs) -> SomeProbs:
    """p(true class | row, given label) of the rows passed, by what was learned from all rows.

    Parameters
    ----------
    judged : JudgedLabels
        Of the whole data set.
    labels : (m,) int, 0 … k-1
        Given labels of some rows, the same or new ones.
    probs : (m, k) float, rows sum to 1
        Out-of-sample probabilities of these rows.

    Returns
    -------
    (m, k) float, rows sum to 1

    Raises
    ------
    InputError
        As `judge_labels`.

    Source
    ------
    `noise_posterior`.

    Examples
    --------
    >>> import numpy as np
    >>> from dechaff.methods.label_errors.judged_labels import judge_labels
    >>> labels, probs = np.repeat([0, 1], 50), np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> labels[:5] = 1
    >>> found = judge_labels(labels, probs)
    >>> posterior_of(found, labels[:1], probs[:1]).round(1)
    array([[1., 0.]])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    return dense_posterior(labels, probs, judged.transition, power=1 / judged.temperature, steps=judged.steps)


def verdicts_of(judged: JudgedLabels, labels: SomeLabels, probs: SomeProbs) -> tuple[Figures, SomeLabels]:
    """Log-odds and suggestions of the rows passed, by what was learned from all rows.

    Parameters
    ----------
    judged : JudgedLabels
        Of the whole data set.
    labels : (m,) int, 0 … k-1
        Labels of some rows, the given ones or others that they might have.
    probs : (m, k) float, rows sum to 1
        Out-of-sample probabilities of these rows.

    Returns
    -------
    log_odds : (m,) float
        Of each label being wrong.
    suggested : (m,) int
        Most probable other class.

    Raises
    ------
    InputError
        As `judge_labels`.

    Source
    ------
    As `judge_labels`.

    Examples
    --------
    >>> import numpy as np
    >>> from dechaff.methods.label_errors.judged_labels import judge_labels
    >>> labels, probs = np.repeat([0, 1], 50), np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> labels[:5] = 1
    >>> found = judge_labels(labels, probs)
    >>> log_odds, suggested = verdicts_of(found, labels[:1], probs[:1])
    >>> bool(np.isclose(log_odds[0], found.log_odds[0])), suggested
    (True, array([0]))
    """
    labels, probs = check_labels_and_probs(labels, probs)
    verdicts = RowVerdicts(1 / judged.temperature, judged.transition, judged.by_margin, judged.steps)
    found = rows_judged(verdicts, labels=labels, probs=probs)
    return found.log_odds, found.suggested


def true_probs_of(judged: JudgedLabels, probs: SomeProbs) -> SomeProbs:
    """p(true class | row) of the rows passed, by what was learned from all rows, before any label is heard.

    Parameters
    ----------
    judged : JudgedLabels
        Of the whole data set.
    probs : (m, k) float, rows sum to 1
        Out-of-sample probabilities of these rows.

    Returns
    -------
    (m, k) float, rows sum to 1
        0 beyond the seven most probable classes of a row.

    Raises
    ------
    InputError
        If a row does not sum to 1.

    Source
    ------
    `noise_posterior`.

    Examples
    --------
    >>> import numpy as np
    >>> from dechaff.methods.label_errors.judged_labels import judge_labels
    >>> labels, probs = np.repeat([0, 1], 50), np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> labels[:5] = 1
    >>> true_probs_of(judge_labels(labels, probs), probs[:1]).round(1)
    array([[1., 0.]])
    """
    power = 1 / judged.temperature
    return dense_true_probs(check_probs(probs), judged.transition, power=power, steps=judged.steps)
