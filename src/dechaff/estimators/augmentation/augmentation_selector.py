"""A classifier that is trained with augmented rows if they help, measured on rows held out from training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self, cast

import numpy as np

from dechaff.core.row_hash import Hashes, row_hash
from dechaff.errors import InputError
from dechaff.estimators.augmentation.changeable_rows import ChangeableRows, changeable_rows
from dechaff.estimators.augmentation.search import Search, check_flip_rate
from dechaff.estimators.augmentation.study import AugmentationStudy
from dechaff.estimators.class_labels import ClassLabels
from dechaff.estimators.content_folds import class_folds, seed_of
from dechaff.estimators.folded_classifier import DelegatingClassifier, is_number
from dechaff.estimators.training_rows import TrainingRows
from dechaff.estimators.weighted_fit import fit_codes, fit_fresh
from dechaff.methods.augmentation.operation import Kind, Operation, RowChange
from dechaff.methods.augmentation.rand_augment import has_torchvision
from dechaff.methods.augmentation.usual_operations import OF_TORCHVISION, OF_UNEQUAL_CLASSES, USUAL
from dechaff.typing import Groups, Labels, Rows

OwnOperation = Callable[[Any, np.random.Generator], Any]
"""A function of the user: rows and a generator in, one changed row per row out."""
_LAST = 2**31 - 1
"""Number of the draw that the model is trained on."""
_UNEQUAL = 1.5
"""From this ratio of the largest to the smallest class on, rare classes are also oversampled."""


@dataclass(eq=False, repr=False, kw_only=True)
class AugmentationSelector(DelegatingClassifier):
    """Finds out which operation of data augmentation helps a classifier, and trains it with it; or without any.

    Each operation makes new rows out of the training rows of a fold, never of held-out ones. Operations that change the
    class too often are dropped. The others are compared by the Brier score on held-out rows, by successive halving. The
    best one is tested on fresh folds. It is accepted if the interval of its gain is above zero, also after calibration
    some of it is left, and neither accuracy nor log-loss is worse. Else the model is trained on the rows as they are.

    Parameters
    ----------
    estimator : scikit-learn classifier with ``predict_proba``, or None
        A clone is trained. None: logistic regression on standardised features. Texts need a pipeline with a vectoriser.
    operations : sequence of operations or functions, or None
        What to try. A function takes rows and a random generator, and returns one changed row per row. None: the usual
        ones for numbers, texts or images, SMOTE and the like if imbalanced-learn is installed and classes differ in
        size, and RandAugment for images if torchvision is installed.
    image_shape : (height, width) or (height, width, channels), or None
        Shape of each image if X is flat.
    copies : int or None
        New rows per training row; None: 8 for up to 250 rows, 1 from 2,000 on.
    max_flip_rate : float from 0 to 1
        An operation is dropped if its label-flip rate is above, beyond doubt: by the lower end of its exact interval.
    repeats : int, at least 1
        Number of cross-validations in the final test.
    cv : int or None
        Number of folds; None: five, or fewer if there are few rows.
    random_state : int, RandomState or None
        Seed of folds, of the operations, and of the model if its own seed is None. None: 0 for folds and operations.

    Attributes
    ----------
    estimator_ : the trained model
    study_ : `AugmentationStudy`
        What was tried, with flip rates and gains, and the test of the best.
    new_rows_ : rows that were added, in the form of X; None if no operation was accepted
    parents_ : (m,) int, the training row from which each was made; None if no operation was accepted
    classes_ : (k,) class names, sorted
    n_features_in_, feature_names_in_ : as in the model

    References
    ----------
    Jamieson, Talwalkar (2016), Non-stochastic best arm identification, AISTATS (successive halving); Nadeau, Bengio
    (2003), Machine Learning 52 (the test).

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_digits(n_class=3, return_X_y=True)
    >>> model = AugmentationSelector(LogisticRegression(C=0.01), operations=[lambda rows, rng: -rows], copies=1)
    >>> model.fit(X[:90], y[:90]).study_.accepted is None
    True
    """

    estimator: Any = field(default=None, kw_only=False)
    operations: Sequence[Operation | OwnOperation] | None = None
    image_shape: tuple[int, ...] | None = None
    copies: int | None = None
    max_flip_rate: float = 0.15
    repeats: int = 4
    cv: Any = None
    random_state: Any = None

    def fit(self, X: Any, y: Any, **fit_params: Any) -> Self:
        """Search, test, and train on all rows, and on new ones if an operation is accepted.

        Parameters
        ----------
        X : n rows: array, data frame, list of texts, or images (n, h, w) or (n, h, w, channels)
        y : (n,) numbers, strings or booleans
            Class labels of at least two classes; none may be missing.
        **fit_params
            `groups` for the folds: rows of one group are not cut apart.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If labels or options are invalid.
        """
        self._check_options()
        fix = "Leave it out; new rows have no weights or other arguments of their own."
        given, rows = self._given(X, y, fit_params, fix=fix)
        model = self._probabilistic_model(rows.X, "to compare probabilities")
        form = changeable_rows(rows.X, self.image_shape)
        self.new_rows_: Any = None
        self.parents_: Rows | None = None
        if isinstance(form, str):
            self.study_ = AugmentationStudy((), None, 0, form)
        else:
            self._search(model, form, given, rows)
        X, codes = rows.X, given.codes
        if self.parents_ is not None and not isinstance(form, str):
            X = form.joined([form.filled(X, form.part(X)), self.new_rows_])
            codes = codes[np.concatenate([np.arange(len(codes)), self.parents_])]
        self.estimator_ = fit_fresh(model, X, given.classes[codes])
        self.classes_ = given.classes
        self._copy_features()
        return self

    def _search(self, model: Any, form: ChangeableRows, given: ClassLabels, rows: TrainingRows) -> None:
        k = len(given.classes)
        search = Search(
            partial(fit_codes, model, k),
            form,
            rows.X,
            given.codes,
            k,
            partial(_deal, row_hash(rows.X), rows, self.cv, seed_of(self.random_state)),
            max_flip_rate=self.max_flip_rate,
            repeats=self.repeats,
            copies=self.copies,
            seed=seed_of(self.random_state),
        )
        self.study_ = search.study(operations_for(form.kind, given.codes, self.operations))
        if self.study_.accepted is not None:
            every = np.arange(len(given.codes))
            self.new_rows_, self.parents_ = search.augmented(self.study_.accepted, every, _LAST)

    def _check_options(self) -> None:
        check_flip_rate(self.max_flip_rate)
        for name, value in (("repeats", self.repeats), ("copies", 1 if self.copies is None else self.copies)):
            if value < 1:
                raise InputError(name, "be at least 1", str(value), "Leave it out for the usual number.")
        if not is_number(self.cv):
            raise InputError(
                "cv", "be a number of folds", repr(self.cv), "Pass groups to fit for rows that belong together."
            )


def operations_for(
    kind: Kind, codes: Labels, own: Sequence[Operation | OwnOperation] | None = None
) -> tuple[Operation, ...]:
    """The operations to try on rows of a kind: those of the user, or the usual ones.

    Examples
    --------
    >>> [one.name for one in operations_for("table", np.array([0, 1]))]
    ['Gaussian noise', 'feature dropout', 'mixup']
    """
    if own is None:
        sizes = np.bincount(codes)
        unequal = kind == "table" and sizes.max() >= _UNEQUAL * sizes[sizes > 0].min()
        more = OF_TORCHVISION if kind == "image" and has_torchvision() else ()
        return (*USUAL[kind], *(OF_UNEQUAL_CLASSES if unequal else ()), *more)
    return tuple(cast(Operation, one) if hasattr(one, "new_rows") else own_operation(kind, one) for one in own)


def own_operation(kind: Kind, function: OwnOperation) -> RowChange:
    """A function of the user as an operation, under its own name."""

    def change(rows: Any, strength: float, rng: np.random.Generator) -> Any:
        return function(rows, rng)

    return RowChange(getattr(function, "__name__", type(function).__name__), kind, change)


def _deal(hashes: Hashes, rows: TrainingRows, n_folds: int | None, seed: int, number: int) -> Groups:
    return class_folds(hashes, rows.labels, groups=rows.groups, n_folds=n_folds, seed=seed + number)
