"""``FeatureSelector``: the columns that a model needs, in scikit-learn's form."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import (
    _check_feature_names_in,
    check_consistent_length,
    check_is_fitted,
    check_random_state,
    validate_data,
)

from dechaff.core.table import Table
from dechaff.data.memory.frames import wrapped
from dechaff.errors import LabelsError
from dechaff.estimators.class_labels import read_class_labels
from dechaff.estimators.features.frame_columns import column_plans, table_of, taken
from dechaff.estimators.features.select_columns import select_columns
from dechaff.methods.features.shadow_test import MOST_ROUNDS


class FeatureSelector(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Leaves out the columns that a model should not see, and those that it does not need.

    In this order: columns that name the rows (F001), that leak the label (F002), that are constant (F003), that another
    column explains (F004), and those that matter no more than shuffled columns (F005). The last is a statistical test;
    if held-out rows are predicted worse without them, they stay. Data frames may hold numbers, categories, dates and
    texts, with missing cells. Texts of several words are not tested, and stay. A frame stays a frame.

    At least one column stays: if none matters more than chance, no column is called useless.

    Parameters
    ----------
    false_discovery_rate : float between 0 and 1, default=0.05
        Bound of the expected fraction of useless columns among the tested ones that stay. Without correlated columns
        it holds; a column that is correlated with a relevant one may stay because of it.
    max_rounds : int, default=40
        Most forests that are trained for the test; fewer if all is clear before.
    random_state : int, RandomState or None, default=0
        Of shadows and forests.

    Attributes
    ----------
    verdicts_ : dict
        Column that was left out -> code and reason.
    p_values_ : dict
        Tested column -> how often a shuffled column matters as much.
    support_ : (n_features_in_,) bool
        The columns that stay.
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) names, if X came as a data frame

    Source
    ------
    As `dechaff.features.shadow_test`, with extremely randomised trees: Geurts, Ernst, Wehenkel (2006).

    Examples
    --------
    >>> import numpy as np
    >>> from dechaff.features import FeatureSelector
    >>> random = np.random.default_rng(0)
    >>> y = random.integers(0, 2, 300)
    >>> X = np.stack([y + random.normal(size=300), random.normal(size=300), np.arange(300), 10 - 2 * y], axis=1)
    >>> selector = FeatureSelector().fit(X, y)
    >>> selector.support_, {name: found.code for name, found in selector.verdicts_.items()}
    (array([ True, False, False, False]), {'f2': 'F001', 'f3': 'F002', 'f1': 'F005'})
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "false_discovery_rate": [Interval(Real, 0, 1, closed="neither")],
        "max_rounds": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self, *, false_discovery_rate: float = 0.05, max_rounds: int = MOST_ROUNDS, random_state: Any = 0
    ) -> None:
        self.false_discovery_rate = false_discovery_rate
        self.max_rounds = max_rounds
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Finds the columns that stay.

        Parameters
        ----------
        X : (n, d) numbers, NaN if missing, or a data frame of mixed columns
        y : (n,) classes
        """
        self._validate_params()
        if y is None:
            fix = f"{type(self).__name__} requires y to be passed, but the target y is None."
            raise LabelsError("y", "name the class of each row", "None", fix)
        table = self._table(X, reset=True)
        check_consistent_length(X, y)
        labels = read_class_labels(y)
        if len(labels.classes) < 2:
            fix = "Pass rows of several classes: a column is judged by how it differs between them."
            raise LabelsError("y", "have at least two classes", "one class", fix)
        seed = self.random_state
        if not isinstance(seed, int | np.integer):
            seed = check_random_state(seed).randint(2**31)
        found = select_columns(
            table,
            labels.codes,
            len(labels.classes),
            rate=self.false_discovery_rate,
            most_rounds=self.max_rounds,
            seed=int(seed),
        )
        test = found.relevance
        self.p_values_ = dict(zip(test.judged, test.test.p_values.tolist(), strict=True))
        left_out = dict(found.left_out)
        self.verdicts_ = left_out
        self.support_ = np.array([name not in left_out for name in table.names], dtype=np.bool_)
        return self

    def transform(self, X: Any) -> Any:
        """The columns of X that stay, as an array or a frame of the same type."""
        check_is_fitted(self)
        if (frame := wrapped(X)) is not None:
            validate_data(self, X, reset=False, skip_check_array=True)
            return taken(frame.native, np.flatnonzero(self.support_).tolist())
        return validate_data(self, X, reset=False, dtype="numeric", ensure_all_finite="allow-nan")[:, self.support_]

    def get_support(self, indices: bool = False) -> npt.NDArray[Any]:
        """(d,) whether each column stays; with `indices` (m,) the positions of those that do."""
        check_is_fitted(self)
        return np.flatnonzero(self.support_) if indices else self.support_

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """Names of the columns that stay; ``x0``, ``x1`` … in place of names that X did not have."""
        check_is_fitted(self)
        names = _check_feature_names_in(self, input_features)
        return np.asarray(names[self.support_])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.target_tags.required = True
        return tags

    def _table(self, X: Any, *, reset: bool) -> Table:
        frame = wrapped(X)
        if frame is None:
            dtype = np.float64
            return Table.of_numbers(validate_data(self, X, reset=reset, dtype=dtype, ensure_all_finite="allow-nan"))
        validate_data(self, X, reset=reset, skip_check_array=True)
        return table_of(frame, column_plans(frame))
