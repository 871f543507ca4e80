"""``OutlierDetector``: outliers of tables of numbers, in scikit-learn's form."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted, check_random_state, validate_data

from dechaff.core.false_discoveries import discovery_cut_of
from dechaff.core.table import Table
from dechaff.methods.outliers.neighbour_distance import content_folds
from dechaff.methods.outliers.odd_rows import odd_rows
from dechaff.methods.outliers.scaled_columns import ScaledColumns
from dechaff.typing import Features, Labels, Numbers


class OutlierDetector(OutlierMixin, BaseEstimator):  # type: ignore[misc]
    """Outliers by the distance to the nearest rows of a sample, without a contamination to guess.

    Each column counts in units of its usual range, and missing values (NaN) are compared, too. `fit` settles what is
    ordinary, and from which p-value on a row is an outlier, so that at most the stated fraction of the training rows
    that it calls outliers is expected to be ordinary. The oddest training row is always called one, because
    scikit-learn expects that of every detector. `dechaff.find_outliers` also gives reasons, and reads categories, texts
    and embeddings.

    Parameters
    ----------
    false_discovery_rate : float between 0 and 1, default=0.1
        Expected fraction of ordinary rows among the flagged training rows. It cannot be promised: see `find_outliers`.
    random_state : int, RandomState or None, default=0
        Decides which rows others are compared with.

    Attributes
    ----------
    offset_ : float
        ``decision_function`` is ``score_samples`` less this; negative for outliers.
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) names, if the rows came as a data frame

    Source
    ------
    As `find_outliers`.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> X = np.random.default_rng(0).normal(size=(300, 2))
    >>> X[5] = [12, -12]
    >>> detector = dechaff.OutlierDetector().fit(X)
    >>> np.flatnonzero(detector.predict(X) == -1), detector.predict([[0, 0], [-20, 9]])
    (array([5]), array([ 1, -1]))
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "false_discovery_rate": [Interval(Real, 0, 1, closed="neither")],
        "random_state": ["random_state"],
    }

    def __init__(self, *, false_discovery_rate: float = 0.1, random_state: Any = 0) -> None:
        self.false_discovery_rate = false_discovery_rate
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """What is ordinary in X (n, d), numbers, NaN if missing; y is ignored."""
        self._validate_params()
        rows = self._checked(X, reset=True)
        seed = self.random_state
        if not isinstance(seed, int | np.integer):
            seed = check_random_state(seed).randint(2**31)
        table = Table.of_numbers(rows)
        self._seed, self._scaled = int(seed), ScaledColumns.of(table)
        self._odd = odd_rows(self._scaled.chunk(table), seed=self._seed)
        p_values = self._p_values(rows)
        cut = max(discovery_cut_of(p_values, rate=self.false_discovery_rate), p_values.min())
        self.offset_ = float(np.nextafter(np.log10(cut), np.inf))
        return self

    def score_samples(self, X: Any) -> Numbers:
        """(n,) decimal logarithm of the p-value: lower = more abnormal."""
        check_is_fitted(self)
        return np.log10(self._p_values(self._checked(X, reset=False)))

    def decision_function(self, X: Any) -> Numbers:
        """(n,) ``score_samples`` less ``offset_``: negative for outliers."""
        return np.asarray(self.score_samples(X) - self.offset_)

    def predict(self, X: Any) -> Labels:
        """(n,) -1 for outliers, 1 for all others."""
        return np.where(self.decision_function(X) < 0, -1, 1)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _checked(self, X: Any, *, reset: bool) -> Features:
        rows: Features = validate_data(self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan")
        return rows

    def _p_values(self, rows: npt.NDArray[np.float64]) -> Numbers:
        chunk = self._scaled.chunk(Table.of_numbers(rows))
        return self._odd.rows({**chunk, "fold": content_folds(chunk, seed=self._seed)})
