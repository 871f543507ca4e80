"""Noisy slices of a data set: the search with the baseline, and what is proposed for their rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.intervals import jeffreys_interval
from dechaff.core.kept_results import Arrays, once
from dechaff.core.table import Table
from dechaff.core.words import counted, percent
from dechaff.data.dataset import Dataset
from dechaff.methods.noisy_slices.condition import mask_of
from dechaff.methods.noisy_slices.examine_slice import NoisySlice
from dechaff.methods.noisy_slices.find_noisy_slices import find_noisy_slices, largest_slice, smallest_slice
from dechaff.methods.noisy_slices.slice_models import SliceModels, trained_on
from dechaff.methods.noisy_slices.table_conditions import blind_table, finer_conditions, table_conditions
from dechaff.models.choose import candidate_models
from dechaff.models.model import EncodedModel, Model
from dechaff.models.out_of_fold import side_by_side
from dechaff.models.softmax import SoftmaxRegression
from dechaff.recipe.baseline.baseline import Baseline
from dechaff.recipe.improve.proposals import DROP, KEEP, RELABEL, REVIEW, Proposal, label_actions, row_fix
from dechaff.recipe.passes.request import AuditSettings
from dechaff.records.findings import Detection, Finding
from dechaff.records.metrics import Slice, rows_of
from dechaff.records.policies import Policy
from dechaff.typing import FitPredict, Mask, Probs, Rows, Score

_SURE_ENOUGH = 0.5
_ACTIONS = {"drop": DROP, "relabel": RELABEL, "review": REVIEW}
_ROWS_FOR_ALL_FOLDS = 20_000
_FOLDS_OF_MANY = 2
"""On many rows two folds leave enough to train on, keep two threads busy, and every slice costs that many trainings."""
_USUAL_TRAININGS = 25
"""How many models a search usually trains: shown as the total until there are more."""


@dataclass(frozen=True)
class Slices:
    """``probs`` (n, k) are out of sample, from models trained ``outside`` (n,) all slices.

    ``not_run`` says why none could be searched for.
    """

    found: tuple[NoisySlice, ...]
    probs: Probs
    outside: Mask
    n_tested: int
    not_run: str = ""

    @property
    def rows(self) -> Mask:
        """The rows of all slices."""
        mask = np.zeros(len(self.outside), dtype=np.bool_)
        for one in self.found:
            mask[one.rows] = True
        return mask


def search_slices(train: Dataset, base: Baseline, settings: AuditSettings, *, among: Mask) -> Slices:
    """Search with models that are blind to where and when rows come from, and for tables with a linear one too.

    A flexible model memorises that labels are swapped in one batch, or random in one category, and then
    expects just that; so what should not matter to a label is hidden from it, and a linear model screens beside it.
    """
    if base.fit_predict is None:
        return Slices((), base.pooled, among, 0)
    limits = {"smallest": smallest_slice(int(among.sum())), "largest": largest_slice(int(among.sum()))}
    trainings = _Trainings(settings)
    conditions = table_conditions(train.table, **limits)
    models = _models(train, base, settings.seed, trainings)
    screened = tuple(
        base.probs if screen is base.fit_predict else trained_on(models, among, screen) for screen in models.screens
    )
    search = find_noisy_slices(
        models,
        screened,
        conditions,
        among=among,
        finer=lambda condition: finer_conditions(train.table, condition, **limits),
    )
    rows = [one.rows for one in search.slices]
    outside = among & ~mask_of(np.concatenate(rows), len(train)) if rows else among
    probs = _pooled_outside(models, base, search.probs, outside) if rows else base.pooled
    trainings.finished()
    return Slices(search.slices, probs, outside, search.n_tested)


def _pooled_outside(models: SliceModels, base: Baseline, searched: Probs, outside: Mask) -> Probs:
    """The panel, trained outside the slices; what the search ended with where the panel is that very model."""
    panel = base.panel or base.fit_predict
    assert panel is not None
    return searched if panel is models.screens[0] else trained_on(models, outside, panel)


class _Trainings:
    """Trains several folds at once, and counts."""

    def __init__(self, settings: AuditSettings) -> None:
        self._settings = settings
        self._done = 0
        self._tell(_USUAL_TRAININGS)

    def __call__(self, work: Callable[[Any], tuple[Rows, Probs]], folds: Iterable[Any]) -> Iterable[Any]:
        def trained() -> Arrays:
            found: dict[str, npt.NDArray[Any]] = {}
            for rows, probs in side_by_side(work, folds, threads=self._settings.threads):
                found |= {f"rows-{len(found) // 2}": rows, f"probs-{len(found) // 2}": probs}
                self._done += 1
                self._tell(max(_USUAL_TRAININGS, self._done + 1))
            return found

        kept = once("slices", trained)
        return [(kept[f"rows-{place}"], kept[f"probs-{place}"]) for place in range(len(kept) // 2)]

    def finished(self) -> None:
        """No training is left."""
        self._tell(max(self._done, 1))

    def _tell(self, total: int) -> None:
        self._settings.progress("noisy slices", min(self._done, total), total)


def _models(train: Dataset, base: Baseline, seed: int, trainings: _Trainings) -> SliceModels:
    masked = MaskedColumns(train, base, seed=seed)
    best = masked.bound(base.model)
    other = _of_another_kind(train, base)
    second = None if other is None else masked.bound(other)
    screens = (best, second) if second is not None and is_linear(other) else (best,)
    return SliceModels(
        labels=train.codes,
        folds=base.folds if len(train) <= _ROWS_FOR_ALL_FOLDS else base.folds % _FOLDS_OF_MANY,
        n_classes=base.probs.shape[1],
        screens=screens,
        examiner=lambda columns: masked.bound(base.model, columns),
        in_sight=base.probs,
        second_opinion=second,
        each=trainings,
    )


def _of_another_kind(train: Dataset, base: Baseline) -> Model | None:
    """A linear model beside a flexible one, or the other way round; None if there is none."""
    if base.model is None:
        return None
    models = candidate_models(train.table, train.features, n_classes=len(train.class_names))
    return next((model for model in models if is_linear(model) != is_linear(base.model)), None)


def slice_results(slices: Slices, train: Dataset, policy: Policy) -> tuple[Detection, list[Proposal]]:
    """One finding a slice, and one for each of its rows that should change; what is proposed for each slice."""
    score = np.zeros(len(train))
    findings: list[Finding] = []
    proposals: list[Proposal] = []
    for number, one in enumerate(slices.found, start=1):
        proposal, of_rows, more = slice_row_results(number, one, train, policy)
        score[one.rows] = of_rows
        findings += [slice_finding(number, one, len(train), train.class_names), *more]
        proposals.append(proposal)
    return Detection("L002", tuple(findings), score, slices.rows, slices.not_run), proposals


def slice_row_results(
    number: int, one: NoisySlice, train: Dataset, policy: Policy
) -> tuple[Proposal, Score, list[Finding]]:
    """What is proposed for the rows of a slice, their scores, and findings about those that should change."""
    proposal = slice_proposal(one, train, policy).within(policy)
    score = proposal.score if one.action != "drop" else np.maximum(proposal.score, one.found.noise_rate)
    return proposal, score, _row_findings(number, one, proposal, train)


def slice_proposal(one: NoisySlice, train: Dataset, policy: Policy) -> Proposal:
    """Drop all rows of a slice, or decide about each by the model from outside and the slice's own transition."""
    given = train.codes[one.rows]
    best = one.found.posterior.argmax(axis=1)
    wrong = 1 - one.found.posterior[np.arange(len(given)), given]
    disagrees = (best != given) & (wrong > _SURE_ENOUGH)
    if one.action == "judge":
        acts = label_actions(policy, wrong=wrong, suggested_prob=one.found.posterior.max(axis=1))
    else:
        acts = np.full(len(given), _ACTIONS[one.action])
    actions = np.where(disagrees | (one.action == "drop"), acts, KEEP)
    labels = np.where(actions == RELABEL, best, -1)
    return Proposal("L002", one.rows, actions, labels, wrong)


def slice_finding(number: int, one: NoisySlice, n_rows: int, names: Sequence[str]) -> Finding:
    """The finding for one slice as a whole."""
    return Finding(
        "L002",
        min(1.0, one.found.noise_rate),
        _why(one, n_rows, names),
        _FIXES[one.action],
        group=f"slice-{number}",
        field=", ".join(one.condition.columns),
    )


_FIXES = {
    "drop": "Drop the rows: their labels carry no information about the class.",
    "relabel": "Relabel the rows by the noise matrix of the slice.",
    "judge": "Decide row by row: models that saw none of these rows say which labels are wrong.",
    "review": "Review some rows: the labels may be wrong here, or follow a different rule. Nothing is changed.",
}
_ROW_WORDS = {
    "drop": "the labels of this slice are random",
    "relabel": "the labels of this slice are swapped",
    "judge": "part of the labels of this slice are wrong, this one among them by a model that saw none of its rows",
    "review": "the labels of this slice disagree with the rest of the data",
}


def _row_findings(number: int, one: NoisySlice, proposal: Proposal, train: Dataset) -> list[Finding]:
    """The findings for the rows of a slice that should change."""
    names = train.class_names
    best = one.found.posterior.argmax(axis=1)
    return [
        Finding(
            "L002",
            float(proposal.score[place]),
            f"{one.condition.words}: {_ROW_WORDS[one.action]}.",
            row_fix(int(proposal.actions[place]), names[best[place]]),
            row=int(row),
            group=f"slice-{number}",
            field=train.label_name,
            given=names[train.codes[row]],
            suggested="" if one.action == "drop" else names[best[place]],
        )
        for place, row in enumerate(one.rows)
        if proposal.actions[place] != KEEP
    ]


def _why(one: NoisySlice, n_rows: int, names: Sequence[str]) -> str:
    size, fraction = counted(len(one.rows), "row"), percent(len(one.rows) / n_rows)
    seen = (
        f"If {one.condition.words} ({size}, {fraction} of the data), a model trained on the other rows agrees with "
        f"{percent(one.agreement_inside)} of the labels, instead of "
        f"{percent(one.expected_inside)} as expected from its confidence; for the other rows it agrees with "
        f"{percent(one.agreement_outside)}."
    )
    return f"{seen} {_nature(one, names)}"


def _nature(one: NoisySlice, names: Sequence[str]) -> str:
    if one.found.nature == "random":
        return "The labels carry no information about the class: they look random."
    swaps = _main_swaps(one, names)
    if one.found.nature == "swapped":
        return f"The labels are swapped in a regular way: {swaps}."
    return f"About {percent(one.found.noise_rate)} of the labels look wrong: {swaps}."


def _main_swaps(one: NoisySlice, names: Sequence[str]) -> str:
    mass = one.found.transition * one.found.posterior.mean(axis=0)
    np.fill_diagonal(mass, 0.0)
    order = np.argsort(-mass, axis=None, kind="stable")[:2]
    pairs = [divmod(int(cell), len(mass)) for cell in order]
    return ", ".join(f"'{names[i]}' instead of '{names[j]}'" for i, j in pairs if mass[i, j] > 0)


def all_slice_facts(slices: Slices, train: Dataset) -> tuple[Slice, ...]:
    """The figures of every slice for the report."""
    return tuple(
        slice_facts(number, one, len(train), train.class_names, n_tested=slices.n_tested)
        for number, one in enumerate(slices.found, start=1)
    )


def slice_facts(number: int, one: NoisySlice, n_rows: int, names: Sequence[str], *, n_tested: int) -> Slice:
    """The figures of one slice for the report."""
    m = len(one.rows)
    low, high = jeffreys_interval(one.found.noise_rate * m, m)
    return Slice(
        id=f"slice-{number}",
        condition=one.condition.words,
        rows=m,
        agreement_inside=one.agreement_inside,
        agreement_outside=one.agreement_outside,
        expected_inside=one.expected_inside,
        p_value=min(1.0, one.p_value * max(n_tested, 1)),
        noise_rate=one.found.noise_rate,
        low=low,
        high=high,
        action=one.action,
        transition=rows_of(one.found.transition) if len(names) <= 20 else (),
        why=_why(one, n_rows, names),
    )


class MaskedColumns:
    """Binds models to the rows of a data set without what should not matter to a label; keeps what it has bound.

    Models that read given features or images see no column anyway; they stay as they are.
    """

    def __init__(self, train: Dataset, base: Baseline, *, seed: int) -> None:
        self._train = train
        self._base = base
        self._seed = seed
        self._bound: list[tuple[Model | None, Table, FitPredict]] = []

    def bound(self, model: Model | None, hidden: Sequence[str] = ()) -> FitPredict:
        """The model without sight of the columns named; the baseline's own where it sees the same."""
        table = self._blind(hidden)
        known = next((fit for one, seen, fit in self._bound if one is model and _same(seen, table)), None)
        if known is not None:
            return known
        bound = self._bind(model, table)
        self._bound.append((model, table, bound))
        return bound

    def _blind(self, hidden: Sequence[str]) -> Table:
        table = self._train.table
        if self._train.features is not None or table.of_kind("image"):
            return table
        return blind_table(table, hidden=hidden, seed=self._seed)

    def _bind(self, model: Model | None, table: Table) -> FitPredict:
        base = self._base
        assert base.fit_predict is not None
        if model is None or (model is base.model and table is self._train.table):
            return base.fit_predict
        return model.bind(table, self._train.features, base.probs.shape[1], seed=self._seed)


def is_linear(model: Model | None) -> bool:
    """Whether a model is a logistic regression on its columns, which cannot memorise one part of the data."""
    return isinstance(model, EncodedModel) and isinstance(model.learner, SoftmaxRegression)


def _same(one: Table, other: Table) -> bool:
    return all(
        a is b or np.array_equal(a.values, b.values, equal_nan=a.values.dtype.kind == "f")
        for a, b in zip(one.columns, other.columns, strict=True)
    )
