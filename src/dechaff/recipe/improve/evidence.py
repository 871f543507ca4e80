"""Whether a round of improving helps, told without the sealed rows: agreement with labels that it never touched.

The rows are dealt into parts. For each part the other rows are cleaned by themselves, the baseline's model is
trained on what is left, and its predictions are compared with the *given* labels of the part. These are noisy, but
their noise knows nothing of the cleaning, so of two models the one that agrees more is the better one. Nothing of a
part is used to clean the rows that the model for this part learns from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dechaff.core.progress import silent
from dechaff.core.row_hash import Hashes
from dechaff.data.dataset import Dataset
from dechaff.models.model import Model
from dechaff.models.out_of_fold import stratified_group_folds
from dechaff.recipe.baseline.race import race
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.recipe.improve.improve import class_counts, improved_data
from dechaff.recipe.improve.mislabelled import find_mislabelled, label_error_proposal
from dechaff.recipe.improve.proposals import decide
from dechaff.records.policies import Policy
from dechaff.typing import Groups, Mask

_PARTS = 3
_FOLDS = 4
_ROWS_FOR_ALL_PARTS = 20_000
"""On more rows one part is enough to tell, and the others cost as much again."""


@dataclass(frozen=True)
class Part:
    """One part of the rows: those held out, and the others as far as they are cleaned, with groups and hashes."""

    held_out: Dataset
    rest: Dataset
    together: Groups
    hashes: Hashes


@dataclass(frozen=True)
class Evidence:
    """Agreement of held-out given labels with ``model``, row by row, over all parts, and the parts to go on with.

    ``panel`` are the models that judge labels together.
    """

    agrees: npt.NDArray[np.bool_]
    parts: tuple[Part, ...]
    model: Model
    panel: tuple[Model, ...]

    @property
    def agreement(self) -> float:
        """Share of the held-out rows on which model and given label agree."""
        return float(self.agrees.mean())


def first_evidence(
    data: Dataset, together: Groups, judged: Mask, model: Model, panel: tuple[Model, ...], *, seed: int
) -> Evidence:
    """The evidence before any label is judged; only rows of ``judged`` are held out for it."""
    n_parts = 1 if len(data) > _ROWS_FOR_ALL_PARTS else _PARTS
    hashes = data_hashes(data)
    part_of = stratified_group_folds(data.codes, together, hashes, n_folds=_PARTS, seed=seed + 1)
    parts = tuple(
        Part(data.take(~rest & judged & (data.codes >= 0)), data.take(rest), together[rest], hashes[rest])
        for rest in (part_of != p for p in range(n_parts))
    )
    return Evidence(_agreement(parts, model, seed), parts, model, panel)


def next_evidence(before: Evidence, policy: Policy, *, seed: int) -> Evidence:
    """The evidence after one more round of judging labels, in each part by itself."""
    parts = tuple(_cleaned(part, before.panel, policy, seed) for part in before.parts)
    return replace(before, agrees=_agreement(parts, before.model, seed), parts=parts)


def _cleaned(part: Part, panel: tuple[Model, ...], policy: Policy, seed: int) -> Part:
    rest = part.rest
    folds = stratified_group_folds(rest.codes, part.together, part.hashes, n_folds=_FOLDS, seed=seed)
    raced = race(rest, panel, folds, seed, silent, 1)
    found = find_mislabelled(rest, raced.pooled, among=rest.codes >= 0)
    proposal = label_error_proposal(found, rest.codes[found.rows], class_counts(rest), policy)
    decided = decide([proposal], len(rest))
    kept = decided.kept()
    return Part(part.held_out, improved_data(rest, decided), part.together[kept], part.hashes[kept])


def _agreement(parts: tuple[Part, ...], model: Model, seed: int) -> npt.NDArray[np.bool_]:
    agrees = []
    for part in parts:
        rest, held_out = part.rest, part.held_out
        fitted = model.fit(rest.table, rest.features, rest.codes, len(rest.class_names), seed=seed)
        predicted = fitted.probs(held_out.table, held_out.features).argmax(axis=1)
        agrees.append(predicted == held_out.codes)
    return np.concatenate(agrees)
