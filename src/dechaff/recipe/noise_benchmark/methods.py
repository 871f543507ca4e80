"""The rows of the benchmark: each method with the two settings that the validation labels choose from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from dechaff.methods.noise_robust.backward_correction import BackwardCorrection
from dechaff.methods.noise_robust.bootstrapping import HardBootstrapping
from dechaff.methods.noise_robust.co_teaching import CoTeaching
from dechaff.methods.noise_robust.divide_mix import DivideMixLite
from dechaff.methods.noise_robust.forward_correction import ForwardCorrection
from dechaff.methods.noise_robust.generalised_cross_entropy import GeneralisedCrossEntropy
from dechaff.methods.noise_robust.label_smoothing import LabelSmoothing
from dechaff.methods.noise_robust.mixup import Mixup
from dechaff.methods.noise_robust.noise_last import NoiseLast
from dechaff.methods.noise_robust.s_model import SModel
from dechaff.methods.noise_robust.self_paced import SelfPaced
from dechaff.methods.noise_robust.symmetric_cross_entropy import SymmetricCrossEntropy
from dechaff.methods.noise_robust.training import Loss, NoisyRows, Trainer, WithLoss
from dechaff.recipe.noise_benchmark import treatments
from dechaff.recipe.noise_benchmark.problem import Problem

Side = Literal["plain", "model", "data"]
"""Plain training; training that is robust to noise, on the data as they are; plain training on changed data."""


@dataclass(frozen=True)
class Setting:
    """One way to apply a method: a trainer, the rows that it learns from, and its weight decay."""

    words: str
    trainer: Trainer
    rows: NoisyRows
    decay: float


Settings = Callable[[Problem], Iterator[Setting]]


@dataclass(frozen=True)
class Method:
    """One row of the benchmark."""

    name: str
    side: Side
    settings: Settings


DECAYS = (1e-3, 1.0)
"""Those of methods that have no parameter of their own; the others have the first one."""


def _over_decays(trainer: Callable[[Problem], Trainer], rows: Callable[[Problem], NoisyRows]) -> Settings:
    def settings(problem: Problem) -> Iterator[Setting]:
        made = trainer(problem), rows(problem)
        yield from (Setting(f"decay={decay:g}", *made, decay) for decay in DECAYS)

    return settings


def _given(problem: Problem) -> NoisyRows:
    return problem.rows


def _loss(name: str, loss: Callable[[Problem], Loss]) -> Method:
    return Method(name, "model", _over_decays(lambda problem: WithLoss(loss(problem)), _given))


def _trained(name: str, parameter: str, values: tuple[float, float], trainer: Callable[[float], Trainer]) -> Method:
    def settings(problem: Problem) -> Iterator[Setting]:
        yield from (Setting(f"{parameter}={value:g}", trainer(value), problem.rows, DECAYS[0]) for value in values)

    return Method(name, "model", settings)


def _changed(name: str, rows: Callable[[Problem], NoisyRows]) -> Method:
    return Method(name, "data", _over_decays(lambda _: WithLoss(), rows))


def _co_teaching(problem: Problem) -> Iterator[Setting]:
    for fraction in (0.5, 1.0):
        forget = fraction * problem.errors.rate
        yield Setting(f"forget={fraction:g} rate", CoTeaching(forget), problem.rows, DECAYS[0])


def _noise_last(problem: Problem) -> Iterator[Setting]:
    start = 0.5 * (1 - problem.errors.rate)
    for words, end in (("all in the end", 1.0), ("without the noise", 1 - problem.errors.rate)):
        yield Setting(words, NoiseLast(problem.errors.score, start, end), problem.rows, DECAYS[0])


def _iterated(problem: Problem) -> Iterator[Setting]:
    for number, rows in enumerate(treatments.iterated(problem), start=1):
        if number > 1:
            yield Setting(f"rounds={number}", WithLoss(), rows, DECAYS[0])


PLAIN = "plain training"
DEFAULT = "dechaff's default"
METHODS = (
    Method(PLAIN, "plain", _over_decays(lambda _: WithLoss(), _given)),
    _loss("forward correction", lambda problem: ForwardCorrection(problem.errors.transition)),
    _loss("backward correction", lambda problem: BackwardCorrection(problem.errors.transition)),
    _trained("generalised cross-entropy", "q", (0.4, 0.7), lambda q: WithLoss(GeneralisedCrossEntropy(q))),
    _trained("symmetric cross-entropy", "alpha", (0.1, 1.0), lambda alpha: WithLoss(SymmetricCrossEntropy(alpha))),
    _trained("label smoothing", "smoothing", (0.1, 0.4), lambda smoothing: WithLoss(LabelSmoothing(smoothing))),
    _trained("bootstrapping", "beta", (0.8, 0.5), lambda beta: WithLoss(HardBootstrapping(beta))),
    _trained("S-model", "kept", (0.9, 0.6), SModel),
    _trained("mixup", "alpha", (1.0, 4.0), Mixup),
    Method("co-teaching", "model", _co_teaching),
    _trained("self-paced", "percentile", (0.75, 0.5), SelfPaced),
    _trained("DivideMix-lite", "alpha", (4.0, 1.0), lambda alpha: DivideMixLite(alpha=alpha)),
    _changed("prune by argmax", treatments.pruned_by_argmax),
    _changed("prune off diagonal", treatments.pruned_off_diagonal),
    _changed("prune by class", treatments.pruned_by_class),
    _changed("prune by noise rate", treatments.pruned_by_noise_rate),
    _changed("prune by both", treatments.pruned_by_both),
    _changed("prune by noise posterior", treatments.pruned_by_posterior),
    _changed("relabel", treatments.relabelled),
    _changed("soft weights", treatments.weighted),
    _changed("prune and relabel by gain", treatments.by_expected_gain),
    Method("iterated recipe", "data", _iterated),
    _changed("filter and pseudo-label", treatments.pseudo_labelled),
    Method("noise last", "data", _noise_last),
    _changed("INCV", treatments.selected_by_cross_validation),
    _changed(DEFAULT, treatments.default_rows),
)
