"""cleanlab's ``data_valuation``: what each row is worth, 0 = does most harm, .5 = changes nothing."""

from __future__ import annotations

from typing import Any

from dechaff.checks import check_same_length
from dechaff.compat.cleanlab.arguments import check_one
from dechaff.compat.cleanlab.outlier import nearest_by_metric, nearest_in_graph, read_features, usual_metric
from dechaff.estimators.class_labels import read_class_labels
from dechaff.methods.valuation.knn_shapley import knn_shapley
from dechaff.typing import Score


def data_shapley_knn(
    labels: Any, *, features: Any = None, knn_graph: Any = None, metric: Any = None, k: int = 10
) -> Score:
    """Shapley value (n,) of each row for a k-nearest-neighbour model, brought to [0, 1]."""
    codes = read_class_labels(labels).codes
    check_one(features=features, knn_graph=knn_graph)
    if knn_graph is not None:
        neighbours = nearest_in_graph(knn_graph, k).ids
    else:
        rows = read_features(features)
        check_same_length(labels=codes, features=rows)
        neighbours = nearest_by_metric(rows, k, metric=usual_metric(rows) if metric is None else metric).ids
    check_same_length(labels=codes, neighbours=neighbours)
    return 0.5 * (knn_shapley(codes, neighbours, k=k) + 1)
