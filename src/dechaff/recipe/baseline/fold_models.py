"""One model for each fold, trained on the rows of the sample outside it: no row is judged by one that saw it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from dechaff.core.folds import USUAL_FOLDS
from dechaff.core.progress import Progress
from dechaff.data.dataset import Dataset
from dechaff.models.model import (
    EncodedModel,
    Encoding,
    Fitted,
    Learner,
    Matrix,
    Model,
    Predictor,
    TrainingRows,
    learnt,
    take_rows,
    widened,
)
from dechaff.models.out_of_fold import side_by_side
from dechaff.models.single_threaded import single_threaded
from dechaff.typing import Mask, Probs

TRAINING = "training"


class FoldModels(Protocol):
    """Models of all folds."""

    def probs(self, rows: Dataset, folds: npt.NDArray[np.int8]) -> Probs:
        """(n, k) probabilities of rows, each by the model of its fold."""


@dataclass(frozen=True)
class Encoded:
    """The sample as a model sees it, by an encoding that knows no label, and what learns from it."""

    encoding: Encoding
    matrix: Matrix
    learner: Learner


def encoded(sample: Dataset, model: Model, *, seed: int) -> Encoded | None:
    """The sample in numbers; None where a model does not say how it sees rows."""
    if not isinstance(model, EncodedModel):
        return None
    with single_threaded():
        encoding, matrix = model.encoder.fit(sample.table, sample.features, len(sample.class_names), seed=seed)
    return Encoded(encoding, matrix, model.learner)


@dataclass(frozen=True)
class OneEncoding:
    """Models that share their representation of the rows."""

    encoding: Encoding
    predictors: tuple[tuple[npt.NDArray[np.int64], Predictor | None], ...]
    n_classes: int

    def probs(self, rows: Dataset, folds: npt.NDArray[np.int8]) -> Probs:
        """Encodes the rows once, and asks the model of each fold about its own."""
        found = np.zeros((len(rows), self.n_classes))
        with single_threaded():
            matrix = self.encoding.transform(rows.table, rows.features)
            for fold, (seen, predictor) in enumerate(self.predictors):
                mine = np.flatnonzero(folds == fold)
                found[mine] = widened(predictor, seen, take_rows(matrix, mine), len(mine), self.n_classes)
        return found


@dataclass(frozen=True)
class Apart:
    """Models of which nothing is known but that they can be fitted."""

    fitted: tuple[Fitted, ...]
    n_classes: int

    def probs(self, rows: Dataset, folds: npt.NDArray[np.int8]) -> Probs:
        """The model of each fold about its own rows."""
        found = np.zeros((len(rows), self.n_classes))
        for fold, model in enumerate(self.fitted):
            mine = np.flatnonzero(folds == fold)
            if len(mine):
                found[mine] = model.probs(rows.table.take(mine), None)
        return found


@dataclass(frozen=True)
class Training:
    """How models are trained."""

    seed: int
    threads: int
    progress: Progress


def fold_models(
    sample: Dataset,
    folds: npt.NDArray[np.int8],
    model: Model,
    seen: Encoded | None,
    among: Mask,
    how: Training,
) -> FoldModels:
    """Models of every fold.

    Parameters
    ----------
    sample : (m,) rows to learn from.
    folds : (m,) the fold of each, as of all rows.
    model : what to train.
    seen : the sample as it sees it.
    among : (m,) the rows whose labels are learnt from: those outside noisy slices.
    how : seed, threads and who is told.
    """
    k, seed, threads, progress = len(sample.class_names), how.seed, how.threads, how.progress
    learn = among & (sample.codes >= 0)

    def told(results: Any) -> list[Any]:
        found = []
        progress(TRAINING, 0, USUAL_FOLDS)
        for done, result in enumerate(results, 1):
            found.append(result)
            progress(TRAINING, done, USUAL_FOLDS)
        return found

    if seen is not None:
        one = seen

        def trained(fold: int) -> tuple[npt.NDArray[np.int64], Predictor | None]:
            rows = np.flatnonzero(learn & (folds != fold))
            with single_threaded():
                part = TrainingRows(take_rows(one.matrix, rows), sample.codes[rows], one.encoding)
                return learnt(one.learner, part, seed=seed)

        return OneEncoding(one.encoding, tuple(told(side_by_side(trained, range(USUAL_FOLDS), threads=threads))), k)

    def fitted(fold: int) -> Fitted:
        rows = np.flatnonzero(learn & (folds != fold))
        some = sample.take(rows)
        return model.fit(some.table, None, some.codes, k, seed=seed)

    return Apart(tuple(told(side_by_side(fitted, range(USUAL_FOLDS), threads=threads))), k)
