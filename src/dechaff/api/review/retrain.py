"""Probabilities of models that are trained on the labels as reviewers have corrected them."""

from __future__ import annotations

import numpy as np

from dechaff.api.reading import chosen_model, source_of
from dechaff.api.review.desk import Desk
from dechaff.core.progress import Progress
from dechaff.core.threads import training_threads, use_threads
from dechaff.data.dataset import Dataset, Opened
from dechaff.errors import RunError
from dechaff.recipe.baseline.baseline import baseline
from dechaff.recipe.explore.content_hashes import file_order, in_content_order
from dechaff.recipe.explore.explore import explore
from dechaff.recipe.outcome.apply import changes_among, rows_and_decisions
from dechaff.recipe.passes.request import AuditSettings
from dechaff.typing import Labels, Probs


def retrained_probs(desk: Desk, progress: Progress) -> Probs:
    """(n, k) out-of-sample probabilities of all rows, by place in the table of scores.

    The models are chosen and cross-validated as in the audit. Rows that are excluded are not trained on; no row is
    predicted by a model that has seen it, so that the given label of each can be judged.

    Raises
    ------
    RunError
        If the data cannot be read again, or no model is good enough to judge labels.
    """
    options = desk.run.options
    threads = options.get("threads")
    with use_threads(threads):
        data = desk.data if desk.data is not None else source_of(desk.run, desk.source)
        train = in_content_order(Opened(data, None)).train
        settings = AuditSettings(
            model=chosen_model(options.get("model")),
            seed=int(options.get("seed", 0)),
            threads=training_threads(threads),
            progress=progress,
        )
        corrected = train.with_codes(corrected_codes(desk, train))
        together = explore(corrected, checks=("D001", "D002"), seed=settings.seed, progress=progress).together
        base = baseline(corrected, together, settings)
    if not base.trusted:
        message = f"The models are too weak to judge labels: {base.reason}."
        raise RunError(message, fix="Go on with learn(), without models.")
    return np.asarray(base.pooled[file_order(train)])


def corrected_codes(desk: Desk, train: Dataset) -> Labels:
    """The labels after all decisions, -1 for rows that are excluded."""
    changes = changes_among(*rows_and_decisions(train, desk.run.decided()), {})
    code_of, codes = {name: code for code, name in enumerate(train.class_names)}, train.codes.copy()
    for place, name in changes.labels().items():
        codes[place] = code_of[name]
    codes[~changes.kept(len(train))] = -1
    return codes
