"""cleanlab's ``rank``: label quality, 0 = worst, and rows in the order of it; equal rows in the order of the data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.compat.cleanlab.arguments import chosen
from dechaff.errors import InputError
from dechaff.methods.label_errors.label_scores import adjusted_probs, entropy_doubt, margin_doubt
from dechaff.typing import Labels, Probs, Score

Weights = npt.NDArray[np.float64]
EnsembleWeights = Callable[[Labels, Sequence[Probs]], Weights]

_LEAST_OF_A_MEMBER = 1e-6
_LEAST = float(np.finfo(np.float64).eps)


def uniform_weights(labels: Labels, members: Sequence[Probs]) -> Weights:
    """Every model counts the same."""
    return np.full(len(members), 1 / len(members))


def accuracy_weights(labels: Labels, members: Sequence[Probs]) -> Weights:
    """By accuracy on the given labels; uniform if no model predicts any."""
    accuracy = np.array([(probs.argmax(axis=1) == labels).mean() for probs in members])
    return accuracy / accuracy.sum() if accuracy.sum() > 0 else uniform_weights(labels, members)


def log_loss_weights(labels: Labels, members: Sequence[Probs], sharpness: Sequence[float]) -> Weights:
    """By ``exp(-t · log loss)``, with the t of `sharpness` whose weighted mean fits the given labels best."""
    losses = np.array([_log_loss(labels, _above_zero(probs), _LEAST_OF_A_MEMBER) for probs in members])
    candidates = [_shares(-t * losses) for t in sharpness]
    means = (sum(w * probs for w, probs in zip(weights, members, strict=True)) for weights in candidates)
    return candidates[int(np.argmin([_log_loss(labels, np.asarray(mean), _LEAST) for mean in means]))]


def _above_zero(probs: Probs) -> Probs:
    clipped = np.maximum(probs, _LEAST_OF_A_MEMBER)
    return np.asarray(clipped / clipped.sum(axis=1, keepdims=True))


def _shares(logs: npt.NDArray[np.float64]) -> Weights:
    # The largest is subtracted first: exp(-200 · loss) of every model may be 0.
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def _log_loss(labels: Labels, probs: Probs, least: float) -> float:
    given = probs[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(given, least)).mean())


_Quality = Callable[[Labels, Probs], Score]


def get_self_confidence_for_each_label(labels: Any, pred_probs: Any) -> Score:
    """Quality of each label: its probability."""
    labels, probs = check_labels_and_probs(labels, pred_probs)
    # Not one minus the doubt: a probability of 1e-20 must keep its rank below one of 1e-19.
    return np.asarray(probs[np.arange(len(labels)), labels])


def get_normalized_margin_for_each_label(labels: Any, pred_probs: Any) -> Score:
    """Quality of each label: how far it is ahead of the best other one, brought to [0, 1]."""
    return 1 - margin_doubt(*check_labels_and_probs(labels, pred_probs))


def get_confidence_weighted_entropy_for_each_label(labels: Any, pred_probs: Any) -> Score:
    """Quality of each label: the entropy of its row over its probability, brought to [0, 1]."""
    return 1 - entropy_doubt(*check_labels_and_probs(labels, pred_probs))


_QUALITY: dict[str, _Quality] = {
    "self_confidence": get_self_confidence_for_each_label,
    "normalized_margin": get_normalized_margin_for_each_label,
    "confidence_weighted_entropy": get_confidence_weighted_entropy_for_each_label,
}


def get_label_quality_scores(
    labels: Any, pred_probs: Any, *, method: str = "self_confidence", adjust_pred_probs: bool = False
) -> Score:
    """Quality (n,) of each label, 0 = worst."""
    quality = chosen(_QUALITY, method, "method")
    if not adjust_pred_probs:
        return quality(labels, pred_probs)
    if method == "confidence_weighted_entropy":
        raise InputError(
            "adjust_pred_probs",
            "be False with method='confidence_weighted_entropy'",
            "True",
            "Choose method='self_confidence' or 'normalized_margin'.",
        )
    return quality(labels, adjusted_probs(*check_labels_and_probs(labels, pred_probs)))


def get_label_quality_ensemble_scores(
    labels: Any,
    pred_probs_list: Sequence[Any],
    *,
    method: str = "self_confidence",
    adjust_pred_probs: bool = False,
    weight_ensemble_members_by: str = "accuracy",
    custom_weights: Any = None,
    log_loss_search_T_values: Sequence[float] = (1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 2e2),
    verbose: bool = True,
) -> Score:
    """Quality (n,) of each label, 0 = worst: the weighted mean over several models' probabilities."""
    weigh: dict[str, EnsembleWeights] = {
        "uniform": uniform_weights,
        "accuracy": accuracy_weights,
        "log_loss_search": lambda codes, members: log_loss_weights(codes, members, log_loss_search_T_values),
        "custom": lambda codes, members: _custom_weights(custom_weights, len(members)),
    }
    weights_of = chosen(weigh, weight_ensemble_members_by, "weight_ensemble_members_by")
    if custom_weights is not None and weight_ensemble_members_by != "custom":
        _refuse_weights("be left out unless weight_ensemble_members_by='custom'", custom_weights)
    checked = [check_labels_and_probs(labels, member) for member in pred_probs_list]
    if not checked:
        raise InputError("pred_probs_list", "contain one array for each model", "none", "Pass one array at least.")
    codes = checked[0][0]
    if not len(codes):
        return np.zeros(0)
    scores = [
        get_label_quality_scores(codes, p, method=method, adjust_pred_probs=adjust_pred_probs) for _, p in checked
    ]
    return np.asarray(np.stack(scores, axis=1) @ weights_of(codes, [probs for _, probs in checked]))


def _custom_weights(weights: Any, n_members: int) -> npt.NDArray[np.float64]:
    if weights is None or np.shape(weights) != (n_members,):
        _refuse_weights(f"contain one weight for each of {n_members} arrays", weights)
    return np.asarray(weights, dtype=np.float64)


def _refuse_weights(must: str, weights: Any) -> None:
    raise InputError("custom_weights", must, repr(weights), "Pass one number per model, with 'custom'.")


def find_top_issues(quality_scores: Any, *, top: int | None = 10) -> npt.NDArray[np.int64]:
    """The rows of lowest quality, worst first."""
    return np.argsort(np.asarray(quality_scores), kind="stable")[:top]


def order_label_issues(
    label_issues_mask: Any,
    labels: Any,
    pred_probs: Any,
    *,
    rank_by: str = "self_confidence",
    rank_by_kwargs: Mapping[str, Any] | None = None,
) -> npt.NDArray[np.int64]:
    """The flagged rows, the one of lowest quality first."""
    quality = get_label_quality_scores(labels, pred_probs, method=rank_by, **(rank_by_kwargs or {}))
    mask = np.asarray(label_issues_mask)
    if mask.shape != quality.shape or mask.dtype.kind != "b":
        found, fix = f"shape {mask.shape} of {mask.dtype}", "Pass what find_label_issues returns."
        raise InputError("label_issues_mask", f"be a mask of {len(quality)} rows", found, fix)
    rows = np.flatnonzero(mask)
    return rows[np.argsort(quality[rows], kind="stable")]
