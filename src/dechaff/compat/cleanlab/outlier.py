"""cleanlab's ``outlier``: how well each row fits in, 0 = does not, by its neighbours or by a model's probabilities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from dechaff.checks import check_probs
from dechaff.compat.cleanlab.arguments import check_one, chosen, read_labels_and_probs
from dechaff.compat.cleanlab.near_rows import nearest_by_metric, read_features, usual_metric
from dechaff.core.over_arrays import map_arrays
from dechaff.errors import InputError
from dechaff.methods.label_errors.confident_thresholds import confident_thresholds
from dechaff.methods.label_errors.label_scores import AdjustedProbs
from dechaff.methods.outliers.scores import distance_doubt, generalised_entropy, prediction_entropy, usual_distance
from dechaff.typing import Probs, Score

_USUAL_K = 10
_DOUBT: dict[str, Callable[[Probs, Mapping[str, Any]], Score]] = {
    "entropy": lambda probs, params: prediction_entropy(probs),
    "least_confidence": lambda probs, params: 1 - probs.max(axis=1),
    "gen": lambda probs, params: generalised_entropy(probs, most=params["M"], power=params["gamma"]),
}

_MUST: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "k": ("be a whole number from 1, or None", lambda k: k is None or (k >= 1 and int(k) == k)),
    "t": ("be a number from 0", lambda t: t >= 0),
    "M": ("be a whole number from 1", lambda most: most >= 1 and int(most) == most),
    "gamma": ("be a number from 0 to 1", lambda power: 0 <= power <= 1),
}


class OutOfDistribution:
    """Scores (n,) of rows by the data that it was fitted to; 0 = fits in least.

    Parameters
    ----------
    params : dict
        ``k`` and ``t`` for features; ``method``, ``adjust_pred_probs``, ``confident_thresholds``, ``M`` and ``gamma``
        for probabilities, as in cleanlab. ``knn`` must be None: near rows are found here.

    Examples
    --------
    >>> features = np.random.default_rng(0).normal(size=(200, 2))
    >>> features[7] = 20
    >>> int(OutOfDistribution().fit_score(features=features, verbose=False).argmin())
    7
    """

    DEFAULT_PARAM_DICT: ClassVar[dict[str, Any]] = {
        "k": None,
        "t": 1,
        "knn": None,
        "method": "entropy",
        "adjust_pred_probs": True,
        "confident_thresholds": None,
        "M": 100,
        "gamma": 0.1,
    }

    def __init__(self, params: dict[str, Any] | None = None) -> None:
        unknown = sorted(set(params or {}) - set(self.DEFAULT_PARAM_DICT))
        if unknown:
            known = ", ".join(self.DEFAULT_PARAM_DICT)
            raise InputError("params", f"be some of {known}", unknown[0], "Leave it out.")
        self.params = {**self.DEFAULT_PARAM_DICT, **(params or {})}
        if self.params["knn"] is not None:
            fix = "Leave it out, and pass features: near rows are found exactly."
            raise InputError("params", "have no knn", repr(self.params["knn"]), fix)
        for name, (must, fits) in _MUST.items():
            if not _fits(self.params[name], fits):
                raise InputError(f"params[{name!r}]", must, repr(self.params[name]), "Leave it out to use the default.")
        self._features: Any = None

    def fit(self, *, features: Any = None, pred_probs: Any = None, labels: Any = None, verbose: bool = True) -> None:
        """Fits the usual distances to near rows, or the usual confidence of the model per class."""
        self.fit_score(features=features, pred_probs=pred_probs, labels=labels, verbose=verbose)

    def fit_score(
        self, *, features: Any = None, pred_probs: Any = None, labels: Any = None, verbose: bool = True
    ) -> Score:
        """The same, and the scores of these rows: each by the others."""
        check_one(features=features, pred_probs=pred_probs)
        if features is None:
            return self._fit_probs(pred_probs, labels)
        rows = read_features(features)
        metric = usual_metric(rows)
        self._features = rows
        distance = nearest_by_metric(rows, self._k, metric=metric).distance.mean(axis=1)
        self.params["scaling_factor"] = usual_distance(distance)
        return self._of_distance(distance)

    def score(self, *, features: Any = None, pred_probs: Any = None) -> Score:
        """Scores of other rows."""
        check_one(features=features, pred_probs=pred_probs)
        if features is None:
            return self._of_probs(check_probs(pred_probs, name="pred_probs"))
        if self._features is None:
            raise InputError("OutOfDistribution", "be fitted to features first", "nothing", "Call fit(features=…).")
        rows, metric = read_features(features), usual_metric(self._features)
        found = nearest_by_metric(self._features, self._k, metric=metric, queries=rows)
        return self._of_distance(found.distance.mean(axis=1))

    @property
    def _k(self) -> int:
        return _USUAL_K if self.params["k"] is None else int(self.params["k"])

    def _of_distance(self, distance: Score) -> Score:
        return 1 - distance_doubt(distance, usual=self.params["scaling_factor"], sharpness=self.params["t"])

    def _fit_probs(self, pred_probs: Any, labels: Any) -> Score:
        if not self.params["adjust_pred_probs"]:
            return self._of_probs(check_probs(pred_probs, name="pred_probs"))
        if labels is None:
            fix = "Pass them, or set params={'adjust_pred_probs': False}."
            raise InputError("labels", "be passed to adjust pred_probs", "None", fix)
        codes, probs = read_labels_and_probs(labels, pred_probs)
        if self.params["confident_thresholds"] is None:
            self.params["confident_thresholds"] = confident_thresholds(codes, probs)
        return self._of_probs(probs)

    def _of_probs(self, probs: Probs) -> Score:
        if self.params["adjust_pred_probs"]:
            if self.params["confident_thresholds"] is None:
                raise InputError("OutOfDistribution", "be fitted first", "nothing", "Call fit(pred_probs=…, labels=…).")
            thresholds = np.asarray(self.params["confident_thresholds"], dtype=np.float64)
            if thresholds.shape != probs.shape[1:]:
                found = f"{probs.shape[1]} columns, and {thresholds.size} thresholds"
                fix = "Take the probabilities of the model that it was fitted to."
                raise InputError("pred_probs", "have a column for each confident threshold", found, fix)
            probs = map_arrays(AdjustedProbs(thresholds), probs=probs)
        return 1 - chosen(_DOUBT, self.params["method"], "method")(probs, self.params)


def _fits(value: Any, fits: Callable[[Any], bool]) -> bool:
    try:
        return bool(fits(value))
    except (TypeError, ValueError, OverflowError):
        return False
