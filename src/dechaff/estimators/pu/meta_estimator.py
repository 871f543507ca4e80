"""What the positive-unlabelled classifiers share: their training rows, `fit` and `predict`, estimates and diagnoses."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import issparse
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import indexable
from sklearn.utils.validation import check_is_fitted

from dechaff.core.row_hash import row_hash
from dechaff.errors import InputError, LabelsError
from dechaff.estimators.content_folds import label_folds, seed_of
from dechaff.estimators.folded_classifier import FoldedClassifier, checked_classifier, scattered
from dechaff.estimators.pu.diagnostic_inputs import feature_columns, flexible_reference, reweighting_of
from dechaff.estimators.pu.estimates import NamedRows, PUEstimates, pu_estimates
from dechaff.estimators.pu.labels import named, probability_columns, read_pu_labels
from dechaff.estimators.training_rows import TrainingRows, checked_length, checked_weights, take
from dechaff.estimators.weighted_fit import default_model, explained, seeded
from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.diagnostics.diagnose import DiagnosisInputs, diagnose
from dechaff.methods.pu.diagnostics.missing_structure import NAME as STRUCTURE
from dechaff.methods.pu.diagnostics.score_diagnoses import Diagnosis
from dechaff.methods.pu.diagnostics.selection_at_random import NAME as SELECTION
from dechaff.methods.pu.elkan_noto import is_positive, out_of_fold_label_probs
from dechaff.methods.pu.scheme import Scheme, check_scheme, class_prior
from dechaff.models.single_threaded import single_threaded
from dechaff.typing import FitPredict, Groups, Mask, Numbers, Rows

OF_TFIDF, OF_SCALED = (1.0, 10.0, 100.0), (0.01, 1.0)
"""Values of scikit-learn's C, on TF-IDF rows of unit length and on columns scaled to unit variance."""


def sparse_models() -> tuple[Pipeline, ...]:
    """Models to choose from: logistic regression on TF-IDF, which suits texts, and on scaled columns, for tables.

    Examples
    --------
    >>> [model[-1].C for model in sparse_models()]
    [1.0, 10.0, 100.0, 0.01, 1.0]
    """
    scalers = (TfidfTransformer(), OF_TFIDF), (StandardScaler(with_mean=False), OF_SCALED)
    return tuple(
        make_pipeline(scaler, LogisticRegression(C=C, max_iter=1000)) for scaler, values in scalers for C in values
    )


_LEAST = 1e-6
"""Least probability of a label that counts in the log loss: one sure mistake does not decide."""


@dataclass(frozen=True, repr=False)
class PUDiagnoses(NamedRows[Diagnosis]):
    """Results of the diagnostics: printed as a list with problems first, accessed by name or position.

    Examples
    --------
    >>> few = Diagnosis("few positives", True, 12.0, "Only 12 rows are labelled.", "Label at least 60.")
    >>> learns = Diagnosis("model learns nothing", False, 0.9, "It learns.")
    >>> found = PUDiagnoses((learns, few))
    >>> print(found)
    Wrong
      few positives: Only 12 rows are labelled. Label at least 60.
    Fine
      model learns nothing: It learns.
    >>> found["few positives"].figure, [one.name for one in found.wrong]
    (12.0, ['few positives'])
    """

    KIND = "diagnoses"

    @property
    def wrong(self) -> tuple[Diagnosis, ...]:
        """The diagnoses that found a problem."""
        return tuple(one for one in self.rows if one.wrong)

    def __repr__(self) -> str:
        kinds = {
            "Wrong": self.wrong,
            "Fine": tuple(one for one in self.rows if one.checked and not one.wrong),
            "Not checked": tuple(one for one in self.rows if not one.checked),
        }
        return "\n".join(f"{head}\n" + "\n".join(f"  {one}" for one in rows) for head, rows in kinds.items() if rows)


def _asking_for_rows(one: Diagnosis) -> Diagnosis:
    """Adds to diagnoses that need features how to pass them."""
    needs_rows = not one.checked and one.name in (STRUCTURE, SELECTION)
    return replace(one, do="Pass the training rows: diagnose(X).") if needs_rows else one


@dataclass(frozen=True)
class PURows(TrainingRows):
    """n training rows, some of them labelled positives."""

    @property
    def labelled(self) -> Mask:
        """(n,) bool, True = labelled positive."""
        return self.labels

    def places_that_count(self) -> Rows:
        """(m,) positions of rows of weight above 0; a LabelsError if all are labelled or all unlabelled."""
        places = super().places_that_count()
        _refuse_one_class(self.labelled[places])
        return places

    def fit_predict(self, estimator: Any) -> FitPredict:
        """A function that trains a clone of the estimator on some of these rows and predicts others."""

        def run(fit_rows: Rows, fit_codes: npt.NDArray[np.int64], predict_rows: Rows) -> npt.NDArray[np.float64]:
            _refuse_one_kind(fit_codes)
            model = self.fitted(estimator, fit_codes, rows=fit_rows)
            # Rounding in float32 may exceed 1.
            return np.clip(np.asarray(model.predict_proba(take(self.X, predict_rows)), dtype=np.float64), 0, 1)

        return run


def _refuse_one_class(labelled: Mask) -> None:
    """Raises a LabelsError if one class has rows of weight 0 only."""
    if labelled.all() or not labelled.any():
        found = "one class: " + ("labelled positives" if labelled.all() else "unlabelled rows") + " only"
        must = "have both classes, labelled and unlabelled, among the rows of weight above 0"
        raise LabelsError("y", must, found, "Give weight to rows of the other class.")


def _refuse_one_kind(codes: npt.NDArray[np.int64]) -> None:
    if codes.min(initial=1) == codes.max(initial=0):
        kind = "labelled" if codes.any() else "unlabelled"
        must = "leave rows of both classes, labelled and unlabelled, to learn from"
        raise InputError("cv", must, f"a fold that leaves {kind} rows only", "Omit cv for stratified folds.")


@dataclass(eq=False, repr=False, kw_only=True)
class PUMetaEstimator(FoldedClassifier):
    """Base class. Subclasses are dataclasses, whose fields are their options, and train on `PURows`.

    After ``fit``: ``classes_``, ``positive_class_``, ``labelled_`` (n,); ``label_probs_`` (n,) if the subclass computes
    them; ``n_features_in_`` and ``feature_names_in_`` if the model has them.
    """

    positive: Hashable = None
    random_state: Any = None
    scheme: Scheme = field(default="single-training-set", init=False)

    @abstractmethod
    def _learn(
        self, rows: PURows, folds: Groups, model: Any
    ) -> npt.NDArray[np.float64] | Mapping[str, npt.NDArray[Any]] | None:
        """Sets the fitted attributes, ``estimator_`` among them.

        `folds` (n,) is the fold of each row; `model` is the estimator to clone. Returns out-of-fold g (n,), or arrays
        (n,) by the name of the fitted attribute they become, or None.
        """

    def _positive_probs(self, X: Any) -> npt.NDArray[np.float64]:
        """(m,) p(y = 1 | x) of new rows."""
        return np.asarray(self.estimator_.predict_proba(X)[:, 1], dtype=np.float64)

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **fit_params: Any) -> Self:
        """Train on labelled positives and unlabelled rows.

        Parameters
        ----------
        X : n rows: array, sparse matrix, data frame or list of texts; anything the model accepts
        y : (n,) 1 / 0, 1 / -1, True / False, any two names, or one name and missing values
            Labelled positive or unlabelled.
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
        labels = read_pu_labels(y, positive=self.positive)
        (X,) = indexable(X)
        checked_length(X, len(labels.labelled))
        check_scheme(self.scheme)
        model = self._default(X) if self.estimator is None else seeded(checked_model(self.estimator), self.random_state)
        rows = self._rows(PURows, X, labels.labelled, sample_weight, fit_params)
        places = rows.places_that_count()
        kept = rows if len(places) == len(labels.labelled) else rows.only(places)
        found = self._learnt(kept, self._folds(rows, kept, places), model)
        self.classes_, self.positive_class_ = labels.classes, labels.classes[labels.positive]
        self.labelled_ = labels.labelled
        for name, values in ({"label_probs_": found} if isinstance(found, np.ndarray) else found or {}).items():
            setattr(self, name, scattered(values, places, len(labels.labelled)))
        self._copy_features()
        return self

    def _default(self, X: Any) -> Any:
        """The model if none is given."""
        return seeded(default_model(X), self.random_state)

    def _learnt(self, rows: PURows, folds: Groups, model: Any) -> Any:
        try:
            return self._learn(rows, folds, model)
        except ValueError as error:
            raise explained(None, error) from error

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """(m, 2) probabilities of the classes (not of being labelled), in the order of ``classes_``; rows sum to 1."""
        return probability_columns(self._checked_positive_probs(X), self._positive_place())

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """(m,) class of each row: positive if its probability is at least 0.5."""
        positive = is_positive(self._checked_positive_probs(X))
        return named(self.classes_, self._positive_place(), positive)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    _deal = staticmethod(label_folds)

    def _checked_positive_probs(self, X: Any) -> npt.NDArray[np.float64]:
        check_is_fitted(self)
        try:
            return self._positive_probs(X)
        except ValueError as error:
            raise explained(None, error) from error

    def _keep_c(self, binned: BinnedScores, c: float) -> None:
        """Sets ``c_`` and ``class_prior_``; c is at least the fraction of labelled rows (all rows positive)."""
        n_labelled, n_unlabelled = binned.n_labelled, binned.n_unlabelled
        self.c_ = min(max(float(c), n_labelled / (n_labelled + n_unlabelled)), 1.0)
        self.class_prior_ = class_prior(self.c_, n_labelled, n_unlabelled, self.scheme)

    def _positive_place(self) -> int:
        return int(self.classes_[1] == self.positive_class_)


def _log_loss(rows: PURows, label_probs: Numbers) -> float:
    of_label = np.where(rows.labelled, label_probs, 1 - label_probs)
    return -float(np.average(np.log(np.maximum(of_label, _LEAST)), weights=rows.weights))


def checked_model(estimator: Any) -> Any:
    """The estimator; an InputError if it is not an instance of a classifier with ``predict_proba``."""
    if not hasattr(checked_classifier(estimator), "predict_proba"):
        fix = "Wrap it: sklearn.calibration.CalibratedClassifierCV(estimator) gives probabilities."
        found = f"{type(estimator).__name__}, which has none"
        raise InputError("the estimator", "have predict_proba", found, fix)
    return estimator


@dataclass(eq=False, repr=False, kw_only=True)
class PUWithoutFolds(PUMetaEstimator):
    """Base of the classifiers that hold no rows out: bagging and expectation maximisation."""

    estimator: Any = field(default=None, kw_only=False)
    cv = None

    def _folds(self, rows: TrainingRows, kept: TrainingRows, places: Rows) -> Groups:
        if kept.groups is not None:
            name = type(self).__name__
            fix = "Omit them; PUClassifier and SpyClassifier hold rows out by groups."
            raise InputError("groups", f"be omitted, because {name} holds no rows out", "groups", fix)
        return np.zeros(len(kept.labels), dtype=np.int64)


@dataclass(eq=False, repr=False, kw_only=True)
class PUWithFolds(PUMetaEstimator):
    """Base of the classifiers that hold out rows of any model."""

    estimator: Any = field(default=None, kw_only=False)
    cv: Any = None


@dataclass(eq=False, repr=False, kw_only=True)
class PUOutOfFold(PUWithFolds):
    """Base of the classifiers with out-of-fold g: adds estimates of c and diagnostics."""

    scheme: Scheme = "single-training-set"

    def _default(self, X: Any) -> Any:
        """Several models if X is sparse; `_best_label_probs` chooses."""
        return sparse_models() if issparse(X) else super()._default(X)

    @staticmethod
    def _best_label_probs(rows: PURows, folds: Groups, model: Any) -> tuple[Any, Numbers]:
        """The model whose out-of-fold g has the least log loss, and that g (n,); `model` is one, or a tuple of several.

        Everything else rests on g, and the labels themselves say how good it is.
        """
        models = model if isinstance(model, tuple) else (model,)
        found = [out_of_fold_label_probs(rows.fit_predict(one), rows.labelled, folds) for one in models]
        best = int(np.argmin([_log_loss(rows, label_probs) for label_probs in found]))
        return models[best], found[best]

    def estimates(self, *, n_bootstraps: int = 200) -> PUEstimates:
        """Every estimate of c and of the class prior with 95 % intervals: e1 to e3, the four members, the consensus.

        If the four members differ much, c and the class prior are not identified by these rows.

        Parameters
        ----------
        n_bootstraps : int, at least 1
            Bootstrap samples of the out-of-fold scores for the intervals. The model is not retrained.
        """
        check_is_fitted(self)
        seed, used = seed_of(self.random_state), self._estimator_of_c()
        return pu_estimates(self.binned_scores_, scheme=self.scheme, used=used, n_bootstraps=n_bootstraps, seed=seed)

    def diagnose(self, X: Any = None, *, sample_weight: Any = None) -> PUDiagnoses:
        """Possible problems with the rows, the labels or the model, each with a remedy.

        Parameters
        ----------
        X : the rows passed to ``fit``, or None
            Needed to check whether labelling depends on features, and whether the model underfits (which trains boosted
            trees on the folds). Texts have no feature columns.
        sample_weight : as in ``fit``

        Raises
        ------
        InputError
            If X or the weights do not have the length of the training rows.
        """
        check_is_fitted(self)
        labelled, label_probs, seed = self.labelled_, self.label_probs_, seed_of(self.random_state)
        if X is not None:
            checked_length(X, len(labelled))
        weights = checked_weights(sample_weight, len(labelled))
        columns = None if X is None else feature_columns(X)
        reference = None
        if columns is not None and not hasattr(X, "tocsc"):
            counts = np.where(np.isfinite(label_probs), 1.0 if weights is None else weights, 0.0)
            folds = label_folds(row_hash(X), labelled, weights=counts, seed=seed)
            reference = flexible_reference(columns.values, labelled & (counts > 0), folds, seed=seed)
        evidence = DiagnosisInputs(
            label_probs,
            labelled,
            weights=weights,
            features=None if columns is None else columns.values,
            feature_names=() if columns is None else columns.names,
            reference_probs=reference,
            reweighting=reweighting_of(self.estimator),
        )
        # Small fits, in one thread as in `pu_estimates`.
        with single_threaded():
            found = diagnose(evidence, seed=seed)
        return PUDiagnoses(tuple(map(_asking_for_rows, found)) if X is None else found)

    def _estimator_of_c(self) -> str | None:
        """Name of the estimate that ``predict`` uses; None if it is not in the table."""
        raise NotImplementedError
