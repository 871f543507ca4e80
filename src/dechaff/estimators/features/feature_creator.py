"""``FeatureCreator``: new columns made of others, if they help a model, in scikit-learn's form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import (
    _check_feature_names_in,
    check_consistent_length,
    check_is_fitted,
    check_random_state,
    validate_data,
)

from dechaff.core.row_hash import mixed, row_hash
from dechaff.core.table import Column, Table
from dechaff.data.memory.frames import wrapped
from dechaff.errors import LabelsError
from dechaff.estimators.class_labels import read_class_labels
from dechaff.estimators.features.creation.candidates import usual_candidates
from dechaff.estimators.features.creation.row_wise import Own
from dechaff.estimators.features.creation.search import CreationSearch, LabelledTable
from dechaff.estimators.features.creation.study import CreationStudy
from dechaff.estimators.features.frame_columns import beside, column_plans, indicators, renamed, table_of
from dechaff.estimators.features.own_candidates import fit_sources
from dechaff.models.choose import candidate_models
from dechaff.models.estimator import as_model


class FeatureCreator(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Adds ratios, differences, logarithms, bins, counts, target encodings, parts of dates and measures of texts.

    Each is added only if a model predicts held-out rows better with it, for certain. One half of the rows searches, the
    other half judges. "None" is an answer. Columns are named in words, such as ``income / household_size``. If X is an
    array, each bin is an indicator.

    Parameters
    ----------
    estimator : scikit-learn classifier, or None
        The model that has to get better. None: logistic regression.
    own : sequence of functions of X, transformers or pandas frames
        More candidates. A function returns a column, an array or a frame with one row for each row of X. A transformer,
        such as skrub's ``TableVectorizer``, is fitted without labels. A frame, such as a feature matrix of
        featuretools, has a row for each index of X. One that raises an error is listed in ``study_.failed``, and the
        others go on.
    random_state : int, RandomState or None, default=0
        Of folds and models.

    Attributes
    ----------
    study_ : what was tried, with gains and intervals
    created_ : tuple of str
        The names of the new columns.
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) names, if X came as a data frame

    Source
    ------
    As `CreationSearch`.

    Examples
    --------
    >>> import numpy as np
    >>> from dechaff.features import FeatureCreator
    >>> random = np.random.default_rng(0)
    >>> X = random.normal(size=(300, 2))
    >>> y = abs(X[:, 0]) > 0.7
    >>> creator = FeatureCreator().fit(X, y)
    >>> [one.name for one in creator.study_.accepted], creator.transform(X).shape
    (['x0 in bins'], (300, 12))
    """

    def __init__(self, estimator: Any = None, *, own: Sequence[Any] = (), random_state: Any = 0) -> None:
        self.estimator = estimator
        self.own = own
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None, groups: Any = None) -> Self:
        """Searches features and learns the accepted ones.

        Parameters
        ----------
        X : (n, d) numbers, NaN if missing, or a data frame of mixed columns
        y : (n,) classes
        groups : (n,) rows of one group are kept in one fold, and either search or judge
        """
        self._fit(X, y, groups)
        return self

    def fit_transform(self, X: Any, y: Any = None, groups: Any = None) -> Any:
        """X with the accepted features; target encodings of these rows do not read the label of their own row."""
        return beside(*self._fit(X, y, groups))

    def transform(self, X: Any) -> Any:
        """X with the accepted features, as an array or a frame of the same type."""
        check_is_fitted(self)
        X, table = self._table(X, reset=False)
        table = table.beside(self._own_columns(X, len(table)))
        return beside(X, self._for_type_of(X, [column for one in self._fitted for column in one.made(table)]))

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """Names of all columns; ``x0``, ``x1`` … in place of names that X did not have."""
        check_is_fitted(self)
        names = _check_feature_names_in(self, input_features)
        return np.array([*names.tolist(), *self.created_], dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.target_tags.required = True
        return tags

    def _fit(self, X: Any, y: Any, groups: Any) -> tuple[Any, list[Column]]:
        """X as it is transformed, and the created columns of these rows."""
        if y is None:
            fix = f"{type(self).__name__} requires y to be passed, but the target y is None."
            raise LabelsError("y", "name the class of each row", "None", fix)
        X, table = self._table(X, reset=True)
        check_consistent_length(X, y, groups)
        labels = read_class_labels(y)
        if len(labels.classes) < 2:
            raise LabelsError("y", "have at least two classes", "one class", "Pass rows of several classes.")
        self._sources, own, failed = fit_sources(self.own, X, len(table), table.names)
        n = len(table)
        together = np.full(n, -1) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
        rows = LabelledTable(table, labels.codes, len(labels.classes), together, np.zeros(n, dtype=np.uint64))
        study = self._search(rows, own)
        self.study_ = replace(study, failed=(*failed, *study.failed))
        every, made = table.beside(own), list[Column]()
        self._fitted = []
        for one in self.study_.accepted:
            fitted, columns = one.fit(every, labels.codes, len(labels.classes), seed=self._seed)
            self._fitted.append(fitted)
            made += columns
        self._levels = {one.name: np.unique(one.values[~one.missing]).tolist() for one in made if _is_category(one)}
        made = self._for_type_of(X, made)
        self.created_ = tuple(column.name for column in made)
        return X, made

    def _for_type_of(self, X: Any, made: list[Column]) -> list[Column]:
        return indicators(made, self._levels) if isinstance(X, np.ndarray) else made

    def _search(self, rows: LabelledTable, own: list[Column]) -> CreationStudy:
        seed = self.random_state
        self._seed = int(seed) if isinstance(seed, int | np.integer) else check_random_state(seed).randint(2**31)
        # Nested cells are no features of the models here.
        table = rows.table.without([column.name for column in rows.table.of_kind("image")])
        model = candidate_models(table)[0] if self.estimator is None else as_model(self.estimator)
        hashes = np.zeros(len(table), dtype=np.uint64)
        for place, one in enumerate(table.columns):
            hashes += mixed(row_hash(one.values) + np.uint64(place))
        rows = replace(rows, table=table.beside(own), hashes=hashes)
        of_own = (Own(one.name, self._sources[one.name].name) for one in own)
        candidates = [*usual_candidates(table, rows.codes), *of_own]
        return CreationSearch(model, rows, table.names, self._seed).study(candidates)

    def _own_columns(self, X: Any, n_rows: int) -> list[Column]:
        """The columns of those sources of which an accepted feature is made."""
        needed = {one.name for one in self.study_.accepted if isinstance(one, Own)}
        sources = {id(source): source for name, source in self._sources.items() if name in needed}
        made = [column for source in sources.values() for column in source.columns(X, n_rows)]
        return [column for column in made if column.name in needed]

    def _table(self, X: Any, *, reset: bool) -> tuple[Any, Table]:
        frame = wrapped(X)
        if frame is not None:
            validate_data(self, X, reset=reset, skip_check_array=True)
            if reset:
                self._plans = column_plans(frame)
            return X, table_of(frame, self._plans)
        X = validate_data(self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan")
        return X, renamed(Table.of_numbers(X), [f"x{at}" for at in range(X.shape[1])])


def _is_category(column: Column) -> bool:
    return column.kind == "categorical"
