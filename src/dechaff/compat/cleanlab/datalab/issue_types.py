"""The kinds of issues that ``Datalab`` finds here; scores as in cleanlab, 0 = worst."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_same_length
from dechaff.compat.cleanlab.arguments import Inputs, Issues
from dechaff.compat.cleanlab.data_valuation import data_shapley_knn
from dechaff.compat.cleanlab.datalab.label_kinds import label, label_of_number, label_of_several
from dechaff.compat.cleanlab.outlier import (
    USUAL_K,
    NearRows,
    OutOfDistribution,
    near_graph,
    near_rows_of,
    nearest_in_graph,
    read_numbers,
)
from dechaff.core.groups import Pairs, connected_groups
from dechaff.core.over_arrays import over_arrays
from dechaff.core.row_hash import row_hash_128
from dechaff.errors import InputError
from dechaff.methods.duplicates.equal_rows import equal_contents
from dechaff.methods.outliers.scores import distance_doubt, usual_distance
from dechaff.methods.row_order.neighbour_gaps import PERMUTATIONS, Neighbours, gap_doubt, gap_p_value
from dechaff.typing import Features, Mask

FAR, UNSURE = 0.37037, 0.13
"""Thresholds of cleanlab's: 1 / FAR - 1 = 1.7 ranges between the quartiles beyond the upper one; a fraction of the
median score of probabilities."""


def outlier(
    rows: Inputs,
    *,
    k: int | None = None,
    t: float = 1.0,
    metric: Any = None,
    threshold: float | None = None,
    scaling_factor: float | None = None,
    **params: Any,
) -> Issues:
    """Rows that are far from their nearest rows; without features, rows with uninformative predictions."""
    if threshold is not None and not 0 < threshold <= 1:
        raise InputError("threshold", "be above 0 and at most 1", str(threshold), "Leave it out to use the default.")
    by_probs = OutOfDistribution({"adjust_pred_probs": rows.labels is not None, **params})
    if rows.features is None and rows.knn_graph is None:
        return _by_probs(rows, UNSURE if threshold is None else threshold, by_probs)
    share = FAR if threshold is None else threshold
    near, known = near_rows_of(rows, k, metric)
    mean = near.distance.mean(axis=1)
    lower, upper = np.quantile(mean, [0.25, 0.75]) if len(mean) else (0.0, 0.0)
    limit = float(upper + (1 / share - 1) * (upper - lower))
    usual = usual_distance(mean) if scaling_factor is None else scaling_factor
    # Rows with missing values are not compared, and not flagged.
    score, flag = np.full(len(known), np.nan), np.zeros(len(known), dtype=bool)
    score[known], flag[known] = 1 - distance_doubt(mean, usual=usual, sharpness=t), mean > limit
    average = float(np.nanmean(score)) if known.any() else 1.0
    info = {"average_ood_score": average, "threshold": share, "issue_threshold": limit, "scaling_factor": usual}
    return Issues(
        flag, score, average, {**info, "k": near.ids.shape[1], "t": t, "metric": metric, **_nearest(near, known)}
    )


def _nearest(near: NearRows, known: Mask) -> dict[str, Any]:
    """The nearest row of each row and its distance; -1 and NaN if it has none."""
    row, distance = np.full(len(known), -1), np.full(len(known), np.nan)
    row[known], distance[known] = np.flatnonzero(known)[near.ids[:, 0]], near.distance[:, 0]
    return {"nearest_neighbor": row.tolist(), "distance_to_nearest_neighbor": distance.tolist()}


def _by_probs(rows: Inputs, threshold: float, fitting: OutOfDistribution) -> Issues:
    score = fitting.fit_score(pred_probs=rows.probs, labels=rows.labels)
    limit = threshold * float(np.median(score)) if len(score) else 0.0
    average = float(score.mean()) if len(score) else 1.0
    info = {"average_ood_score": average, "threshold": threshold, "issue_threshold": limit}
    return Issues(score < limit, score, average, info)


def data_valuation(rows: Inputs, *, k: int | None = None, metric: Any = None, threshold: float = 0.5) -> Issues:
    """Rows that do harm to a model of the nearest rows."""
    if k is None:
        k = USUAL_K if rows.knn_graph is None else nearest_in_graph(rows.knn_graph, None).ids.shape[1]
    score = data_shapley_knn(
        rows.labels,
        features=rows.features if rows.knn_graph is None else None,
        knn_graph=rows.knn_graph,
        metric=metric,
        k=k,
    )
    average = float(score.mean())
    flag = score < threshold
    info = {
        "num_low_valuation_issues": int(flag.sum()),
        "average_data_valuation": average,
        "threshold": threshold,
        "k": k,
    }
    return Issues(flag, score, average, info)


def underperforming_group(
    rows: Inputs,
    *,
    cluster_ids: Any = None,
    k: int | None = None,
    metric: Any = None,
    threshold: float = 0.1,
    clustering_kwargs: Mapping[str, Any] | None = None,
    min_cluster_samples: int = 5,
) -> Issues:
    """The group of rows with the lowest mean probability of the given labels, if it is far below that of all groups.

    The score is the ratio of a group to all groups, 1 if it is no worse. Groups of fewer than `min_cluster_samples`
    rows do not count.
    """
    assert rows.labels is not None
    assert rows.probs is not None
    groups = _clusters(rows, k, metric, clustering_kwargs or {}) if cluster_ids is None else np.asarray(cluster_ids)
    check_same_length(labels=rows.labels, cluster_ids=groups)
    names, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    large = (sizes >= min_cluster_samples) & (names != -1)
    quality = rows.probs[np.arange(len(groups)), rows.labels].astype(np.float64)
    among = quality[large[group]].mean() if large.any() else 1.0
    means = np.bincount(group, quality, len(names)) / sizes
    ratio = np.where(large, np.minimum(means / max(among, np.finfo(np.float64).tiny), 1.0), 1.0)
    worst = float(ratio.min(initial=1.0))
    flag = (ratio == worst)[group] & (worst < threshold)
    info = {"threshold": threshold, "n_clusters": int(large.sum()), "cluster_ids": groups}
    return Issues(flag, ratio[group], worst, info)


def _clusters(rows: Inputs, k: int | None, metric: Any, options: Mapping[str, Any]) -> npt.NDArray[np.int64]:
    """(n,) dense parts of the graph of nearest rows; -1 = in none."""
    from sklearn.cluster import DBSCAN

    return np.asarray(
        DBSCAN(**{**options, "metric": "precomputed"}).fit_predict(near_graph(rows, k, metric)), dtype=np.int64
    )


def non_iid(
    rows: Inputs,
    *,
    k: int | None = None,
    metric: Any = None,
    significance_threshold: float = 0.05,
    seed: int = 0,
    num_permutations: int = PERMUTATIONS,
) -> Issues:
    """Whether similar rows are close together; the row that contributes most is flagged for all of them.

    The score of the data set is the fraction of random orders in which similar rows would be as close.
    """
    if rows.features is None and rows.knn_graph is None:
        rows = replace(rows, features=rows.probs)
    random = np.random.default_rng(seed)
    neighbours, known = _near_in_any_order(rows, k, metric, random)
    p_value = gap_p_value(neighbours, random=random, permutations=num_permutations)
    score, flag = np.full(len(known), np.nan), np.zeros(len(known), dtype=bool)
    score[known] = 1 - gap_doubt(neighbours)
    if p_value < significance_threshold:
        flag[np.nanargmin(score)] = True
    return Issues(flag, score, p_value, {"p-value": p_value, "k": neighbours.shape[1]})


def _near_in_any_order(
    rows: Inputs, k: int | None, metric: Any, random: np.random.Generator
) -> tuple[Neighbours, npt.NDArray[np.bool_]]:
    """As `near_rows_of`, but equally near rows are chosen at random, since their numbers are what is tested."""
    if rows.knn_graph is not None:
        near, known = near_rows_of(rows, k, metric)
        return near.ids, known
    assert rows.features is not None
    order = random.permutation(len(rows.features))
    near, drawn = near_rows_of(replace(rows, features=rows.features[order]), k, metric)
    place = np.argsort(np.argsort(order[drawn]))
    neighbours, known = np.empty_like(near.ids), np.empty_like(drawn)
    neighbours[place], known[order] = place[near.ids], drawn
    return neighbours, known


def identifier_column(rows: Inputs) -> Issues:
    """Columns of features that number the rows; a data set without one has the score 1, and no row is an issue."""
    assert rows.features is not None
    n, columns = rows.features.shape
    found = [place for place in range(columns) if _counts(rows.features[:, place])]
    info = {"identifier_columns": found, "num_identifier_columns": len(found)}
    return Issues(np.zeros(n, dtype=bool), np.ones(n), float(not found), info)


def _counts(column: np.ndarray) -> bool:
    """Whether the different values of a column are whole numbers without a gap, more than one."""
    if column.dtype.kind not in "fiu" or not np.isfinite(column).all():
        return False
    values = np.unique(column)
    return len(values) > 1 and bool((np.diff(values) == 1).all()) and float(values[0]).is_integer()


@dataclass(frozen=True)
class IssueType:
    """A kind of issue, what it needs, and the options that it takes."""

    find: Callable[..., Issues]
    needs: tuple[tuple[str, ...], ...]
    """One of each group."""
    by_default: bool = True
    """Whether it is checked if no kind is named."""
    manager: Any = None
    """A user's class in place of `find`."""

    @property
    def description(self) -> str:
        """What is found."""
        text = self.find.__doc__ if self.manager is None else self.manager.description
        return (text or "").strip()

    def absent(self, rows: Inputs, options: Mapping[str, Any]) -> list[str]:
        """What is lacking, one of each group; groups of rows that are passed need no neighbours."""
        needs = self.needs if options.get("cluster_ids") is None else tuple(set(self.needs) - {NEIGHBOURS})
        return [" or ".join(group) for group in needs if all(getattr(rows, name) is None for name in group)]

    def refuse_unknown(self, name: str, options: Mapping[str, Any]) -> None:
        """An InputError that lists the options, unless all are among them."""
        known = inspect.signature(self.find).parameters
        unknown = sorted(set(options) - set(list(known)[1:]))
        if unknown and "params" not in known and self.manager is None:
            must = f"have no options but {', '.join(list(known)[1:]) or 'none'}"
            raise InputError(f"issue_types[{name!r}]", must, repr(unknown[0]), "Leave it out.")


NEAR, BY_CHANCE = 0.13, 0.05
"""cleanlab's threshold of near duplicates; and how many rows may be as near to another by chance alone."""


def near_duplicate(rows: Inputs, *, threshold: float | None = None, k: int | None = None, metric: Any = None) -> Issues:
    """Rows that have a copy, or one that is nearer than `threshold` times the usual distance between nearest rows."""
    near, known = near_rows_of(rows, k, metric)
    apart, places = (
        np.where(near.ids == np.arange(len(near.ids))[:, None], np.inf, near.distance),
        np.flatnonzero(known),
    )
    nearest = apart.min(axis=1)
    unequal = nearest[(nearest > 0) & np.isfinite(nearest)]
    usual = float(np.median(unequal)) if len(unequal) else 1.0
    limit = usual * (min(NEAR, _rare(apart)) if threshold is None else threshold)
    row, which = np.nonzero((apart < limit) | (apart <= 0))
    pairs = np.stack([places[row], places[near.ids[row, which]]], axis=1)
    distance = np.full(len(known), np.nan)
    distance[known] = nearest
    if rows.features is not None:
        same = _copies(read_numbers(rows.features).astype(np.float64))
        pairs, distance[same.ravel()] = np.concatenate([pairs, same]), 0.0
    groups = connected_groups(pairs, len(known))
    score = 1 - np.exp(-np.maximum(distance, 0) / usual)
    average = float(np.nanmean(score)) if (score == score).any() else 1.0
    sets = [_others(groups, row) for row in range(len(groups))]
    info = {
        "average_near_duplicate_score": average,
        "near_duplicate_sets": sets,
        "threshold": limit / usual,
        "k": near.ids.shape[1],
        "metric": metric,
        "median_distance_to_nearest_neighbor": usual,
        **_nearest(near, known),
        "distance_to_nearest_neighbor": distance.tolist(),
    }
    columns = {"near_duplicate_sets": sets, "distance_to_nearest_neighbor": distance}
    return Issues(groups >= 0, score, average, info, columns)


def _rare(distance: npt.NDArray[np.float64]) -> float:
    """Below this fraction of the usual distance, next to no unrelated rows are: in few columns, chance alone brings
    rows near to each other. By the dimension of the rows (Facco and others 2017: from the two nearest of each)."""
    positive = distance[(distance > 0).all(axis=1) & np.isfinite(distance).all(axis=1)]
    if distance.shape[1] < 2 or not len(positive):
        return NEAR
    growth = float(np.median(np.log(positive[:, 1] / positive[:, 0])))
    return float((BY_CHANCE / (len(distance) * np.log(2))) ** (growth / np.log(2)))


def _copies(features: Features) -> Pairs:
    content, content_low = row_hash_128(features).T
    run = over_arrays(row=np.arange(len(features)), content=content, content_low=content_low)
    return equal_contents(run, len(features))


def _others(groups: npt.NDArray[np.int64], row: int) -> npt.NDArray[np.int64]:
    if groups[row] < 0:
        return np.empty(0, dtype=np.int64)
    together = np.flatnonzero(groups == groups[row])
    return np.asarray(together[together != row])


def null(rows: Inputs) -> Issues:
    """Rows in which every feature is missing; the score is the fraction of features present."""
    assert rows.features is not None
    missing = _missing(rows.features)
    there = 1 - missing.mean(axis=1)
    info = {"average_null_score": float(there.mean()), "column_impact": missing.mean(axis=0).tolist()}
    return Issues(np.asarray(missing.all(axis=1)), there, float(there.mean()), info)


def _missing(features: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    if features.dtype.kind == "O":
        return np.array([[one is None or one != one for one in row] for row in features], dtype=np.bool_)
    return np.isnan(features) if features.dtype.kind == "f" else np.zeros(features.shape, dtype=np.bool_)


def class_imbalance(rows: Inputs, *, threshold: float = 0.1) -> Issues:
    """Rows of the rarest class, if it is rarer than `threshold` of an even fraction; the score is its fraction."""
    assert rows.labels is not None
    k = len(rows.class_names)
    shares = np.bincount(rows.labels, minlength=k) / len(rows.labels)
    rarest = int(np.argmin(shares))
    rare = shares[rarest] < threshold / k
    given = np.asarray(rows.class_names)[rows.labels].tolist()
    of_rarest = rows.labels == rarest
    info = {
        "threshold": threshold,
        "Rarest Class": rows.class_names[rarest] if rare else "NA",
        "given_label": given,
        "class_names": list(rows.class_names),
    }
    score = np.where(of_rarest, shares[rarest], 1.0)
    return Issues(of_rarest & rare, score, float(shares[rarest]), info, {"given_label": given})


NEIGHBOURS = ("features", "knn_graph")
ISSUE_TYPES = {
    "null": IssueType(null, (("features",),)),
    "label": IssueType(label, (("labels",), ("probs",))),
    "outlier": IssueType(outlier, ((*NEIGHBOURS, "probs"),)),
    "near_duplicate": IssueType(near_duplicate, (NEIGHBOURS,)),
    "non_iid": IssueType(non_iid, ((*NEIGHBOURS, "probs"),)),
    "class_imbalance": IssueType(class_imbalance, (("labels",),)),
    "underperforming_group": IssueType(underperforming_group, (("labels",), ("probs",), NEIGHBOURS)),
    "data_valuation": IssueType(data_valuation, (("labels",), NEIGHBOURS), by_default=False),
    "identifier_column": IssueType(identifier_column, (("features",),), by_default=False),
}
_OF_ROWS = {
    "null": ISSUE_TYPES["null"],
    "outlier": IssueType(outlier, (NEIGHBOURS,)),
    "near_duplicate": ISSUE_TYPES["near_duplicate"],
    "non_iid": IssueType(non_iid, (NEIGHBOURS,)),
    "identifier_column": ISSUE_TYPES["identifier_column"],
}
TASKS = {
    "classification": ISSUE_TYPES,
    "regression": {"label": IssueType(label_of_number, (("labels",), ("predictions", "features"))), **_OF_ROWS},
    "multilabel": {"label": IssueType(label_of_several, (("labels",), ("probs",))), **_OF_ROWS},
}
NOT_HERE = ("spurious_correlations",)
"""cleanlab's other kinds."""


def issue_type(name: str, task: str, *, name_of: str = "issue_types") -> IssueType:
    """The kind of that name, or an InputError that lists the kinds."""
    kinds = TASKS[task]
    if name in kinds:
        return kinds[name]
    known = "a kind of cleanlab's that dechaff does not find" if name in NOT_HERE else f"no kind of issue of {task}"
    fix = "Leave it out, or run dechaff.audit, which has other checks."
    raise InputError(name_of, f"name some of {', '.join(kinds)}", f"{name!r}, {known}", fix)
