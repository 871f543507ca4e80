"""cleanlab's ``multiannotator``: consensus labels from several annotators, and active learning scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_probs, check_same_length
from dechaff.compat.cleanlab.arguments import chosen
from dechaff.compat.cleanlab.majority_vote import Answers, answer_rows, majority_of, read_answers, votes_of
from dechaff.compat.cleanlab.majority_vote import get_majority_vote_label as get_majority_vote_label
from dechaff.compat.cleanlab.rank import get_label_quality_scores
from dechaff.errors import DataError, InputError, LabelsError, ProbsError
from dechaff.methods.consensus.active_lab import another_answer, first_answer
from dechaff.methods.consensus.answer_rows import AnswerRows
from dechaff.methods.consensus.crowdlab import CrowdLab, at_temperature, crowdlab, temperature_by_answers
from dechaff.models.columns import pandas_frame
from dechaff.records.keywords import takes
from dechaff.typing import ClassVector, Columns, Labels, Numbers, Probs, Score


@dataclass(frozen=True)
class Crowd:
    """Answers of several annotators (n, m), and the probabilities of some models for the same rows."""

    answers: Answers
    models: list[Probs]
    index: Any
    people: list[Any]

    @property
    def rows(self) -> AnswerRows:
        """The answers, one row each."""
        return answer_rows(self.answers, self.models[0].shape[1])

    @property
    def majority(self) -> Labels:
        """The majority label; ties as in `get_majority_vote_label`."""
        return majority_of(self.answers, np.mean(self.models, axis=0))


def read_crowd(labels_multiannotator: Any, models: Sequence[Any], *, calibrate: bool) -> Crowd:
    """Both validated; with `calibrate` the models are scaled to the agreement of the annotators."""
    answers = read_answers(labels_multiannotator)
    silent = np.flatnonzero((answers < 0).all(axis=0))
    if len(silent):
        raise LabelsError(
            "labels_multiannotator",
            "contain one answer or more of each annotator",
            f"none in column {silent[0]} ({len(silent)} such columns of {answers.shape[1]})",
            "Drop the annotators who labelled nothing.",
        )
    probs = read_models(models, name="pred_probs")
    check_same_length(labels_multiannotator=answers, pred_probs=probs[0])
    votes_of(answers, probs[0].shape[1])
    if calibrate:
        probs = [at_temperature(one, temperature_by_answers(answer_rows(answers, one.shape[1]), one)) for one in probs]
    people = list(getattr(labels_multiannotator, "columns", range(answers.shape[1])))
    index = labels_multiannotator.index if hasattr(labels_multiannotator, "iloc") else None  # a list has a method index
    return Crowd(answers, probs, index, people)


def read_models(models: Sequence[Any], *, name: str) -> list[Probs]:
    """Probabilities of the same rows and classes by one model or more."""
    probs = [check_probs(one, name=name).astype(np.float64) for one in models]
    shapes = list(dict.fromkeys(one.shape for one in probs))
    if len(shapes) != 1:
        found = f"shapes {shapes[0]} and {shapes[1]}" if shapes else "none"
        fix = "Pass an array (models, n, k)."
        raise ProbsError(name, "be of one model or more, of the same rows and classes", found, fix)
    return probs


def best_of_crowd(crowd: Crowd) -> CrowdLab:
    """The most probable labels, weighted over annotators and models; of equally probable ones the majority's."""
    majority = crowd.majority
    first = crowdlab(crowd.rows, crowd.models, consensus=majority).posterior
    ahead = first.max(axis=1) > first[np.arange(len(first)), majority]
    return crowdlab(crowd.rows, crowd.models, consensus=np.where(ahead, first.argmax(axis=1), majority))


_CONSENSUS: dict[str, Callable[[Crowd], CrowdLab]] = {
    "best_quality": best_of_crowd,
    "majority_vote": lambda crowd: crowdlab(crowd.rows, crowd.models, consensus=crowd.majority),
}


@dataclass(frozen=True)
class _Quality:
    """How good a consensus is, and each answer beside it."""

    consensus: Labels
    score: Numbers
    of_answers: npt.NDArray[np.float64]
    """(n, m) quality of each answer; NaN if there is none."""
    agreement: Numbers
    crowdlab: CrowdLab | None
    """None if quality is plain agreement."""


def _by_crowdlab(crowd: Crowd, consensus_method: str, options: Mapping[str, Any]) -> _Quality:
    found = chosen(_CONSENSUS, consensus_method, "consensus_method")(crowd)
    score = get_label_quality_scores(found.consensus, found.posterior, **options)
    answers = np.full(crowd.answers.shape, np.nan)
    for person, labels in enumerate(crowd.answers.T):
        rows = labels >= 0
        answers[rows, person] = get_label_quality_scores(labels[rows], found.posterior[rows], **options)
    return _Quality(found.consensus, score, answers, found.agreement, found)


def _by_agreement(crowd: Crowd, consensus_method: str, options: Mapping[str, Any]) -> _Quality:
    # The class with most agreement is the best by agreement, too.
    chosen(_CONSENSUS, consensus_method, "consensus_method")
    votes, majority = votes_of(crowd.answers, crowd.models[0].shape[1]), crowd.majority
    shares = votes / votes.sum(axis=1, keepdims=True)
    agreement = shares[np.arange(len(shares)), majority]
    of_answers = np.take_along_axis(shares, np.maximum(crowd.answers, 0), axis=1)
    return _Quality(majority, agreement, np.where(crowd.answers >= 0, of_answers, np.nan), agreement, None)


_QUALITY = {"crowdlab": _by_crowdlab, "agreement": _by_agreement}


@dataclass(frozen=True, kw_only=True)
class _Options:
    """In the order of cleanlab's keywords; nothing is printed."""

    consensus_method: str | list[str] = "best_quality"
    quality_method: str = "crowdlab"
    calibrate_probs: bool = False
    return_detailed_quality: bool = True
    return_annotator_stats: bool = True
    return_weights: bool = False
    verbose: bool = True
    label_quality_score_kwargs: Mapping[str, Any] | None = None

    def tables(self, labels_multiannotator: Any, models: list[Any]) -> dict[str, Any]:
        """The tables and weights that are wanted."""
        crowd = read_crowd(labels_multiannotator, models, calibrate=self.calibrate_probs)
        by = chosen(_QUALITY, self.quality_method, "quality_method")
        names = [self.consensus_method] if isinstance(self.consensus_method, str) else list(self.consensus_method)
        if not names:
            raise InputError("consensus_method", f"name one of {', '.join(_CONSENSUS)}", "none", "Leave it out.")
        found = [by(crowd, name, self.label_quality_score_kwargs or {}) for name in names]
        tables = {"label_quality": _label_quality(crowd, found, names)}
        if self.return_detailed_quality:
            of_answers = found[0].of_answers
            named = {f"quality_annotator_{name}": of_answers[:, place] for place, name in enumerate(crowd.people)}
            tables["detailed_label_quality"] = pandas_frame(named, index=crowd.index)
        if self.return_annotator_stats:
            tables["annotator_stats"] = _annotator_stats(crowd, found[0])
        if not self.return_weights:
            return tables
        weights = found[0].crowdlab
        if weights is None:
            fix = "Choose quality_method='crowdlab', or leave the weights out."
            raise InputError("return_weights", "be False with quality_method='agreement'", "True", fix)
        return tables | {"model_weight": weights.model_weights, "annotator_weight": weights.annotator_weight}


@takes(_Options)
def get_label_quality_multiannotator(
    labels_multiannotator: Any, pred_probs: Any, options: _Options
) -> dict[str, object]:
    """Consensus labels with their quality; quality of each answer; annotators, worst first."""
    tables = options.tables(labels_multiannotator, [pred_probs])
    if options.return_weights:
        tables["model_weight"] = float(tables["model_weight"][0])
    return tables


@takes(_Options, without=("consensus_method", "quality_method"))
def get_label_quality_multiannotator_ensemble(
    labels_multiannotator: Any, pred_probs: Any, options: _Options
) -> dict[str, object]:
    """The same by several models, whose probabilities are (models, n, k)."""
    return options.tables(labels_multiannotator, list(pred_probs))


def _label_quality(crowd: Crowd, found: list[_Quality], names: list[str]) -> Any:
    columns: Columns = {}
    for one, suffix in zip(found, ["", *(f"_{name}" for name in names[1:])], strict=True):
        columns |= {f"consensus_label{suffix}": one.consensus, f"consensus_quality_score{suffix}": one.score}
        columns[f"annotator_agreement{suffix}"] = one.agreement
        if not suffix:
            columns["num_annotations"] = (crowd.answers >= 0).sum(axis=1)
    return pandas_frame(columns, index=crowd.index)


def _annotator_stats(crowd: Crowd, found: _Quality) -> Any:
    answers = crowd.answers
    given, agrees = answers >= 0, answers == found.consensus[:, None]
    columns = {
        "annotator_quality": _annotator_quality(answers, found),
        "agreement_with_consensus": agrees.sum(axis=0) / given.sum(axis=0),
        "worst_class": _worst_classes(answers, agrees, found.score, crowd.models[0].shape[1]),
        "num_examples_labeled": given.sum(axis=0),
    }
    return pandas_frame(columns, index=crowd.people).sort_values("annotator_quality", kind="stable")


def _annotator_quality(answers: Answers, found: _Quality) -> ClassVector:
    """(m,) mean quality of the answers of each annotator, and agreement with the consensus if others answered, too."""
    given, count = answers >= 0, (answers >= 0).sum(axis=1)
    compared = given & (count > 1)[:, None]
    agrees = (compared & (answers == found.consensus[:, None])).sum(axis=0) / np.maximum(compared.sum(axis=0), 1)
    if found.crowdlab is None:
        return np.where(compared.any(axis=0), agrees, np.nan)
    mean = np.nansum(found.of_answers, axis=0) / given.sum(axis=0)
    models = float(found.crowdlab.model_weights.mean())
    people = float(found.crowdlab.annotator_weight.sum() * count.mean() / answers.shape[1])
    share = models / (models + people)
    return np.asarray(np.where(compared.any(axis=0), share * mean + (1 - share) * agrees, mean))


def _worst_classes(answers: Answers, agrees: npt.NDArray[np.bool_], score: Numbers, k: int) -> npt.NDArray[np.int64]:
    """(m,) the class that each one gives with the least agreement.

    Of equal ones the most frequent, then that of the best consensus, then the lowest.
    """
    of_class = [answers == code for code in range(k)]
    gave = np.stack([one.sum(axis=0) for one in of_class])
    right = np.stack([(one & agrees).sum(axis=0) for one in of_class])
    quality = np.stack([score @ one for one in of_class]) / np.maximum(gave, 1)
    rate = np.where(gave > 0, right / np.maximum(gave, 1), np.inf)
    return np.asarray(np.lexsort((-quality, -gave, rate), axis=0)[0])


_LONG = ["task", "annotator", "label"]


def convert_long_to_wide_dataset(labels_multiannotator_long: Any) -> Any:
    """A pandas frame of columns task, annotator and label with one row per task and one column per annotator."""
    long, name = labels_multiannotator_long, "labels_multiannotator_long"
    absent = [one for one in _LONG if one not in getattr(long, "columns", ())]
    if absent:
        fix = "Rename its columns."
        raise DataError(name, f"be a pandas frame with the columns {', '.join(_LONG)}", f"no {absent[0]}", fix)
    twice = long[long.duplicated(_LONG[:2])]
    if len(twice):
        first = twice.iloc[0]
        found = f"{len(twice)} more, such as of {first['annotator']} on {first['task']}"
        raise DataError(name, "contain one label of an annotator on a task", found, "Keep one of them.")
    wide = long.pivot(index="task", columns="annotator", values="label")
    return wide.rename_axis(index=None, columns=None)


_NOTHING = np.zeros(0)


def get_active_learning_scores(
    labels_multiannotator: Any = None, pred_probs: Any = None, pred_probs_unlabeled: Any = None
) -> tuple[Score, Score]:
    """Scores of the rows with answers, and of those without; the lowest of both are worth an answer most."""
    of_one = (None if probs is None else [probs] for probs in (pred_probs, pred_probs_unlabeled))
    return get_active_learning_scores_ensemble(labels_multiannotator, *of_one)


def get_active_learning_scores_ensemble(
    labels_multiannotator: Any = None, pred_probs: Any = None, pred_probs_unlabeled: Any = None
) -> tuple[Score, Score]:
    """The same by several models, whose probabilities are (models, n, k)."""
    unlabelled = (
        None if pred_probs_unlabeled is None else read_models(pred_probs_unlabeled, name="pred_probs_unlabeled")
    )
    if labels_multiannotator is None:
        if unlabelled is None:
            must = "be passed, or else pred_probs_unlabeled"
            raise InputError("labels_multiannotator", must, "neither", "Pass answers, or rows without any.")
        # All annotators count the same.
        alike = CrowdLab(
            _NOTHING.reshape(0, 1), _NOTHING.astype(np.int64), np.ones(1), np.ones(len(unlabelled)), _NOTHING, _NOTHING
        )
        return _NOTHING, 1 - first_answer(alike, np.stack(unlabelled))
    if pred_probs is None:
        must = "be passed with labels_multiannotator"
        raise InputError("pred_probs", must, "None", "Pass out-of-sample probabilities of the rows with answers.")
    raw = read_crowd(labels_multiannotator, list(pred_probs), calibrate=False)
    _refuse_other_classes(raw.models, unlabelled)
    if ((raw.answers >= 0).sum(axis=1) == 1).all():
        heat, found = [1.0] * len(raw.models), _equal_weights(raw)
    else:
        heat = [temperature_by_answers(raw.rows, one) for one in raw.models]
        found = best_of_crowd(replace(raw, models=list(map(at_temperature, raw.models, heat))))
    answered = 1 - another_answer(found)
    if unlabelled is None:
        return answered, _NOTHING
    return answered, 1 - first_answer(found, np.stack(list(map(at_temperature, unlabelled, heat))))


def _equal_weights(crowd: Crowd) -> CrowdLab:
    """The model's doubt in rows of one answer each: nothing compares annotators, so all count the same."""
    posterior, (n, m) = np.mean(crowd.models, axis=0), crowd.answers.shape
    return CrowdLab(posterior, crowd.majority, np.ones(m), np.ones(len(crowd.models)), np.ones(n), np.ones(n))


def _refuse_other_classes(models: list[Probs], unlabelled: list[Probs] | None) -> None:
    if unlabelled is not None and (len(unlabelled), unlabelled[0].shape[1]) != (len(models), models[0].shape[1]):
        raise ProbsError(
            "pred_probs_unlabeled",
            f"be of the same models and classes as pred_probs, {len(models)} of {models[0].shape[1]} classes",
            f"{len(unlabelled)} of {unlabelled[0].shape[1]} classes",
            "Predict both with the same models.",
        )
