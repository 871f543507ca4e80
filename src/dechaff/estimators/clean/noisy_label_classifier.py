"""Base of the classifiers for noisy labels: errors are estimated out of fold, treated, and the model trained."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.utils import indexable
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from dechaff.errors import InputError
from dechaff.estimators.class_labels import ClassLabels, read_class_labels, with_labels
from dechaff.estimators.clean.held_out import FoldTrainer, Outputs, decision_probs, held_out_gains
from dechaff.estimators.clean.label_treatments import Treated, Treatment, row_label_errors
from dechaff.estimators.folded_classifier import DelegatingClassifier, checked_classifier, is_number, model_has
from dechaff.estimators.training_rows import TrainingRows, checked_length, take
from dechaff.estimators.weighted_fit import default_model, seeded
from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates
from dechaff.typing import ClassMatrix, Labels, Mask, Numbers, Rows, Score


@dataclass(frozen=True)
class FoundErrors:
    """Results for the n rows passed to ``fit``, in their order."""

    score: Score = field(repr=False)
    """(n,) probability that the label is wrong; higher = look at this row first. NaN for rows of weight 0."""
    flag: Mask = field(repr=False)
    """(n,) likely errors."""
    suggested: npt.NDArray[Any] = field(repr=False)
    """(n,) the most probable other label; the given label for rows of weight 0."""
    suggested_prob: Numbers = field(repr=False)
    """(n,) probability of the suggested label; NaN for rows of weight 0."""
    learnt_as: npt.NDArray[Any] = field(repr=False)
    """(n,) the label the model was trained on."""
    learnt_weight: Numbers = field(repr=False)
    """(n,) weight in training, times the row's own weight; 0 = dropped."""
    noise_rate: float
    """Estimated fraction of wrong labels."""
    noise_rate_low: float
    noise_rate_high: float
    """95 % interval of `noise_rate`."""
    kind: str
    """Kind of label noise: class-conditional, instance-dependent, or "none found"."""
    noise_matrix: ClassMatrix = field(repr=False)
    """(k, k) p(given = row | true = column), in the order of ``classes_``."""
    treatment: str
    """Name of the treatment that was applied, or "none"."""
    gains: Mapping[str, float]
    """Rise in accuracy on held-out given labels, by treatment; empty if none was tried."""

    @property
    def n_left_out(self) -> int:
        """Number of rows that were dropped."""
        return int((self.learnt_weight == 0).sum())

    @property
    def n_relabelled(self) -> int:
        """Number of rows trained on with the suggested label."""
        return int((self.flag & (self.learnt_as == self.suggested) & (self.learnt_weight > 0)).sum())

    @property
    def n_downweighted(self) -> int:
        """Number of flagged rows with a weight below one half, dropped rows excluded."""
        return int((self.flag & (self.learnt_weight > 0) & (self.learnt_weight < 0.5)).sum())


def found_errors(
    given: ClassLabels,
    places: Rows,
    errors: LabelErrorEstimates | None,
    treated: Treated,
    treatment: str,
    gains: Mapping[str, float],
) -> FoundErrors:
    """The record for all n rows.

    Parameters
    ----------
    given : labels of all n rows
    places : (m,) int
        Rows of weight above 0.
    errors : estimates for the m rows; None if there were too few folds.
    treated : training labels and weights of the m rows
    treatment : name of the treatment
    gains : by treatment

    Examples
    --------
    >>> given = ClassLabels(np.array([0, 1]), np.array(["a", "b"]))
    >>> nothing = Treated(given.codes, np.ones(2))
    >>> found_errors(given, np.arange(2), None, nothing, "none", {})
    FoundErrors(noise_rate=0.0, noise_rate_low=0.0, noise_rate_high=1.0, kind='none found', treatment='none', gains={})
    """
    codes, k = given.codes, len(given.classes)
    score, suggested_prob = np.full(len(codes), np.nan), np.full(len(codes), np.nan)
    flag, suggested, learnt_as = np.zeros(len(codes), dtype=np.bool_), codes.copy(), codes.copy()
    learnt_weight = np.zeros(len(codes))
    score[places], suggested_prob[places] = 0.0, 0.0
    learnt_as[places], learnt_weight[places] = treated.codes, treated.weights
    if errors is not None:
        score[places], suggested_prob[places] = errors.score, errors.suggested_prob
        flag[places], suggested[places] = errors.flag, errors.suggested
    return FoundErrors(
        score=score,
        flag=flag,
        suggested=given.classes[suggested],
        suggested_prob=suggested_prob,
        learnt_as=given.classes[learnt_as],
        learnt_weight=learnt_weight,
        noise_rate=0.0 if errors is None else errors.rate,
        noise_rate_low=0.0 if errors is None else errors.rate_low,
        noise_rate_high=1.0 if errors is None else errors.rate_high,
        kind="none found" if errors is None else errors.kind,
        noise_matrix=np.eye(k) if errors is None else errors.transition,
        treatment=treatment,
        gains=dict(gains),
    )


NONE = "none"


@dataclass(frozen=True)
class Cleaned:
    """The rows of weight above 0, and their treated labels and weights."""

    trainer: FoldTrainer
    places: Rows
    """(m,) positions of the trainer's rows among the n rows passed to ``fit``."""
    treated: Treated
    found: FoundErrors


@dataclass(eq=False, repr=False, kw_only=True)
class NoisyLabelClassifier(DelegatingClassifier):
    """Tries the treatments that a subclass lists, and applies the one that helps most, if any does.

    After ``fit``: ``estimator_``, ``classes_``, ``found_``; ``n_features_in_`` and ``feature_names_in_`` if the model
    has them.
    """

    estimator: Any = field(default=None, kw_only=False)
    cv: Any = None
    check: bool = True
    random_state: Any = None
    n_jobs: int | None = None

    @abstractmethod
    def _treatments(self, model: Any) -> Mapping[str, Treatment]:
        """Treatments that the model supports, by name; the first is applied with ``check=False``."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **fit_params: Any) -> Self:
        """Estimate label errors out of fold, treat them, and train the model.

        Parameters
        ----------
        X : n rows: array, sparse matrix, data frame or list of texts; anything the model accepts
        y : (n,) numbers, strings or booleans
            Class labels. Some may be wrong, none may be missing.
        sample_weight : (n,) float, 0 or more
            A row of weight 3 counts as three rows; rows of weight 0 are ignored.
        **fit_params
            `groups` for the folds; all others are passed to ``fit`` of the model. With metadata routing, what the
            model and the splitter request.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If labels, weights, folds or options are invalid.
        """
        cleaned = self._cleaned(X, y, sample_weight, fit_params)
        treated, trainer = cleaned.treated, cleaned.trainer
        kept = np.flatnonzero(treated.weights)
        weights = None if (treated.weights[kept] == 1).all() else treated.weights[kept]
        everything = len(kept) == len(treated.weights)
        self.estimator_ = trainer.fitted(treated.codes[kept], None if everything else kept, weights)
        self.classes_ = getattr(self.estimator_, "classes_", trainer.given.classes)
        self.found_ = cleaned.found
        self._copy_features()
        return self

    def clean(self, X: Any, y: Any, sample_weight: Any = None, **fit_params: Any) -> tuple[Any, Any, Numbers]:
        """The rows, labels and weights that ``fit`` would train on; no model is kept. As ``fit_resample`` elsewhere.

        Parameters
        ----------
        X, y, sample_weight, **fit_params : as in ``fit``

        Returns
        -------
        X : m rows, m <= n
            The rows that are kept, in their order and in the caller's type; data frames keep their index.
        y : (m,)
            Their labels, corrected if the correction is sure.
        sample_weight : (m,) float
            Their weights.

        Raises
        ------
        InputError
            As ``fit``.
        """
        cleaned = self._cleaned(X, y, sample_weight, fit_params)
        codes, weights = cleaned.treated.codes, cleaned.treated.weights
        kept = np.flatnonzero(weights)
        rows = cleaned.places[kept]
        given = cleaned.trainer.given
        changed = np.flatnonzero(codes[kept] != given.codes[kept])
        labels = with_labels(take(y, rows), changed, given.classes[codes[kept][changed]])
        own = cleaned.trainer.rows.weights
        return take(X, rows), labels, weights[kept] if own is None else weights[kept] * own[kept]

    @available_if(model_has("predict_log_proba"))  # type: ignore[untyped-decorator]
    def predict_log_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """(m, k) logarithms of the probabilities, in the order of ``classes_``."""
        check_is_fitted(self)
        return np.asarray(self.estimator_.predict_log_proba(X))

    @available_if(model_has("decision_function"))  # type: ignore[untyped-decorator]
    def decision_function(self, X: Any) -> npt.NDArray[np.float64]:
        """(m,) or (m, k) decision values of the model."""
        check_is_fitted(self)
        return np.asarray(self.estimator_.decision_function(X))

    def _cleaned(self, X: Any, y: Any, sample_weight: Any, fit_params: dict[str, Any]) -> Cleaned:
        given = read_class_labels(y)
        (X,) = indexable(X)
        checked_length(X, len(given.codes))
        model = default_model(X) if self.estimator is None else _checked_model(self.estimator)
        rows = self._rows(TrainingRows, X, given.codes, sample_weight, fit_params)
        places = rows.places_that_count()
        kept = rows if len(places) == len(given.codes) else rows.only(places)
        codes = kept.labels
        one_class = bool((codes == codes[0]).all())
        folds = np.zeros(len(codes), dtype=np.int64) if one_class else self._folds(rows, kept, places)
        of_kept = ClassLabels(codes, given.classes)
        trainer = FoldTrainer(seeded(model, self.random_state), kept, of_kept, folds, self.n_jobs)
        return self._treated(trainer, places, given)

    def _treated(self, trainer: FoldTrainer, places: Rows, given: ClassLabels) -> Cleaned:
        codes, weights = trainer.given.codes, trainer.rows.weights
        counts = np.ones(len(codes)) if weights is None else weights
        as_given = Treated(codes, np.ones(len(codes)))
        if trainer.n_folds < self._least_folds():
            return Cleaned(trainer, places, as_given, found_errors(given, places, None, as_given, NONE, {}))
        outputs, agrees = trainer.out_of_fold()
        errors = self._find_errors(codes, outputs, counts)
        treatments = self._treatments(trainer.model)
        tried = {name: treat(codes, errors, counts) for name, treat in treatments.items()}
        tried = {name: treated for name, treated in tried.items() if treated.changes(codes)}
        gains: dict[str, float] = {}
        if self.check and tried:
            in_turn = tuple(treatments[name] for name in tried)
            gains = dict(zip(tried, held_out_gains(trainer, in_turn, agrees, counts, self._find_errors), strict=True))
        chosen = _best(tried, gains, checked=self.check)
        treated = tried.get(chosen, as_given)
        return Cleaned(trainer, places, treated, found_errors(given, places, errors, treated, chosen, gains))

    def _least_folds(self) -> int:
        """Two to predict out of fold; a third so that a treatment can be checked on a held-out fold."""
        least = 3 if self.check else 2
        if is_number(self.cv) and self.cv is not None and self.cv < least:
            fix = "Use cv=3 or more, or check=False to correct labels without checking that it helps."
            raise InputError("cv", f"be at least {least} folds to check treatments", str(self.cv), fix)
        return least

    def _find_errors(self, codes: Labels, outputs: Outputs, counts: Numbers) -> LabelErrorEstimates:
        model = default_model() if self.estimator is None else self.estimator
        probs = outputs if hasattr(model, "predict_proba") else decision_probs(outputs, codes)
        return row_label_errors(codes, probs, counts)


def _checked_model(estimator: Any) -> Any:
    """The estimator; an InputError if it predicts classes only."""
    checked_classifier(estimator)
    if not (hasattr(estimator, "predict_proba") or hasattr(estimator, "decision_function")):
        found = f"{type(estimator).__name__}, which has neither before it is fitted"
        fix = "Wrap it: sklearn.ensemble.BaggingClassifier(estimator) turns votes into probabilities."
        raise InputError("the estimator", "have predict_proba or decision_function", found, fix)
    return estimator


def _best(tried: Mapping[str, Treated], gains: Mapping[str, float], *, checked: bool) -> str:
    """The name of the treatment with the largest positive gain; the first one if gains were not checked."""
    if not tried:
        return NONE
    if not checked:
        return next(iter(tried))
    best = max(tried, key=lambda name: gains[name])
    return best if gains[best] > 0 else NONE
