"""``pu``: which unlabelled rows are positive, how many, and which labelled ones are not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

from dechaff.api.auditing import keep_run, reported, resumable
from dechaff.api.in_passes import needs_passes, run_in_passes
from dechaff.api.reading import check_decisions, check_decisions_alone, job_of
from dechaff.api.results import Audit
from dechaff.backends.chosen import chosen_backend
from dechaff.data.open_positives import open_positives_with
from dechaff.errors import InputError
from dechaff.methods.pu.scheme import Scheme
from dechaff.recipe.cost import cost_in_words
from dechaff.recipe.outcome.content import Command
from dechaff.recipe.passes.row_order import in_content_order
from dechaff.recipe.tasks.positives.audit import audit_positives
from dechaff.recipe.tasks.positives.content import positives_outcome
from dechaff.recipe.tasks.positives.task import PUTask
from dechaff.records.keywords import takes
from dechaff.records.options import PUOptions


@takes(PUOptions)
def pu(source: Any, options: PUOptions) -> Audit:
    """Find the positives among unlabelled rows, and write them to a run folder, as an audit does.

    Some rows are labelled positive, the others are unlabelled. The findings P001 are unlabelled rows that are
    probably positive, P002 labelled rows that probably are not; ``metrics["positives"]`` holds the class prior
    with its interval, every estimate, and what may be wrong with the assumptions.

    Parameters
    ----------
    source : as for ``audit``
        One label marks the labelled positives; all other rows are empty or share another value. A model of your own
        separates labelled from unlabelled rows; its probabilities must be calibrated (no ``class_weight="balanced"``).
        A policy changes a label automatically above .95 (conservative), .8 (balanced) or .5 (bold); "review" changes
        none.
    **options

    Returns
    -------
    Audit
        ``apply`` gives the data with the labels completed.

    Raises
    ------
    LabelsError
        If labels are not of that form, or fewer than five rows are labelled, or unlabelled.
    InputError
        If the source or an option cannot be used.
    RunError
        If the run folder cannot be written.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> random = np.random.default_rng(0)
    >>> ill = random.random(400) < 0.5
    >>> label = [("yes" if one and random.random() < 0.5 else None) for one in ill]
    >>> found = dechaff.pu({"x": random.normal(size=400) + 6 * ill, "seen": label}, label="seen")
    >>> facts = found.metrics["positives"]
    >>> facts["class_prior_low"] < 0.5 < facts["class_prior_high"]
    True
    >>> set(found.findings["code"])
    {'P001'}
    """
    return run_pu(source, options)


def run_pu(source: Any, options: PUOptions) -> Audit:
    """`pu` with a record of options."""
    _check_scheme(options.scheme)
    job = job_of(source, options)
    if needs_passes(job):
        check_decisions_alone(options.decisions)
        purpose = PUTask(None if options.positive is None else str(options.positive), options.scheme)
        with chosen_backend(options.backend, address=options.address, threads=options.threads) as backend:
            return reported(Audit(run_in_passes(job, purpose, "pu", backend)), options.decisions)
    found = open_positives_with(source, options)
    check_decisions(options.decisions, found.train)
    job.progress(cost_in_words(found.train, threads=job.threads, own_model=job.model is not None), 0, 0)
    rows = replace(found, opened=in_content_order(found.opened))
    with chosen_backend(options.backend, address=options.address, threads=options.threads), resumable(job, rows.train):
        seen = audit_positives(
            rows,
            scheme=options.scheme,
            policy=job.policy,
            model=job.model,
            seed=options.seed,
            threads=job.threads,
            progress=job.progress,
        )
    command = Command("pu", source, replace(options, positive=found.positive), job.about())
    return reported(
        keep_run(job, command, positives_outcome(seen, scheme=options.scheme), found.train), options.decisions
    )


def _check_scheme(scheme: str) -> None:
    if scheme not in get_args(Scheme):
        known = " or ".join(map(repr, get_args(Scheme)))
        raise InputError("scheme", f"be {known}", repr(scheme), "Pass how the unlabelled rows were sampled.")
