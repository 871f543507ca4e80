"""``prove``: whether the data got better, on sealed rows."""

from __future__ import annotations

from typing import Any

from dechaff.api.reading import as_model, check_counts
from dechaff.backends.chosen import check_backend, chosen_backend
from dechaff.core.progress import silent
from dechaff.core.threads import training_threads
from dechaff.data.open import open_like, open_with
from dechaff.recipe.prove import Proof
from dechaff.recipe.prove import prove as prove_data
from dechaff.records.options import ProveOptions, ReadOptions, part_of, takes


@takes(ProveOptions, 3)
def prove(before: Any, after: Any, test: Any, options: ProveOptions) -> Proof:
    """Whether a model trained on ``after`` is better on sealed test rows than the same one trained on ``before``.

    Parameters
    ----------
    before, after, test : sources, as for ``audit``
        The training data as they were, the improved ones, and rows that nothing was fitted, cleaned or chosen on.
    **options

    Returns
    -------
    Proof
        ``verdict`` is "better", "no evidence" or "worse"; ``words`` says it in a sentence.

    Raises
    ------
    InputError
        Where a source or an option cannot be used.
    """
    return run_prove(before, after, test, options)


def run_prove(before: Any, after: Any, test: Any, options: ProveOptions) -> Proof:
    """The same from a record of options."""
    check_counts(seed=options.seed, threads=options.threads)
    check_backend(options.backend, options.address)
    opened = open_with(before, part_of(ReadOptions, options, test=test), seed=options.seed)
    assert opened.test is not None
    improved = open_like(after, opened.train)
    with chosen_backend(options.backend, address=options.address, threads=options.threads):
        return prove_data(
            opened.train,
            improved,
            opened.test,
            model=as_model(options.model),
            metric=options.metric,
            n_seeds=options.seeds,
            seed=options.seed,
            progress=options.progress or silent,
            threads=training_threads(options.threads),
        )
