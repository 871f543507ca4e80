"""Any torch module, trained by the non-negative risk: nnPU for neural networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.utils.validation import validate_data

from dechaff.core.row_hash import row_hash
from dechaff.core.torch_extra import imported_torch
from dechaff.errors import InputError
from dechaff.estimators.content_folds import seed_of
from dechaff.estimators.pu.linear_risk import PURiskEstimator
from dechaff.estimators.pu.meta_estimator import PURows
from dechaff.methods.pu.risk import ScoreLoss, SigmoidLoss, non_negative_slopes, samples
from dechaff.typing import Groups

Slopes = Callable[..., npt.NDArray[np.float64]]
"""``slopes(scores, samples, class_prior, loss=...)``: derivative of the risk by each score."""
SIGMOID = SigmoidLoss()
_PREDICTED_AT_ONCE = 4096


@dataclass(frozen=True)
class TorchTraining:
    """Training options: AdamW on mini-batches with a constant fraction of labelled rows."""

    epochs: int = 100
    """Number of epochs."""
    batch_size: int = 256
    """Rows per batch; larger if there would be more batches than labelled rows."""
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    loss: ScoreLoss = SIGMOID
    """Loss of one score. The paper's sigmoid loss ranks rows, but its scores are not probabilities; with `LOGISTIC` of
    ``dechaff.models.teaching.losses`` they are log-odds."""
    slopes: Slopes = non_negative_slopes
    """`unbiased_slopes` gives uPU; ``functools.partial(non_negative_slopes, beta=, gamma=)`` sets the paper's beta and
    gamma."""
    device: str = "cpu"
    """Torch device, such as "cuda"."""


@dataclass(eq=False, repr=False, kw_only=True)
class TorchPUClassifier(PURiskEstimator):
    """Trains any torch module on labelled positives and unlabelled rows with the non-negative risk (nnPU).

    A large network memorises its positives, and the negative part of the risk drops below 0. In a batch where it does,
    the step goes up the gradient instead. Requires torch: ``pip install 'dechaff[torch]'``. Standardise the features
    first, for example with StandardScaler in a pipeline.

    Parameters
    ----------
    module : torch.nn.Module, or function (number of columns) -> module, or None
        Maps a batch of m rows to scores (m,) or (m, 1); above 0 = positive. A module is copied with its weights; the
        copy is trained. None: a network with two layers of 100 ReLU units.
    training : `TorchTraining`, or None for its defaults
    class_prior, scheme, positive, cv : as in `NonNegativePUClassifier`
    random_state : int, RandomState or None
        Seed of folds, batches, dropout and the initial weights of a module made in ``fit``. None: 0.

    Attributes
    ----------
    estimator_ : the trained module
    class_prior_, c_, label_probs_, labelled_, classes_, positive_class_, n_features_in_, feature_names_in_ : as in
    `NonNegativePUClassifier`

    Raises
    ------
    InputError
        In ``fit``: if labels, weights, folds or options are invalid, or the scores overflow.
    MissingExtraError
        In ``fit``: if torch is not installed.

    References
    ----------
    Kiryo, Niu, du Plessis, Sugiyama (2017), Positive-unlabeled learning with non-negative risk estimator, NeurIPS,
    algorithm 1. Differs: also one sample that is labelled in part, and duplicate rows are merged into one row with the
    sum of their weights.

    Examples
    --------
    Half of the rows are positive, and 30 % of those are labelled. Not run here, because torch is optional; the same
    example is among the tests:

    >>> random = np.random.default_rng(0)
    >>> y = random.random(1000) < 0.5
    >>> X = random.normal(size=(1000, 2)) + 3 * y[:, None]
    >>> s = y & (random.random(1000) < 0.3)
    >>> model = TorchPUClassifier(training=TorchTraining(epochs=50)).fit(X, s)  # doctest: +SKIP
    >>> float((model.predict(X) == y).mean()) > 0.9  # doctest: +SKIP
    True
    """

    module: Any = field(default=None, kw_only=False)
    training: TorchTraining | None = None

    def _learn(self, rows: PURows, folds: Groups, model: Any) -> npt.NDArray[np.float64] | None:
        torch = imported_torch()
        features = validate_data(self, rows.X, dtype=np.float64, allow_nd=True)
        flat = replace(rows, X=features.reshape(len(features), -1))
        label_probs = self._set_prior(flat, folds, model)
        seed = seed_of(self.random_state)
        options = _checked_training(self.training)
        with torch.random.fork_rng(devices=[] if options.device == "cpu" else None):
            torch.manual_seed(seed)
            self.estimator_ = _module(self.module, features.shape[1]).to(options.device)
            self._train(_merged(features, rows), options, np.random.default_rng(seed))
        return label_probs

    def _train(self, rows: _Merged, options: TorchTraining, random: np.random.Generator) -> None:
        torch, module = imported_torch(), self.estimator_
        data = torch.as_tensor(rows.features, dtype=_dtype(module), device=options.device)
        steps = torch.optim.AdamW(module.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay)
        module.train()
        for _ in range(options.epochs):
            for batch in _batches(rows.labelled, options.batch_size, random):
                scores = _scores(module, data[torch.as_tensor(batch, device=options.device)])
                counted = samples(rows.labelled[batch], self.scheme, weights=rows.weights[batch])
                found = scores.detach().cpu().numpy().astype(np.float64)
                slopes = options.slopes(found, counted, self.class_prior_, loss=options.loss)
                steps.zero_grad()
                # The derivative by the scores comes from the formula; torch propagates it to the weights.
                scores.backward(torch.as_tensor(slopes, dtype=scores.dtype, device=scores.device))
                steps.step()
        module.eval()

    def _positive_probs(self, X: Any) -> npt.NDArray[np.float64]:
        torch = imported_torch()
        features = validate_data(self, X, dtype=np.float64, allow_nd=True, reset=False)
        found, device = [], _checked_training(self.training).device
        with torch.no_grad():
            for start in range(0, len(features), _PREDICTED_AT_ONCE):
                part = features[start : start + _PREDICTED_AT_ONCE]
                data = torch.as_tensor(part, dtype=_dtype(self.estimator_), device=device)
                found.append(_scores(self.estimator_, data).cpu().numpy().astype(np.float64))
        return np.asarray(expit(_finite(np.concatenate(found))))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        return tags


@dataclass(frozen=True)
class _Merged:
    """Distinct rows with the sum of their weights, in an order that depends on content only."""

    features: npt.NDArray[np.float64]
    labelled: npt.NDArray[np.bool_]
    weights: npt.NDArray[np.float64]


def _merged(features: npt.NDArray[np.float64], rows: PURows) -> _Merged:
    keys = np.column_stack([row_hash(features), rows.labelled.astype(np.uint64)])
    _, first, place = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    weights = np.bincount(place.ravel(), rows.weights, minlength=len(first)).astype(np.float64)
    return _Merged(features[first], rows.labelled[first], weights)


def _batches(labelled: npt.NDArray[np.bool_], size: int, random: np.random.Generator) -> Iterator[npt.NDArray[Any]]:
    """Batches that contain each row once, with labelled and unlabelled rows spread evenly."""
    kinds = [random.permutation(np.flatnonzero(kind)) for kind in (labelled, ~labelled)]
    n_batches = max(min(-(-len(labelled) // size), *(len(kind) for kind in kinds)), 1)
    for parts in zip(*(np.array_split(kind, n_batches) for kind in kinds), strict=True):
        yield np.concatenate(parts)


def _checked_training(given: Any) -> TorchTraining:
    options = TorchTraining() if given is None else given
    if not isinstance(options, TorchTraining):
        fix = "Write TorchTraining(epochs=50), for example."
        raise InputError("training", "be a TorchTraining, or None", repr(given), fix)
    for name in ("epochs", "batch_size", "learning_rate"):
        if not getattr(options, name) > 0:
            raise InputError(name, "be above 0", repr(getattr(options, name)), "Omit it for the default.")
    return options


def _module(given: Any, n_features: int) -> Any:
    torch = imported_torch()
    if isinstance(given, torch.nn.Module):
        return deepcopy(given)
    if given is not None and not callable(given):
        fix = "Pass torch.nn.Linear(d, 1), or lambda d: torch.nn.Linear(d, 1)."
        raise InputError("module", "be a torch.nn.Module, or a function that makes one", repr(given), fix)
    return _default_network(n_features) if given is None else given(n_features)


def _default_network(n_features: int) -> Any:
    """In float64: it is small, and a row then has the same score alone and in a batch."""
    layers = imported_torch().nn
    network = layers.Sequential(
        layers.Linear(n_features, 100), layers.ReLU(), layers.Linear(100, 100), layers.ReLU(), layers.Linear(100, 1)
    )
    return network.double()


def _dtype(module: Any) -> Any:
    return next((one.dtype for one in module.parameters()), imported_torch().float32)


def _scores(module: Any, data: Any) -> Any:
    scores = module(data)
    if scores.numel() != len(data):
        found = f"an output of shape {tuple(scores.shape)} for {len(data)} rows"
        raise InputError("module", "return one score per row", found, "End it with torch.nn.Linear(…, 1).")
    return scores.reshape(-1)


def _finite(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    if not np.isfinite(scores).all():
        fix = "Standardise the features, or use a smaller learning_rate."
        raise InputError("the scores", "be finite", "an overflow", fix)
    return scores
