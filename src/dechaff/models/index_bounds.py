"""Checks that compiled code stays inside the arrays of a loaded model, such as trees and sparse matrices.

scikit-learn and scipy trust the indices that they stored themselves. A file may contain any others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import index
from typing import Any

import numpy as np
import numpy.typing as npt


def check_bounds(parts: Iterable[Any]) -> None:
    """Raises ValueError if a part of a model has an index that points outside its arrays.

    Parts are checked in their order, so a part comes after the parts that it contains.
    """
    checks = _checks()
    for part in parts:
        for kinds, check in checks:
            if isinstance(part, kinds):
                check(part)


def _checks() -> list[tuple[Any, Callable[[Any], None]]]:
    """The types whose methods run compiled code on stored indices, and the check of each."""
    from scipy.sparse import csc_array, csc_matrix, csr_array, csr_matrix
    from sklearn.ensemble import IsolationForest
    from sklearn.ensemble._forest import BaseForest
    from sklearn.ensemble._gb import BaseGradientBoosting
    from sklearn.ensemble._hist_gradient_boosting.gradient_boosting import BaseHistGradientBoosting
    from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.neighbors._base import NeighborsBase
    from sklearn.preprocessing import OneHotEncoder
    from sklearn.svm._base import BaseLibSVM
    from sklearn.tree import BaseDecisionTree
    from sklearn.tree._tree import Tree

    return [
        ((csc_array, csc_matrix, csr_array, csr_matrix), _check_sparse),
        (Tree, _check_tree),
        (BaseDecisionTree, _check_decision_tree),
        ((BaseForest, BaseGradientBoosting), _check_ensemble),
        (BaseGradientBoosting, _check_boosting),
        (IsolationForest, _check_isolation_forest),
        (TreePredictor, _check_predictor),
        (BaseHistGradientBoosting, _check_histogram_boosting),
        (BaseLibSVM, _check_support_vectors),
        (NeighborsBase, _check_neighbours),
        ((CountVectorizer, DictVectorizer), _check_vocabulary),
        (OneHotEncoder, _check_one_hot),
    ]


def _check_sparse(matrix: Any) -> None:
    type(matrix).check_format(matrix, full_check=True)


def _require(holds: Any, what: str) -> None:
    if not np.all(holds):
        raise ValueError(f"{what} is outside its array")


def _width(model: Any) -> int:
    return index(model.n_features_in_)


def _check_children(left: npt.NDArray[Any], right: npt.NDArray[Any], inner: npt.NDArray[Any], count: int) -> None:
    """Children come after their parent, so that a walk ends."""
    _require(count > 0, "the root of a tree")
    for children in (left[inner], right[inner]):
        _require((children > np.flatnonzero(inner)) & (children < count), "a node of a tree")


def _check_tree(tree: Any) -> None:
    inner = tree.children_left != -1
    _check_children(tree.children_left, tree.children_right, inner, tree.node_count)
    features = tree.feature[inner]
    _require((features >= 0) & (features < tree.n_features), "a feature of a tree")


def _check_predictor(predictor: Any) -> None:
    nodes, bitsets = predictor.nodes, predictor.raw_left_cat_bitsets
    inner = nodes["is_leaf"] == 0
    left, right = (nodes[side].astype(np.int64) for side in ("left", "right"))
    _check_children(left, right, inner, len(nodes))
    _require(nodes["feature_idx"] >= 0, "a feature of a tree")
    _require(bitsets.shape[1:] == (8,), "a category of a tree")
    _require(nodes["bitset_idx"][inner & (nodes["is_categorical"] != 0)] < len(bitsets), "a category of a tree")


def _check_histogram_boosting(model: Any) -> None:
    if not hasattr(model, "_predictors"):
        return
    categorical = np.asarray(model._bin_mapper.is_categorical_)
    _require(len(categorical) == _width(model), "a feature of a tree")
    for predictor in (one for round_ in model._predictors for one in round_):
        inner = predictor.nodes[predictor.nodes["is_leaf"] == 0]
        _require(inner["feature_idx"] < _width(model), "a feature of a tree")
        _require(categorical[inner["feature_idx"][inner["is_categorical"] != 0]] != 0, "a category of a tree")


def _check_boosting(model: Any) -> None:
    """Each tree of a round adds to one column of the first guess."""
    if hasattr(model, "estimators_"):
        columns = model._raw_predict_init(np.zeros((1, _width(model)), dtype=np.float32)).shape[1]
        _require(np.shape(model.estimators_)[1:] == (columns,), "the column of a tree")


def _check_decision_tree(model: Any) -> None:
    if hasattr(model, "tree_"):
        _require(model.tree_.n_features == _width(model), "a feature of a tree")


def _check_ensemble(model: Any) -> None:
    """The trees of a model read no more columns than the model checks."""
    for one in np.ravel(np.asarray(getattr(model, "estimators_", []), dtype=object)):
        _require(one.tree_.n_features == _width(model), "a feature of a tree")


def _check_isolation_forest(model: Any) -> None:
    for one, features in zip(
        getattr(model, "estimators_", []), getattr(model, "estimators_features_", []), strict=True
    ):
        _require(one.tree_.n_features == len(features), "a feature of a tree")


def _check_neighbours(model: Any) -> None:
    if hasattr(model, "_y") and hasattr(model, "_fit_X"):
        _require(len(model._y) == model._fit_X.shape[0], "the label of a neighbour")


def _check_vocabulary(model: Any) -> None:
    places = np.asarray(list(getattr(model, "vocabulary_", {}).values()), dtype=np.int64)
    _require((places >= 0) & (places < len(places)), "a word of the vocabulary")


def _check_one_hot(model: Any) -> None:
    for number, width in enumerate(getattr(model, "_n_features_outs", [])):
        mapping = (getattr(model, "_default_to_infrequent_mappings", None) or {number: None})[number]
        places = np.arange(len(model.categories_[number])) if mapping is None else np.asarray(mapping)
        dropped = model.drop_idx_ is not None and model.drop_idx_[number] is not None
        _require((places >= 0) & (places < width + dropped), "a category of a column")


def _check_support_vectors(model: Any) -> None:
    if not hasattr(model, "support_vectors_"):
        return
    classes, vectors = len(model._n_support), model.support_vectors_.shape[0]
    pairs = classes * (classes - 1) // 2
    coefficients = model._dual_coef_.data if model._sparse else model._dual_coef_
    _require(np.size(coefficients) == (classes - 1) * vectors, "a coefficient of a support vector")
    _require(np.sum(model._n_support) == vectors, "a support vector")
    _require(len(model.support_) == vectors, "a support vector")
    _require(np.size(model._intercept_) == pairs, "an intercept")
    for slopes in (model._probA, model._probB):
        _require(np.size(slopes) in (0, pairs), "an intercept")
