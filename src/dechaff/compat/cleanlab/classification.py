"""cleanlab's ``CleanLearning``, as a classifier that keeps scikit-learn's contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.utils import indexable
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from dechaff.compat.cleanlab.count import estimate_cv_predicted_probabilities
from dechaff.compat.cleanlab.filter import PRUNING
from dechaff.compat.cleanlab.label_issues import (
    USUAL,
    IssueOptions,
    LabelIssues,
    checked_model,
    is_fitted,
    issues_handed_in,
    issues_of,
    issues_of_weighted,
    labels_with_probs,
    of_unknown_class,
    one_of,
    rows_alike,
)
from dechaff.core.row_hash import row_hash
from dechaff.errors import InputError
from dechaff.estimators.class_labels import ClassLabels, read_class_labels
from dechaff.estimators.clean.held_out import FoldTrainer, decision_probs
from dechaff.estimators.content_folds import class_folds, seed_of
from dechaff.estimators.folded_classifier import DelegatingClassifier, model_has
from dechaff.estimators.training_rows import TrainingRows, checked_length
from dechaff.estimators.weighted_fit import default_model, seeded, weight_names
from dechaff.typing import Groups, Numbers, Probs, Rows

_LEAST_RIGHT = 1e-3
"""A class whose labels are all wrong would count without bound."""
_Validation = Callable[[Any, Any], Mapping[str, Any]]


@dataclass(frozen=True)
class _Task:
    """All labels, and the rows to learn from."""

    given: ClassLabels
    learner: FoldTrainer
    places: Rows
    """Of the learner's rows among all."""


def _fitted(name: str) -> Any:
    def get(self: Any) -> Any:
        return getattr(getattr(self, "label_issues_", None), name, None)

    return property(get, doc=f"The {name.replace('_', ' ')} of the last search or fit; None before.")


def _noise(name: str) -> Any:
    noise = _fitted("noise").fget
    return property(lambda self: getattr(noise(self), name, None), doc=f"The {name.replace('_', ' ')}; None before.")


class CleanLearning(DelegatingClassifier):
    """Any classifier, trained on the rows whose labels are no issues.

    Parameters
    ----------
    clf : anything with fit, predict and predict_proba, or None
        Never fitted itself: after `fit`, the attribute ``clf`` is the fitted copy. Without ``classes_``, its columns
        are those of the labels 0 … k-1. None is logistic regression on scaled numbers; X of three axes is flattened.
    seed : int or None
        Seed of the folds, and of the model if it has no random state.
    cv_n_folds : int
        Folds, stratified, with equal rows together; fewer if there are fewer distinct rows.
    converge_latent_estimates : bool
        Whether prior and noise matrices are made to agree.
    pulearning : None
        Labelled positives have a classifier of their own: `dechaff.PUClassifier`.
    find_label_issues_kwargs, label_quality_scores_kwargs : dict or None
        For `find_label_issues` (10 rows of each class are left, unless this says otherwise) and
        `get_label_quality_scores`.
    verbose, low_memory : bool
        Without effect: nothing is printed, and probabilities are never copied.

    Attributes
    ----------
    estimator_, clf : the model, trained on the rows that are left
    classes_ : (k,) names of the classes
    label_issues_ : flags, quality and noise; as cleanlab's table from `get_label_issues`
    n_features_in_, feature_names_in_ : as the model has them

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> true = random.integers(0, 2, 400)
    >>> X = random.normal(size=(400, 2)) + 3 * true[:, None]
    >>> y = np.where(np.arange(400) < 40, 1 - true, true)
    >>> cleaner = CleanLearning(seed=0).fit(X, y)
    >>> bool((cleaner.predict(X) == true).mean() > 0.95), int(cleaner.label_issues_.mask[:40].sum()) > 35
    (True, True)
    """

    confident_joint = _noise("confident_joint")
    py = _noise("py")
    noise_matrix = _noise("noise_matrix")
    inverse_noise_matrix = _noise("inverse_noise_matrix")
    ps = _noise("ps")
    num_classes = _noise("num_classes")
    sample_weight = _fitted("sample_weight")
    clf_kwargs = _fitted("clf_kwargs")
    clf_final_kwargs = _fitted("clf_final_kwargs")

    def __init__(
        self,
        clf: Any = None,
        *,
        seed: Any = None,
        cv_n_folds: int = 5,
        converge_latent_estimates: bool = False,
        pulearning: int | None = None,
        find_label_issues_kwargs: Mapping[str, Any] | None = None,
        label_quality_scores_kwargs: Mapping[str, Any] | None = None,
        verbose: bool = False,
        low_memory: bool = False,
    ) -> None:
        self.clf = clf
        self.seed = seed
        self.cv_n_folds = cv_n_folds
        self.converge_latent_estimates = converge_latent_estimates
        self.pulearning = pulearning
        self.find_label_issues_kwargs = find_label_issues_kwargs
        self.label_quality_scores_kwargs = label_quality_scores_kwargs
        self.verbose = verbose
        self.low_memory = low_memory

    @property
    def clf(self) -> Any:
        """The fitted model; before `fit`, the one that was passed."""
        return self.__dict__.get("estimator_", self.estimator)

    @clf.setter
    def clf(self, model: Any) -> None:
        self.__dict__["clf"] = model

    @property
    def estimator(self) -> Any:
        """The model that was passed, by the name that meta-estimators give it."""
        return self.__dict__["clf"]

    @property
    def estimator_(self) -> Any:
        """The fitted model; before `fit`, the one that was passed if it is fitted."""
        if "estimator_" not in self.__dict__ and not is_fitted(self.estimator):
            raise AttributeError("estimator_")
        return self.clf

    @estimator_.setter
    def estimator_(self, model: Any) -> None:
        self.__dict__["estimator_"] = model

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters as they were passed."""
        model = self.estimator
        of_model = model.get_params() if deep and hasattr(model, "get_params") else {}
        return {
            **super().get_params(deep=False),
            "clf": model,
            **{f"clf__{name}": value for name, value in of_model.items()},
        }

    @property
    def cv(self) -> int:
        """``cv_n_folds``, likewise."""
        return self.cv_n_folds

    def fit(
        self,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        labels: Any = None,
        pred_probs: Any = None,
        thresholds: Any = None,
        noise_matrix: Any = None,
        inverse_noise_matrix: Any = None,
        label_issues: Any = None,
        clf_kwargs: Mapping[str, Any] | None = None,
        clf_final_kwargs: Mapping[str, Any] | None = None,
        validation_func: _Validation | None = None,
    ) -> Self:
        """Find the label issues, unless they are passed, and learn from the other rows.

        If the model takes weights, rows of a class count for the more, the fewer of its labels are right:
        ``1 / noise_matrix[k, k]``, times `sample_weight`.
        """
        y = one_of(y, labels)
        task = self._task(X, y, sample_weight, clf_kwargs)
        known = getattr(self, "label_issues_", None)
        if label_issues is None:
            options = self._issue_options(thresholds, noise_matrix, inverse_noise_matrix)
            found = self._found(task, pred_probs, options, validation_func)
        else:
            found = issues_handed_in(label_issues, task.given, task.places)
        found = replace(found, sample_weight=self._class_weights(found))
        if label_issues is not None and known is not None and np.array_equal(known.given, task.given.codes):
            found = replace(found, noise=known.noise)
        self._learn(task, found, clf_final_kwargs or {})
        given, last = dict(clf_kwargs or {}), dict(clf_final_kwargs or {})
        found = replace(found, clf_kwargs=given, clf_final_kwargs={**given, **last})
        self._remember(found.scattered(task.places, task.given.codes), task.given.classes, _index(y, X))
        return self

    def find_label_issues(
        self,
        X: Any = None,
        labels: Any = None,
        *,
        pred_probs: Any = None,
        thresholds: Any = None,
        noise_matrix: Any = None,
        inverse_noise_matrix: Any = None,
        save_space: bool = False,
        clf_kwargs: Mapping[str, Any] | None = None,
        validation_func: _Validation | None = None,
    ) -> Any:
        """A pandas frame of ``is_label_issue``, ``label_quality``, ``given_label`` and ``predicted_label``.

        From `pred_probs`, or from X by models that have not seen the row; with the index of the labels, or of X.
        """
        options = self._issue_options(thresholds, noise_matrix, inverse_noise_matrix)
        if pred_probs is not None:
            given, probs = labels_with_probs(labels, pred_probs)
            found = issues_of(given.codes, probs, options)
        else:
            if X is None:
                raise InputError("X or pred_probs", "be passed", "neither", "Call find_label_issues(X, labels).")
            task = self._task(X, one_of(labels, None), None, clf_kwargs)
            given, found = task.given, self._found(task, None, options, validation_func)
        index = _index(labels, X)
        if not save_space:
            self._remember(found, given.classes, index)
        return found.frame(given.classes, index)

    def get_label_issues(self) -> Any:
        """The frame of the last `find_label_issues` or `fit`; None before."""
        if not hasattr(self, "label_issues_"):
            return None
        return self.label_issues_.frame(self._names, self._index)

    def save_space(self) -> None:
        """Forget what was found of each row."""
        for name in ("label_issues_", "_names", "_index"):
            if hasattr(self, name):
                delattr(self, name)

    @property
    def label_issues_df(self) -> Any:
        """The same as `get_label_issues`."""
        return self.get_label_issues()

    @property
    def label_issues_mask(self) -> Any:
        """(n,) the flags; None before fit."""
        return self.label_issues_.mask if hasattr(self, "label_issues_") else None

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """(m,) predicted class of each row."""
        return super().predict(self._flat(X))

    @available_if(model_has("predict_proba"))  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Probs:
        """(m, k) probabilities of the classes, in the order of ``classes_``."""
        check_is_fitted(self)
        return np.asarray(self.estimator_.predict_proba(self._flat(X)))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The model's own score; accuracy if it has none."""
        check_is_fitted(self)
        if not hasattr(self.estimator_, "score"):
            return float(super().score(X, y, sample_weight))
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        return float(self.estimator_.score(self._flat(X), y, **weights))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "estimator_")

    def _flat(self, X: Any) -> Any:
        """X of one row per example, for the default model."""
        flat = self.estimator is None and isinstance(X, np.ndarray) and X.ndim > 2
        return X.reshape(len(X), -1) if flat else X

    def _model(self) -> Any:
        return default_model() if self.estimator is None else self.estimator

    def _numbered_folds(self, kept: TrainingRows) -> Groups:
        hashes = row_hash(kept.X)
        n_folds = min(self.cv_n_folds, max(len(np.unique(hashes)), 2))
        return class_folds(hashes, kept.labels, weights=kept.weights, n_folds=n_folds, seed=seed_of(self.seed))

    def _issue_options(self, thresholds: Any, noise_matrix: Any, inverse_noise_matrix: Any) -> IssueOptions:
        return IssueOptions(
            thresholds,
            noise_matrix,
            inverse_noise_matrix,
            self.converge_latent_estimates,
            self.find_label_issues_kwargs,
            self.label_quality_scores_kwargs,
        )

    def _task(self, X: Any, y: Any, sample_weight: Any, clf_kwargs: Mapping[str, Any] | None) -> _Task:
        if self.pulearning is not None:
            fix = "Use dechaff.PUClassifier, which learns from labelled positives and unlabelled rows."
            raise InputError("pulearning", "be None", repr(self.pulearning), fix)
        given = read_class_labels(y)
        (X,) = indexable(self._flat(X))
        checked_length(X, len(given.codes))
        model = default_model(X) if self.estimator is None else checked_model(self.estimator)
        rows = self._rows(TrainingRows, X, given.codes, sample_weight, dict(clf_kwargs or {}))
        places = rows.places_that_count()
        kept = rows if len(places) == len(given.codes) else rows.only(places)
        one_class = bool((kept.labels == kept.labels[0]).all())
        folds = np.zeros(len(places), dtype=np.int64) if one_class else self._folds(rows, kept, places)
        codes = ClassLabels(kept.labels, given.classes)
        return _Task(
            given,
            FoldTrainer(seeded(model, self.seed) if hasattr(model, "get_params") else model, kept, codes, folds),
            places,
        )

    def _found(
        self, task: _Task, pred_probs: Any, options: IssueOptions, validation: _Validation | None
    ) -> LabelIssues:
        codes, rows = task.learner.given.codes, task.learner.rows
        if pred_probs is not None:
            _, probs = labels_with_probs(task.given.classes[task.given.codes], pred_probs)
            return issues_of_weighted(codes, probs[task.places], options, rows.weights)
        if task.learner.n_folds < 2:  # all rows are of one class
            return LabelIssues(np.zeros(len(codes), dtype=bool), codes)
        probs, hashes = self._held_out(task.learner, validation), row_hash(rows.X)
        unknown = of_unknown_class(codes, task.learner.folds)
        probs[unknown] = np.eye(probs.shape[1])[codes[unknown]]
        # Ties go by content: by row number, they would depend on whether copies are rows of their own or weights.
        order = np.lexsort((codes, hashes))
        weights = None if rows.weights is None else rows.weights[order]
        found = issues_of_weighted(codes[order], probs[order], options, weights).scattered(order, codes)
        find = {**USUAL, **(self.find_label_issues_kwargs or {})}
        least = find["min_examples_per_class"] if find.get("filter_by", PRUNING[0]) in PRUNING else 0
        return replace(found, mask=rows_alike(found, hashes, rows.weights, least))

    def _held_out(self, learner: FoldTrainer, validation: _Validation | None) -> Probs:
        if validation is not None:
            return estimate_cv_predicted_probabilities(
                learner.rows.X,
                learner.given.codes,
                learner.model,
                cv_n_folds=self.cv_n_folds,
                seed=self.seed,
                clf_kwargs=learner.rows.options,
                validation_func=validation,
            )
        outputs, _ = learner.out_of_fold()
        return outputs if hasattr(learner.model, "predict_proba") else decision_probs(outputs, learner.given.codes)

    def _class_weights(self, found: LabelIssues) -> Numbers | None:
        """(n,) weights of the rows in addition to their own weight, 0 for issues; None if the model takes no
        weights."""
        if found.noise is None or not weight_names(self._model()):
            return None
        right = np.maximum(np.diagonal(found.noise.noise_matrix), _LEAST_RIGHT)
        return np.where(found.mask, 0.0, 1 / right[found.given])

    def _learn(self, task: _Task, found: LabelIssues, options: Mapping[str, Any]) -> None:
        learner = replace(
            task.learner, rows=replace(task.learner.rows, options={**task.learner.rows.options, **options})
        )
        kept = np.flatnonzero(~found.mask)
        weights = None if found.sample_weight is None else found.sample_weight[kept]
        if weights is not None and (weights == 1).all():
            weights = None
        self.estimator_ = learner.fitted(found.given[kept], None if not found.mask.any() else kept, weights)
        self.classes_ = getattr(self.estimator_, "classes_", task.given.classes)
        self._copy_features()

    def _remember(self, found: LabelIssues, classes: npt.NDArray[Any], index: Any) -> None:
        self.label_issues_, self._names, self._index = found, classes, index


def _index(labels: Any, X: Any) -> Any:
    """The pandas index of the labels, else of X; None if neither has one."""
    for one in (labels, X):
        if hasattr(one, "iloc"):
            return one.index
    return None
