"""``pu``: which unlabelled rows are positive, how many, and which labelled ones are not."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args

import numpy.typing as npt

from dechaff.api.auditing import keep_run, reported
from dechaff.api.in_passes import Ask, reads_in_passes, run_in_passes
from dechaff.api.reading import (
    check_counts,
    check_decisions,
    check_decisions_alone,
    chosen_model,
    is_path,
    plain_options,
    run_folder,
)
from dechaff.api.results import Audit
from dechaff.backends.chosen import check_backend, chosen_backend
from dechaff.core.progress import Progress, silent
from dechaff.core.threads import training_threads
from dechaff.data.open_positives import open_positives
from dechaff.errors import InputError
from dechaff.methods.pu.scheme import Scheme
from dechaff.recipe.cost import cost_in_words
from dechaff.recipe.large.for_positives import ForPositives
from dechaff.recipe.policy import policy_named
from dechaff.recipe.pu.audit import audit_positives
from dechaff.recipe.pu.content import positives_outcome
from dechaff.recipe.row_order import in_content_order
from dechaff.records.run import refuse_foreign_folder


def pu(  # noqa: PLR0913 - one keyword for each flag of the command
    source: Any,
    *,
    label: Any = None,
    positive: Any = None,
    scheme: Scheme = "single-training-set",
    test: Any = None,
    test_size: float | None = None,
    split: str | None = None,
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
    features: npt.ArrayLike | None = None,
    policy: str = "conservative",
    seed: int = 0,
    threads: int | None = None,
    backend: str = "local",
    address: Any = None,
    memory: str | int | None = None,
    out: str | os.PathLike[str] | None = None,
    decisions: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Find the positives among unlabelled rows, and keep what was found in a run folder, as an audit does.

    Some rows are labelled positive, and of all others nobody knows. The findings P001 are unlabelled rows that are
    probably positive, P002 labelled rows that probably are not; ``metrics["positives"]`` holds the share of positives
    with its interval, every estimate, and what may be wrong with the assumptions.

    Parameters
    ----------
    source, test, test_size, split, id, group, text, categorical, numeric, date, drop, delimiter, encoding, features :
        as for ``audit``.
    label : column name, or array-like of (n,) labels
        One value marks the labelled positives; all other rows are empty or share another value.
    positive : that value
        May be left out where it is plain: one value and empty cells, 1 and 0, 1 and -1, true and false.
    scheme : "single-training-set" or "case-control"
        Whether labelled and unlabelled rows are one sample, labelled in part, or the unlabelled ones are a sample of
        the population of their own.
    model : scikit-learn classifier, or ``"module:object"``
        Tells labelled from unlabelled rows in place of the models that suit the columns. Its probabilities must be
        calibrated: no ``class_weight="balanced"``.
    policy : "conservative", "balanced", "bold" or "review"
        How sure one must be before a label is changed without a person: .95, .8 or .5; "review" changes none.
    seed, threads, backend, address, memory, out, decisions, progress : as for ``audit``.

    Returns
    -------
    Audit
        ``apply`` gives the data with the labels completed.

    Raises
    ------
    LabelsError
        Where labels are not of that form, or fewer than five rows are labelled, or unlabelled.
    InputError
        Where the source or an option cannot be used.
    RunError
        Where the run folder cannot be written.

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
    options = plain_options({name: value for name, value in locals().items() if name != "progress"})
    started = datetime.now(UTC)
    check_counts(seed=seed, threads=threads)
    check_backend(backend, address)
    _check_scheme(scheme)
    folder = run_folder(source, out)
    refuse_foreign_folder(folder)
    chosen, workers, watch = policy_named(policy), training_threads(threads), progress or silent
    if reads_in_passes(source, memory):
        check_decisions_alone(decisions)
        purpose = ForPositives(None if positive is None else str(positive), scheme)
        ask = Ask(source, folder, chosen, chosen_model(model), memory, workers, watch, started)
        with chosen_backend(backend, address=address, threads=threads):
            return reported(Audit(run_in_passes(ask, options, purpose, "pu")), decisions)
    found = open_positives(
        source, positive=positive, label=label, id=id, group=group, test=test, test_size=test_size, split=split,
        text=text, categorical=categorical, numeric=numeric, date=date, drop=drop, delimiter=delimiter,
        encoding=encoding, features=features, seed=seed,
    )  # fmt: skip
    check_decisions(decisions, found.train)
    watch(cost_in_words(found.train, threads=workers, own_model=model is not None), 0, 0)
    rows = replace(found, opened=in_content_order(found.opened))
    with chosen_backend(backend, address=address, threads=threads):
        seen = audit_positives(
            rows,
            scheme=scheme,
            policy=chosen,
            model=chosen_model(model),
            seed=seed,
            threads=workers,
            progress=watch,
        )
    options |= {"positive": found.positive, "source_is_path": is_path(source)}
    outcome = positives_outcome(seen, scheme=scheme)
    result = keep_run(folder, outcome, found.train, options, started=started, verb="pu")
    return reported(result, decisions)


def _check_scheme(scheme: str) -> None:
    if scheme not in get_args(Scheme):
        known = " or ".join(map(repr, get_args(Scheme)))
        raise InputError("scheme", f"be {known}", repr(scheme), "Say how the unlabelled rows were drawn.")
