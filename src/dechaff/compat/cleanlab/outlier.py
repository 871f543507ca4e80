"""cleanlab's ``outlier``: how well each row fits in, 0 = does not, by its neighbours or by a model's probabilities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs, check_probs, refuse_cells
from dechaff.compat.cleanlab.arguments import Inputs, check_one, chosen
from dechaff.core.neighbours import cosine_rows, euclidean_rows, nearest
from dechaff.core.neighbours.comparable import Comparable
from dechaff.core.over_arrays import map_arrays
from dechaff.errors import InputError
from dechaff.methods.label_errors.confident_thresholds import confident_thresholds
from dechaff.methods.label_errors.label_scores import AdjustedProbs
from dechaff.methods.outliers.scores import distance_doubt, generalised_entropy, prediction_entropy, usual_distance
from dechaff.typing import Axes, Probs, Score

FEW_COLUMNS = 3
_METRICS: dict[str, Callable[[npt.NDArray[Any]], Comparable]] = {"cosine": cosine_rows, "euclidean": euclidean_rows}


def usual_metric(features: npt.NDArray[Any]) -> str:
    """What cleanlab compares such rows by."""
    return "cosine" if features.shape[1] > FEW_COLUMNS else "euclidean"


def read_numbers(features: Any) -> npt.NDArray[Any]:
    """An (n, d) array of numbers."""
    array = np.asarray(features)
    if array.ndim != 2 or array.dtype.kind not in "fiub":
        found = f"shape {array.shape} of {array.dtype}"
        fix = "Turn texts and categories into numbers first, such as an embedding."
        raise InputError("features", "be a table of numbers, one row per example", found, fix)
    return array


def read_features(features: Any) -> npt.NDArray[Any]:
    """An (n, d) array of finite numbers."""
    array = read_numbers(features)
    refuse_cells(~np.isfinite(array), array, "features", "be finite", "Fill or leave out such columns.")
    return array


@dataclass(frozen=True)
class NearRows:
    """The nearest rows of each row and how far they are, the nearest first."""

    ids: Annotated[npt.NDArray[np.int64], Axes("n k")]
    distance: Annotated[npt.NDArray[np.float64], Axes("n k")]


def nearest_by_metric(
    features: npt.NDArray[Any], k: int, *, metric: Any, queries: npt.NDArray[Any] | None = None
) -> NearRows:
    """The k nearest rows of each row, or of each query; a row without a direction is one away from all."""
    others = max(len(features) - (queries is None), 0)
    if not 1 <= k <= others:
        found = f"{k}, and {others} rows to choose from"
        raise InputError("k", "be at least 1, and no more than there are other rows", found, "Take a smaller k.")
    if metric not in _METRICS:
        return _nearest_by_other_metric(features, k, metric, queries)
    found_rows = nearest(_METRICS[metric](features), k, queries=queries)
    alike = found_rows.similarity
    return NearRows(found_rows.ids, -alike if metric == "euclidean" else np.where(np.isnan(alike), 1.0, 1 - alike))


def _nearest_by_other_metric(features: npt.NDArray[Any], k: int, metric: Any, queries: Any) -> NearRows:
    """The same by a metric of scikit-learn's, or a function of two rows."""
    from sklearn.neighbors import VALID_METRICS, NearestNeighbors

    if not callable(metric):
        chosen(dict.fromkeys([*_METRICS, *VALID_METRICS["brute"]]), metric, "metric")
    distance, ids = NearestNeighbors(n_neighbors=k, metric=metric).fit(features).kneighbors(queries)
    return NearRows(ids.astype(np.int64), distance)


def nearest_in_graph(graph: Any, k: int | None) -> NearRows:
    """The same from a sparse matrix (n, n) of distances; of equally near rows the lower one.

    If k is None, the usual number, or as many as each row of the graph has.
    """
    if not hasattr(graph, "tocsr"):
        fix = "Pass, for example, sklearn.neighbors.kneighbors_graph(features, k, mode='distance')."
        raise InputError("knn_graph", "be a sparse matrix of distances", type(graph).__name__, fix)
    rows = graph.tocsr()
    counts = np.diff(rows.indptr)
    k = max(min(USUAL_K, counts.min(initial=USUAL_K)), 1) if k is None else k
    few = np.flatnonzero(counts < k)
    if len(few) or k < 1:
        found = f"{counts[few[0]]} in row {few[0]} ({len(few)} in all)" if len(few) else f"k={k}"
        raise InputError("knn_graph", f"contain k={k} neighbours of each row, k at least 1", found, "Take a smaller k.")
    of_row = np.repeat(np.arange(len(counts)), counts)
    order = np.lexsort((rows.indices, rows.data, of_row))
    first = order[rows.indptr[:-1, None] + np.arange(k)]
    return NearRows(rows.indices[first].astype(np.int64), rows.data[first].astype(np.float64))


USUAL_K = 10


def near_rows_of(rows: Inputs, k: int | None, metric: Any) -> tuple[NearRows, npt.NDArray[np.bool_]]:
    """Up to k neighbours of the rows without gaps, and which these are."""
    if rows.knn_graph is not None:
        return nearest_in_graph(rows.knn_graph, k), np.ones(rows.knn_graph.shape[0], dtype=bool)
    assert rows.features is not None
    k = USUAL_K if k is None else k
    if k < 1:
        raise InputError("k", "be at least 1", str(k), "Leave it out to use the default.")
    kind = rows.features.dtype.kind
    known = np.isfinite(rows.features).all(axis=1) if kind == "f" else np.ones(len(rows.features), dtype=bool)
    features = read_features(rows.features[known])
    k = min(k, len(features) - 1)
    if k < 1:
        return NearRows(np.zeros((len(features), 1), dtype=np.int64), np.zeros((len(features), 1))), known
    return nearest_by_metric(features, k, metric=usual_metric(features) if metric is None else metric), known


def near_graph(rows: Inputs, k: int | None, metric: Any) -> Any:
    """(n, n) sparse: how far the nearest rows are from each row."""
    from scipy.sparse import csr_array

    if rows.knn_graph is not None:
        return rows.knn_graph.tocsr()
    near, known = near_rows_of(rows, k, metric)
    places = np.flatnonzero(known)
    start = np.repeat(places, near.ids.shape[1])
    return csr_array((near.distance.ravel(), (start, places[near.ids.ravel()])), shape=(len(known), len(known)))


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
        return USUAL_K if self.params["k"] is None else int(self.params["k"])

    def _of_distance(self, distance: Score) -> Score:
        return 1 - distance_doubt(distance, usual=self.params["scaling_factor"], sharpness=self.params["t"])

    def _fit_probs(self, pred_probs: Any, labels: Any) -> Score:
        if not self.params["adjust_pred_probs"]:
            return self._of_probs(check_probs(pred_probs, name="pred_probs"))
        if labels is None:
            fix = "Pass them, or set params={'adjust_pred_probs': False}."
            raise InputError("labels", "be passed to adjust pred_probs", "None", fix)
        codes, probs = check_labels_and_probs(labels, pred_probs)
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
