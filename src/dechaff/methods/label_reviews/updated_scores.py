"""Scores corrected by reviews, as far as the correction holds for rows without a review."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_same_length
from dechaff.errors import InputError
from dechaff.methods.label_reviews.offset_logistic import fit_offset_logistic, log_likelihood
from dechaff.methods.label_reviews.proof_of_order import PROOF, log_wealth
from dechaff.methods.label_reviews.review_corrections import (
    CORRECTIONS,
    LINE_RIDGE,
    MOST_ODDS,
    ODDS_UNIT,
    ClassEffects,
    Columns,
    JudgedRows,
    corrected_by,
    design,
    in_widest,
    line_columns,
    reach_of,
)
from dechaff.methods.label_reviews.review_strata import Reviewed, TrueCodes, Wrong
from dechaff.typing import ClassMatrix, Labels, Numbers

FOLDS = 5
LEAD = 1.0
"""Standard errors that are taken off the lead of a correction over the line: a hundred reviews separate candidates
too badly to believe them at once."""
_DRAWS = 400


@dataclass(frozen=True)
class ScoreUpdate:
    """Corrections learnt from reviews, ready for any rows."""

    effects: ClassEffects
    fitted: tuple[Columns, ...]
    """Parameters of each of `CORRECTIONS`."""
    weights: tuple[float, ...]
    """Of each; what is missing to 1 is the weight of the score as it was."""
    reach: float
    """Log-odds below which effects of classes and of evidence fade."""
    covariance: ClassMatrix
    """(2, 2) what is left uncertain: a shift of all log-odds, and a factor on them."""
    proved: bool = True
    """Whether the reviews prove, at odds of twenty to one, that these scores are better than those of before."""

    @property
    def weight(self) -> float:
        """Weight of the corrections in the score, from 0 to 1."""
        return float(sum(self.weights))

    def log_odds(self, rows: JudgedRows) -> Numbers:
        """Corrected log-odds of being wrong."""
        corrections = zip(CORRECTIONS, self.fitted, self.weights, strict=True)
        mean = np.sum(
            [weight * in_widest(correction, fitted, self.effects) for correction, fitted, weight in corrections], axis=0
        )
        return np.asarray(rows.log_odds + corrected_by(rows, self.effects, mean, reach=self.reach))


def updated_scores(rows: JudgedRows, *, reviewed: Reviewed, wrong: Wrong, seed: int = 0) -> ScoreUpdate:
    """What verdicts on some rows teach about the log-odds of all.

    Nine candidates: the score as it was; a line through its log-odds, with a bend at even odds; the line with other
    evidence of the model; either with effects of the given class, of the suggested class and of their pair, held near
    zero by a ridge that is weak, middling or strong. So few reviews move the level alone, many also single cells of
    the noise. Each is fitted by the likelihood of the verdicts *given* what is known of the row, for which it does not
    matter how the rows were chosen, be it the worst ones. The candidates are averaged, weighted by how well each
    foretells reviews that it has not seen: a correction that does not hold for other rows hardly counts, and where
    none does, the score stays. Only the line counts until the reviews prove, at odds of twenty to one, that other
    corrections hold below the rows from which they were learnt (`log_wealth`): until then the order of the rows stays.

    Parameters
    ----------
    rows : JudgedRows
        All rows, or at least those that were read.
    reviewed : (r,) int
        Positions of the rows that were read, each once; two or more.
    wrong : (r,) bool
        Whether the given label was wrong.
    seed : decides the folds.

    Raises
    ------
    InputError
        If lengths differ, or fewer than two rows were read.

    Source
    ------
    Platt (1999) for the line; Yao, Vehtari, Simpson, Gelman (2018), Bayesian Analysis 13, pseudo-BMA+, for the
    weights. Differs: a standard error is taken off every lead over the line; effects other than the line shrink where
    it flattens the score, fade below the reviewed rows, and wait for the proof of `log_wealth`.

    Examples
    --------
    A model is too sure by a factor of four, and 200 reviews tell:

    >>> random = np.random.default_rng(0)
    >>> odds = random.normal(0, 2, 2000)
    >>> wrong = random.random(2000) < 1 / (1 + np.exp(-odds))
    >>> one = np.zeros(2000, dtype=np.int64)
    >>> rows = JudgedRows(4 * odds, one, one + 1, np.zeros((2000, 2)))
    >>> updated = updated_scores(rows, reviewed=np.arange(200), wrong=wrong[:200])
    >>> print(*(np.abs(found - odds).mean().round(1) for found in (rows.log_odds, updated.log_odds(rows))))
    4.8 1.0
    """
    check_same_length(reviewed=reviewed, wrong=wrong)
    if len(reviewed) < 2:
        raise InputError("reviewed", "contain two rows at least", str(len(reviewed)), "Review some more rows.")
    seen, truth = rows.take(reviewed), wrong.astype(np.float64)
    effects = ClassEffects.of(seen)
    designs = [design(seen, correction, effects) for correction in CORRECTIONS]
    fold = np.random.default_rng(seed).permutation(len(truth)) % min(FOLDS, len(truth))
    offset = np.clip(seen.log_odds, -MOST_ODDS, MOST_ODDS)
    likelihoods, fits = [log_likelihood(offset, truth)], []
    for columns_and_ridge in designs:
        fit, likelihood = _fitted(columns_and_ridge, offset, truth, fold)
        fits.append(fit)
        likelihoods.append(likelihood)
    weights = _weights(np.stack(likelihoods), seed)[1:]
    order_is_proved = log_wealth(designs, offset, truth) >= PROOF
    if not order_is_proved:
        weights = np.append(weights.sum(), np.zeros(len(weights) - 1))  # the line alone, which keeps the order
    as_it_was = np.zeros((len(truth), 1)), np.ones(1)
    proved = order_is_proved or log_wealth([as_it_was, designs[0]], offset, truth) >= PROOF
    updated = ScoreUpdate(effects, tuple(fits), tuple(weights.tolist()), reach_of(seen), np.zeros((2, 2)), proved)
    return replace(updated, covariance=_covariance(updated.log_odds(seen)))


def _fitted(
    columns_and_ridge: tuple[Columns, Columns], offset: Numbers, truth: Numbers, fold: npt.NDArray[np.int64]
) -> tuple[Numbers, Numbers]:
    """Parameters of the fit to all reviews, and the log-likelihood of each under the fit to the other folds."""
    columns, ridge = columns_and_ridge
    whole = fit_offset_logistic(columns, offset, truth, ridge)
    likelihood = np.empty(len(truth))
    for part in range(int(fold.max()) + 1):
        rest, here = fold != part, fold == part
        fit = fit_offset_logistic(columns[rest], offset[rest], truth[rest], ridge, start=whole)
        likelihood[here] = log_likelihood(offset[here] + columns[here] @ fit, truth[here])
    return whole, likelihood


def _weights(likelihoods: npt.NDArray[np.float64], seed: int) -> npt.NDArray[np.float64]:
    """Pseudo-BMA+: the weights of the candidates, averaged over a Bayesian bootstrap of the reviews."""
    n = likelihoods.shape[1]
    draws = np.random.default_rng(seed).dirichlet(np.ones(n), _DRAWS) * n
    totals = draws @ likelihoods.T
    totals -= LEAD * (totals - totals[:, 1:2]).std(axis=0)  # place 1 is the line
    shares = np.exp(totals - totals.max(axis=1, keepdims=True))
    return np.asarray((shares / shares.sum(axis=1, keepdims=True)).mean(axis=0))


def _covariance(log_odds: Numbers) -> ClassMatrix:
    """Of a shift and a factor, given the reviews: the inverse of their information."""
    line = line_columns(log_odds)
    chance = 1 / (1 + np.exp(-line[:, 1] * ODDS_UNIT))
    information = (line.T * (chance * (1 - chance))) @ line + np.diag(LINE_RIDGE)
    scale = np.array([1.0, 1 / ODDS_UNIT])
    return np.asarray(np.linalg.inv(information) * np.outer(scale, scale))


_TINY = 1e-12


def updated_joint(
    joint: ClassMatrix,
    labels: Labels,
    suggested: Labels,
    before: Numbers,
    after: Numbers,
    *,
    reviewed: Reviewed,
    true: TrueCodes,
) -> ClassMatrix:
    """Expected number of rows by given label (row) and true class (column), corrected by the reviews.

    A cell off the diagonal grows or shrinks as the scores of the rows do that stand for it: those with its given
    label for which its true class is the suggested one. Reviewed rows count as their reviewed class.

    Parameters
    ----------
    joint : (k, k) float
        Before the reviews.
    labels : (n,) int
        Given labels.
    suggested : (n,) int
        Most probable other class.
    before, after : (n,) float
        Log-odds of being wrong.
    reviewed : (r,) int
        Positions of the rows that were read.
    true : (r,) int
        Reviewed class; -1 = none of the classes, which is not counted.

    Returns
    -------
    (k, k) float
        Row i adds up to the number of labels i, less the rows that belong to no class.

    Source
    ------
    Own: posterior counts of a transition matrix, as in Patrini et al. (2017), CVPR, scaled cell by cell.

    Examples
    --------
    >>> labels, suggested = np.array([0, 0, 1]), np.array([1, 1, 0])
    >>> joint = np.array([[1.0, 1.0], [0.5, 0.5]])
    >>> doubled = np.array([-10.0, 20.0, 0.0])
    >>> updated_joint(
    ...     joint, labels, suggested, np.zeros(3), doubled, reviewed=np.array([0]), true=np.array([0])
    ... ).round(1)
    array([[1. , 1. ],
           [0.5, 0.5]])
    """
    from scipy.special import expit

    k = len(joint)
    unread = np.ones(len(labels), dtype=bool)
    unread[reviewed] = False
    pair = labels * k + suggested
    was = np.bincount(pair, weights=expit(before), minlength=k * k).reshape(k, k)
    now = np.bincount(pair[unread], weights=expit(after[unread]), minlength=k * k).reshape(k, k)
    off = np.where(np.eye(k, dtype=bool), 0.0, joint * now / np.maximum(was, _TINY))
    rows = np.bincount(labels[unread], minlength=k)
    off *= np.minimum(1.0, rows / np.maximum(off.sum(axis=1), _TINY))[:, None]
    updated = off + np.diag(rows - off.sum(axis=1))
    known = true >= 0
    np.add.at(updated, (labels[reviewed[known]], true[known]), 1.0)
    return updated
