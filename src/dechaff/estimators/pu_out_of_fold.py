"""Base of the positive-unlabelled classifiers that keep out-of-fold scores, and can be asked what these say."""

from __future__ import annotations

from typing import Any

from sklearn.utils.validation import check_is_fitted

from dechaff.estimators.label_folds import seed_of
from dechaff.estimators.pu_diagnoses import PUDiagnoses, pu_diagnoses
from dechaff.estimators.pu_estimates import PUEstimates, pu_estimates
from dechaff.estimators.pu_meta_estimator import PUMetaEstimator
from dechaff.methods.pu.scheme import Scheme


class PUOutOfFold(PUMetaEstimator):
    """The same as its base, with what follows from ``binned_scores_`` and ``label_probs_``."""

    scheme: Scheme
    random_state: Any

    def estimates(self, *, n_bootstraps: int = 200) -> PUEstimates:
        """Every estimate of c and of the class prior with a 95 % interval: e1 to e3, the four members, the consensus.

        Made when asked for. Where the four members differ by much, neither can be told from these rows.

        Parameters
        ----------
        n_bootstraps : how many samples of the out-of-fold scores make the intervals; the model is not trained anew.
        """
        check_is_fitted(self)
        seed, used = seed_of(self.random_state), self._estimator_of_c()
        return pu_estimates(self.binned_scores_, scheme=self.scheme, used=used, n_bootstraps=n_bootstraps, seed=seed)

    def diagnose(self, X: Any = None, *, sample_weight: Any = None) -> PUDiagnoses:
        """What may be wrong with the rows, the labels or the model, each in words, with what to do about it.

        Parameters
        ----------
        X : the rows of ``fit``, or None
            With them, it is also checked whether labelling depends on their columns, and whether the model is too
            stiff for them, for which boosted trees are trained on the folds.
        sample_weight : as in ``fit``.
        """
        check_is_fitted(self)
        return pu_diagnoses(self, X, sample_weight)

    def _estimator_of_c(self) -> str | None:
        """The name of the estimate that ``predict`` uses; None where it is none of them."""
        raise NotImplementedError
