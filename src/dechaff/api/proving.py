"""``prove``: whether the data got better, on sealed rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dechaff.api.reading import as_model, check_counts
from dechaff.backends.chosen import check_backend, chosen_backend
from dechaff.core.progress import Progress, silent
from dechaff.core.threads import training_threads
from dechaff.data.open import open_data, open_like
from dechaff.recipe.prove import Proof
from dechaff.recipe.prove import prove as prove_data


def prove(  # noqa: PLR0913 - one keyword for each flag of the command
    before: Any,
    after: Any,
    test: Any,
    *,
    label: Any = None,
    id: str | None = None,
    group: str | None = None,
    text: Sequence[str] = (),
    categorical: Sequence[str] = (),
    numeric: Sequence[str] = (),
    date: Sequence[str] = (),
    drop: Sequence[str] = (),
    delimiter: str | None = None,
    encoding: str | None = None,
    model: Any = None,
    metric: str = "accuracy",
    seeds: int | None = None,
    seed: int = 0,
    backend: str = "local",
    address: Any = None,
    progress: Progress | None = None,
) -> Proof:
    """Whether a model trained on ``after`` is better on sealed test rows than the same one trained on ``before``.

    Parameters
    ----------
    before, after, test : sources, as for ``audit``
        The training data as they were, the improved ones, and rows that nothing was fitted, cleaned or chosen on.
    label : column name.
    id, group, text, categorical, numeric, date, drop, delimiter, encoding : as for ``audit``.
    model : scikit-learn classifier or ``"module:object"``; the better of the usual ones on ``before`` unless given.
    metric : "accuracy", "balanced_accuracy", "f1", "log_loss" or "auc"
    seeds : number of paired trainings, at least 2; 10 unless given (5 above 20,000 rows).
    seed : of everything random.
    backend, address : as for ``audit``: where models are trained.
    progress : called as ``progress(step, done, total)``.

    Returns
    -------
    Proof
        ``verdict`` is "better", "no evidence" or "worse"; ``words`` says it in a sentence.

    Raises
    ------
    InputError
        Where a source or an option cannot be used.
    """
    check_counts(seed=seed)
    check_backend(backend, address)
    opened = open_data(
        before, label=label, id=id, group=group, test=test, text=text, categorical=categorical, numeric=numeric,
        date=date, drop=drop, delimiter=delimiter, encoding=encoding, seed=seed,
    )  # fmt: skip
    assert opened.test is not None
    improved = open_like(after, opened.train)
    with chosen_backend(backend, address=address):
        return prove_data(
            opened.train, improved, opened.test,
            model=as_model(model), metric=metric, n_seeds=seeds, seed=seed, progress=progress or silent,
            threads=training_threads(),
        )  # fmt: skip
