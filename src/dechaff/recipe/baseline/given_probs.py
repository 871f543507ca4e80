"""Were given probabilities made by a model that was trained on the rows? Refused if that is certain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dechaff.core.intervals import wilson_interval
from dechaff.errors import ProbsError
from dechaff.models.baseline_guard import AGREES, AVERAGED, FEWEST_ROWS, TIMES_FEWER, UNDERCONFIDENT
from dechaff.typing import Labels, Probs

CERTAIN = 0.99
OWN_AT_MOST = 0.95
LEARNABLE = 0.25
"""Fraction of the way from the largest class to 1 that the columns must allow, to be a fair comparison."""


def refuse_in_sample(
    codes: Labels,
    probs: Probs,
    own: Sequence[Probs],
    knn_rows: npt.NDArray[np.int64],
    knn_probs: Probs | None,
    *,
    features_given: bool,
) -> tuple[str, ...]:
    """A ProbsError if the probabilities must come from a model trained on the rows; else notes for the report.

    Three signs, each careful: (1) every single row has its given label with p > .99, while nothing here can
    show that the classes are that easy; (2) agreement of 99 % or more, with ten times fewer disagreements than
    the best model on the same columns, which stays below 95 %; (3) agreement of 97 % or more
    by probabilities that are far less sure than that: what averages over bootstraps do on rows they have seen.
    """
    labelled = np.flatnonzero(codes >= 0)
    if len(labelled) < FEWEST_ROWS:
        return ("Too few rows to check whether the given probabilities are out-of-sample.",)
    given, taken = codes[labelled], probs[labelled]
    agreement = float((taken.argmax(axis=1) == given).mean())
    rivals = [float((p[labelled].argmax(axis=1) == given).mean()) for p in own]
    if knn_probs is not None:
        rivals.append(float((knn_probs.argmax(axis=1) == codes[knn_rows]).mean()))
    best = max(rivals, default=None)
    all_certain = bool((taken[np.arange(len(given)), given] > CERTAIN).all())
    if all_certain and (best is None or best < 0.98):
        raise _refusal(f"p > {CERTAIN} for the given label in every one of {len(given)} rows")
    if best is None:
        return ("Only labels and probabilities were given, so it cannot be checked that they are out-of-sample.",)
    majority = float(np.bincount(given).max() / len(given))
    if not features_given and best - majority < LEARNABLE * (1 - majority):
        return (
            "The columns predict the labels too weakly to check whether the given probabilities are out-of-sample.",
        )
    _refuse_implausible(agreement, float(taken.max(axis=1).mean()), best, len(given))
    return ()


def _refuse_implausible(agreement: float, confidence: float, best: float, n_rows: int) -> None:
    high = float(wilson_interval(round(best * n_rows) / n_rows, n_rows)[1])
    here = f"the best model here reaches {best:.1%} on rows it was not trained on"
    if agreement >= AGREES and high <= OWN_AT_MOST and (1 - agreement) * TIMES_FEWER <= 1 - high:
        raise _refusal(f"agreement with {agreement:.1%} of the given labels, where {here}")
    if agreement >= AVERAGED and agreement - confidence >= UNDERCONFIDENT and agreement - high >= 0.03:
        raise _refusal(f"agreement with {agreement:.1%} of the labels at a mean confidence of {confidence:.2f}; {here}")


def _refusal(found: str) -> ProbsError:
    return ProbsError(
        "probs",
        "be out-of-sample: predicted by models that were not trained on the row",
        found,
        "In-sample probabilities hide label errors. Use cross-validation, for example "
        "sklearn.model_selection.cross_val_predict(model, X, y, cv=5, method='predict_proba').",
    )
