"""Base of the classifiers that doubt their training labels: judged out of fold, treated, learnt from."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.utils import indexable
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from dechaff.errors import InputError
from dechaff.estimators.class_labels import ClassLabels, read_class_labels, with_labels
from dechaff.estimators.clean.found_errors import FoundErrors, found_errors
from dechaff.estimators.clean.held_out import Learner, Outputs, decision_probs, held_out_gains
from dechaff.estimators.clean.label_treatments import Treated, Treatment
from dechaff.estimators.clean.row_judgement import Judgement, judge_rows
from dechaff.estimators.folded_classifier import DelegatingClassifier, checked_classifier, is_number, model_has
from dechaff.estimators.training_rows import TrainingRows, checked_length, take
from dechaff.estimators.weighted_fit import default_model, seeded
from dechaff.typing import Labels, Numbers, Rows

NONE = "none"


@dataclass(frozen=True)
class Cleaned:
    """All rows, those that count, and what is to be learnt of these."""

    learner: Learner
    places: Rows
    """Of the learner's rows among all."""
    treated: Treated
    found: FoundErrors


class NoisyLabelClassifier(DelegatingClassifier):
    """A subclass says what it can do about doubtful labels; the best of it is done, or nothing.

    After ``fit``: ``estimator_``, ``classes_``, ``found_``, and ``n_features_in_`` and ``feature_names_in_`` where the
    model has them.
    """

    random_state: Any
    check: bool
    n_jobs: int | None

    @abstractmethod
    def _treatments(self, model: Any) -> Mapping[str, Treatment]:
        """What is tried with such a model, by name; where nothing is checked, the first of it is done."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **fit_params: Any) -> Self:
        """Judge the labels by models that have not seen them, and learn from what is left of them.

        Parameters
        ----------
        X : n rows: array, sparse matrix, data frame, list of texts, whatever the model takes
        y : (n,) classes: numbers, texts or truth values; some of them may be wrong, none missing
        sample_weight : (n,) float, 0 or more
            A row of weight 3 counts as three rows, one of weight 0 is not there.
        **fit_params : `groups` for the folds, everything else for ``fit`` of the model
            Where metadata routing is on, what the model and the splitter request.

        Raises
        ------
        InputError
            Where labels, weights, folds or options cannot be used; see the message.
        """
        cleaned = self._cleaned(X, y, sample_weight, fit_params)
        treated, learner = cleaned.treated, cleaned.learner
        kept = np.flatnonzero(treated.weights)
        weights = None if (treated.weights[kept] == 1).all() else treated.weights[kept]
        everything = len(kept) == len(treated.weights)
        self.estimator_ = learner.fitted(treated.codes[kept], None if everything else kept, weights)
        self.classes_ = getattr(self.estimator_, "classes_", learner.given.classes)
        self.found_ = cleaned.found
        self._copy_features()
        return self

    def clean(self, X: Any, y: Any, sample_weight: Any = None, **fit_params: Any) -> tuple[Any, Any, Numbers]:
        """What ``fit`` would learn from, without learning from it: like ``fit_resample`` elsewhere.

        Parameters
        ----------
        X, y, sample_weight, **fit_params : as in ``fit``

        Returns
        -------
        X, y
            The rows that are kept, in their order and in the caller's types; data frames keep their index. Labels that
            are sure to be wrong are replaced.
        sample_weight : (m,) float
            What each of them is to count for.
        """
        cleaned = self._cleaned(X, y, sample_weight, fit_params)
        codes, weights = cleaned.treated.codes, cleaned.treated.weights
        kept = np.flatnonzero(weights)
        rows = cleaned.places[kept]
        given = cleaned.learner.given
        changed = np.flatnonzero(codes[kept] != given.codes[kept])
        labels = with_labels(take(y, rows), changed, given.classes[codes[kept][changed]])
        own = cleaned.learner.rows.weights
        return take(X, rows), labels, weights[kept] if own is None else weights[kept] * own[kept]

    @available_if(model_has("predict_log_proba"))  # type: ignore[untyped-decorator]
    def predict_log_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """Logarithms of the probabilities (m, k), in the order of ``classes_``."""
        check_is_fitted(self)
        return np.asarray(self.estimator_.predict_log_proba(X))

    @available_if(model_has("decision_function"))  # type: ignore[untyped-decorator]
    def decision_function(self, X: Any) -> npt.NDArray[np.float64]:
        """Decision values of the model."""
        check_is_fitted(self)
        return np.asarray(self.estimator_.decision_function(X))

    def _cleaned(self, X: Any, y: Any, sample_weight: Any, fit_params: dict[str, Any]) -> Cleaned:
        """What ``fit`` is to learn from."""
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
        return self._judged(Learner(seeded(model, self.random_state), kept, of_kept, folds, self.n_jobs), places, given)

    def _judged(self, learner: Learner, places: Rows, given: ClassLabels) -> Cleaned:
        codes, weights = learner.given.codes, learner.rows.weights
        counts = np.ones(len(codes)) if weights is None else weights
        as_given = Treated(codes, np.ones(len(codes)))
        if learner.n_folds < self._least_folds():
            return Cleaned(learner, places, as_given, found_errors(given, places, None, as_given, NONE, {}))
        outputs, agrees = learner.unseen()
        judged = self._judge(codes, outputs, counts)
        treatments = self._treatments(learner.model)
        tried = {name: treat(codes, judged, counts) for name, treat in treatments.items()}
        tried = {name: treated for name, treated in tried.items() if treated.changes(codes)}
        gains: dict[str, float] = {}
        if self.check and tried:
            in_turn = tuple(treatments[name] for name in tried)
            gains = dict(zip(tried, held_out_gains(learner, in_turn, agrees, counts, self._judge), strict=True))
        chosen = _best(tried, gains, checked=self.check)
        treated = tried.get(chosen, as_given)
        return Cleaned(learner, places, treated, found_errors(given, places, judged, treated, chosen, gains))

    def _least_folds(self) -> int:
        """One to ask, one to judge, and where it is checked one that both models have seen."""
        least = 3 if self.check else 2
        if is_number(self.cv) and self.cv is not None and self.cv < least:
            fix = "Use cv=3 or more, or check=False, which trusts what is found."
            raise InputError("cv", f"be at least {least} folds, so that what is done can be checked", str(self.cv), fix)
        return least

    def _judge(self, codes: Labels, outputs: Outputs, counts: Numbers) -> Judgement:
        model = default_model() if self.estimator is None else self.estimator
        probs = outputs if hasattr(model, "predict_proba") else decision_probs(outputs, codes)
        return judge_rows(codes, probs, counts)


def _checked_model(estimator: Any) -> Any:
    """The estimator, or an InputError where it says nothing of a row but one class."""
    checked_classifier(estimator)
    if not (hasattr(estimator, "predict_proba") or hasattr(estimator, "decision_function")):
        found = f"{type(estimator).__name__}, which has neither before it is fitted"
        fix = "Wrap it: sklearn.ensemble.BaggingClassifier(estimator) makes probabilities of votes."
        raise InputError("the estimator", "have predict_proba or decision_function", found, fix)
    return estimator


def _best(tried: Mapping[str, Treated], gains: Mapping[str, float], *, checked: bool) -> str:
    """The name of what is done: what gains most, if anything gains; the first where nothing was checked."""
    if not tried:
        return NONE
    if not checked:
        return next(iter(tried))
    best = max(tried, key=lambda name: gains[name])
    return best if gains[best] > 0 else NONE
