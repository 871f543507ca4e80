"""Predictions for every row by a model that has not seen it: folds that keep classes level and groups whole."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from dechaff.core.folds import USUAL_FOLDS, Folds, Units, assign_folds
from dechaff.core.progress import Progress, silent
from dechaff.core.row_hash import Hashes
from dechaff.core.threads import threaded_map
from dechaff.errors import InputError, LabelsError
from dechaff.typing import FitPredict, Groups, Labels, Probs

T = TypeVar("T")
R = TypeVar("R")


def side_by_side(work: Callable[[T], R], items: Iterable[T], *, threads: int) -> Iterator[R]:
    """A parallel ``map(work, items)``; results come in the order of the items.

    Inside ``joblib.parallel_config("dask")`` or ``("ray")``, each item is a task on that cluster, and `work` is pickled
    with it. joblib's own backends are not used: threads share the rows without copying them.

    Examples
    --------
    >>> list(side_by_side(abs, [-1, 2], threads=2))
    [1, 2]
    """
    cluster = _cluster_of_joblib()
    if cluster is None:
        yield from threaded_map(work, items, threads=threads)
        return
    from joblib import Parallel, delayed

    as_they_come = "generator" if cluster.supports_return_generator else "list"
    # No task waits in memory for a worker, because each is sent with its rows.
    parallel = Parallel(return_as=as_they_come, pre_dispatch="n_jobs", batch_size=1)
    yield from parallel(delayed(work)(item) for item in items)


def _cluster_of_joblib() -> Any:
    """The active joblib backend if it is from another package, else None."""
    joblib = sys.modules.get("joblib")
    if joblib is None:  # not imported, so not configured
        return None
    active, _ = joblib.parallel.get_active_backend()
    return None if type(active).__module__ == "joblib._parallel_backends" else active


def stratified_group_folds(
    codes: Labels, groups: Groups, hashes: Hashes | None = None, *, n_folds: int = USUAL_FOLDS, seed: int = 0
) -> Folds:
    """A fold for each row: every class spread evenly, rows of one group in one fold, whatever the order of the rows.

    Rows without a label count as one more class, so that they are predicted too.

    Parameters
    ----------
    codes : (n,) int, -1 = missing
        Given labels.
    groups : (n,) int, -1 = alone
        Rows that must not be cut apart.
    hashes : (n,) uint64
        Of the content of the rows, which decides with the seed. If it is None, rows are identified by their position.
    n_folds : folds wanted; fewer where there are fewer groups and single rows than that.
    seed : decides which rows go together.

    Returns
    -------
    (n,) int, 0 … folds - 1

    Raises
    ------
    InputError
        If all rows form one group, so that nothing can be held out.

    Examples
    --------
    >>> stratified_group_folds(np.array([0, 0, 1, 1]), np.array([-1, -1, -1, -1]), n_folds=2, seed=0)
    array([1, 0, 0, 1])
    """
    units = Units.of_groups(groups, np.arange(len(codes), dtype=np.uint64) if hashes is None else hashes)
    dealt = assign_folds(units, np.maximum(codes, -1), n_folds=n_folds, seed=seed)[units.of_rows]
    folds = np.unique(dealt, return_inverse=True)[1].astype(np.int64)
    if len(folds) < 2 or folds.max() == 0:
        raise InputError(
            "the rows",
            "fall into at least two groups, so that some can be held out",
            f"{len(folds)} rows in one group",
            "Add rows, or leave --group out.",
        )
    return folds


def out_of_fold(
    fit_predict: FitPredict,
    codes: Labels,
    folds: Folds,
    n_classes: int,
    *,
    only: npt.NDArray[np.int64] | None = None,
    progress: Progress = silent,
    threads: int = 1,
) -> Probs:
    """Probabilities of every row from a model that has not seen its fold.

    Rows without a label (-1) are predicted and never learnt from. The answer is the same for any number of threads.

    Parameters
    ----------
    fit_predict : the model, bound to the rows.
    codes : (n,) int, -1 = missing
    folds : (n,) int
    n_classes : k
    only : folds to predict; all if it is None.

    Returns
    -------
    (n, k) float
        Rows sum to 1; rows of folds that were not asked for are 0.

    Raises
    ------
    LabelsError
        If no row outside some fold has a label.
    """
    options: Any = {"only": only, "progress": progress, "threads": threads}
    return each_out_of_fold([fit_predict], codes, folds, n_classes, **options)[0]


def each_out_of_fold(
    models: Sequence[FitPredict],
    codes: Labels,
    folds: Folds,
    n_classes: int,
    *,
    only: npt.NDArray[np.int64] | None = None,
    progress: Progress = silent,
    threads: int = 1,
) -> list[Probs]:
    """The same of several models: what all of them have to learn is shared among the threads."""
    names = np.unique(folds) if only is None else only
    probs = [np.zeros((len(codes), n_classes)) for _ in models]
    # Models come in order of complexity. The last take longest: started first, they leave no thread idle in the end.
    todo = list(product(reversed(range(len(models))), names.tolist()))

    def predict(one: tuple[int, int]) -> tuple[npt.NDArray[np.int64], Probs]:
        place, fold = one
        held_out = np.flatnonzero(folds == fold)
        fit_rows = np.flatnonzero((folds != fold) & (codes >= 0))
        if len(fit_rows) == 0:
            raise LabelsError(
                "the label column",
                "have labels in at least two folds",
                f"{int((codes >= 0).sum())} labelled rows in {len(codes)}",
                "Label more rows.",
            )
        return held_out, models[place](fit_rows, codes[fit_rows], held_out)

    for done, (held_out, part) in enumerate(side_by_side(predict, todo, threads=threads)):
        probs[todo[done][0]][held_out] = part
        progress("baseline", done + 1, len(todo))
    return probs
