"""cleanlab's quality of consensus labels, of single answers and of annotators, by CROWDLAB or by plain agreement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_probs, check_same_length
from dechaff.compat.cleanlab.arguments import chosen
from dechaff.compat.cleanlab.majority_vote import majority_of, read_answers, votes_of
from dechaff.compat.cleanlab.rank import get_label_quality_scores
from dechaff.errors import InputError, LabelsError, ProbsError
from dechaff.methods.consensus.crowdlab import Answers, CrowdLab, at_temperature, crowdlab, temperature_by_answers
from dechaff.models.frame import pandas_frame
from dechaff.typing import ClassVector, Columns, Labels, Numbers, Probs


@dataclass(frozen=True)
class Crowd:
    """Answers of several annotators (n, m), and the probabilities of some models for the same rows."""

    answers: Answers
    models: list[Probs]
    index: Any
    people: list[Any]

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
        probs = [at_temperature(one, temperature_by_answers(answers, one)) for one in probs]
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
    first = crowdlab(crowd.answers, crowd.models, consensus=majority).posterior
    ahead = first.max(axis=1) > first[np.arange(len(first)), majority]
    return crowdlab(crowd.answers, crowd.models, consensus=np.where(ahead, first.argmax(axis=1), majority))


def _majority_of_crowd(crowd: Crowd) -> CrowdLab:
    return crowdlab(crowd.answers, crowd.models, consensus=crowd.majority)


_CONSENSUS: dict[str, Callable[[Crowd], CrowdLab]] = {
    "best_quality": best_of_crowd,
    "majority_vote": _majority_of_crowd,
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


def get_label_quality_multiannotator(
    labels_multiannotator: Any,
    pred_probs: Any,
    *,
    consensus_method: str | list[str] = "best_quality",
    quality_method: str = "crowdlab",
    calibrate_probs: bool = False,
    return_detailed_quality: bool = True,
    return_annotator_stats: bool = True,
    return_weights: bool = False,
    verbose: bool = True,
    label_quality_score_kwargs: Mapping[str, Any] | None = None,
) -> dict[str, object]:
    """Consensus labels with their quality; quality of each answer; annotators, worst first."""
    crowd = read_crowd(labels_multiannotator, [pred_probs], calibrate=calibrate_probs)
    by = chosen(_QUALITY, quality_method, "quality_method")
    names = [consensus_method] if isinstance(consensus_method, str) else list(consensus_method)
    if not names:
        raise InputError("consensus_method", f"name one of {', '.join(_CONSENSUS)}", "none", "Leave it out.")
    found = [by(crowd, name, label_quality_score_kwargs or {}) for name in names]
    tables = _tables(crowd, found, names, return_detailed_quality, return_annotator_stats)
    if return_weights:
        tables |= _weights(found[0].crowdlab)
    return tables


def get_label_quality_multiannotator_ensemble(
    labels_multiannotator: Any,
    pred_probs: Any,
    *,
    calibrate_probs: bool = False,
    return_detailed_quality: bool = True,
    return_annotator_stats: bool = True,
    return_weights: bool = False,
    verbose: bool = True,
    label_quality_score_kwargs: Mapping[str, Any] | None = None,
) -> dict[str, object]:
    """The same by several models, whose probabilities are (models, n, k)."""
    crowd = read_crowd(labels_multiannotator, list(pred_probs), calibrate=calibrate_probs)
    found = _by_crowdlab(crowd, "best_quality", label_quality_score_kwargs or {})
    tables = _tables(crowd, [found], ["best_quality"], return_detailed_quality, return_annotator_stats)
    if return_weights:
        assert found.crowdlab is not None
        tables |= _weights(found.crowdlab) | {"model_weight": found.crowdlab.model_weights}
    return tables


def _tables(crowd: Crowd, found: list[_Quality], names: list[str], detailed: bool, stats: bool) -> dict[str, object]:
    columns: Columns = {}
    for one, suffix in zip(found, ["", *(f"_{name}" for name in names[1:])], strict=True):
        columns |= {f"consensus_label{suffix}": one.consensus, f"consensus_quality_score{suffix}": one.score}
        columns[f"annotator_agreement{suffix}"] = one.agreement
        if not suffix:
            columns["num_annotations"] = (crowd.answers >= 0).sum(axis=1)
    tables = {"label_quality": pandas_frame(columns, index=crowd.index)}
    if detailed:
        of_answers = found[0].of_answers
        named = {f"quality_annotator_{name}": of_answers[:, place] for place, name in enumerate(crowd.people)}
        tables["detailed_label_quality"] = pandas_frame(named, index=crowd.index)
    if stats:
        tables["annotator_stats"] = _annotator_stats(crowd, found[0])
    return tables


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


def _weights(found: CrowdLab | None) -> dict[str, object]:
    if found is None:
        fix = "Choose quality_method='crowdlab', or leave the weights out."
        raise InputError("return_weights", "be False with quality_method='agreement'", "True", fix)
    return {"model_weight": float(found.model_weights[0]), "annotator_weight": found.annotator_weight}
