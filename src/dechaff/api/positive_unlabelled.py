"""``pu``: which unlabelled rows are positive, how many, and which labelled ones are not."""

from __future__ import annotations

from typing import Any

from dechaff.api.auditing import run_task
from dechaff.api.results import Audit
from dechaff.methods.pu.scheme import check_scheme
from dechaff.recipe.tasks.positives.task import PUTask
from dechaff.records.keywords import takes
from dechaff.records.options import PUOptions


@takes(PUOptions)
def pu(source: Any, options: PUOptions) -> Audit:
    """Find the positives among unlabelled rows, and write them to a run folder, as an audit does.

    Some rows are labelled positive, the others are unlabelled. The findings P001 are unlabelled rows that are
    probably positive, P002 labelled rows that probably are not; ``metrics.positives`` holds the class prior
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

    Source
    ------
    Elkan, Noto (2008), KDD, with other estimates of c; see ``PUClassifier`` and ``dechaff.methods.pu``.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> random = np.random.default_rng(0)
    >>> ill = random.random(400) < 0.5
    >>> label = [("yes" if one and random.random() < 0.5 else None) for one in ill]
    >>> found = dechaff.pu({"x": random.normal(size=400) + 6 * ill, "seen": label}, label="seen")
    >>> facts = found.metrics.positives
    >>> facts.class_prior_low < 0.5 < facts.class_prior_high
    True
    >>> set(found.findings["code"])
    {'P001'}
    """
    check_scheme(options.scheme)
    wanted = None if options.positive is None else str(options.positive)
    return run_task(source, options, PUTask(wanted, options.scheme), "pu")
