"""What ``CleanLearning`` finds in labels and probabilities: cleanlab's table, and the noise behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.compat.cleanlab.filter import PRUNING, find_label_issues
from dechaff.compat.cleanlab.joint import Counts, compute_confident_joint, estimate_latent
from dechaff.compat.cleanlab.rank import get_label_quality_scores
from dechaff.errors import InputError
from dechaff.methods.label_errors.latents import inverse_noise_matrix, prior_by_inversion
from dechaff.models.frame import pandas_frame
from dechaff.typing import ClassMatrix, ClassVector, Labels, Mask, Numbers, Probs, Rows, Score

USUAL = {"min_examples_per_class": 10}
_NOT_HERE = ("return_indices_ranked_by", "multi_label")


@dataclass(frozen=True)
class Noise:
    """Estimates of the noise, (k, k): by given label in the rows, except for the inverse."""

    confident_joint: Counts
    py: ClassVector
    noise_matrix: ClassMatrix
    inverse_noise_matrix: ClassMatrix


@dataclass(frozen=True)
class LabelIssues:
    """Of n rows; None if not computed."""

    mask: Mask
    given: Labels
    quality: Score | None = None
    predicted: Labels | None = None
    noise: Noise | None = None
    sample_weight: Numbers | None = None

    def scattered(self, places: Rows, codes: Labels) -> LabelIssues:
        """The same for more rows, with these at `places`; the others have no issue."""
        n = len(codes)
        return replace(
            self,
            mask=_spread(self.mask, places, np.zeros(n, dtype=bool)),
            given=codes,
            quality=None if self.quality is None else _spread(self.quality, places, np.full(n, np.nan)),
            predicted=None if self.predicted is None else _spread(self.predicted, places, codes.copy()),
            sample_weight=None if self.sample_weight is None else _spread(self.sample_weight, places, np.zeros(n)),
        )

    def frame(self, classes: npt.NDArray[Any], index: Any) -> Any:
        """cleanlab's table, with the columns that were computed."""
        columns = {
            "is_label_issue": self.mask,
            "label_quality": self.quality,
            "given_label": _named(classes, self.given),
            "predicted_label": None if self.predicted is None else _named(classes, self.predicted),
            "sample_weight": self.sample_weight,
        }
        return pandas_frame({name: column for name, column in columns.items() if column is not None}, index=index)


def _spread(values: npt.NDArray[Any], places: Rows, onto: npt.NDArray[Any]) -> npt.NDArray[Any]:
    onto[places] = values
    return onto


def _named(classes: npt.NDArray[Any], codes: Labels) -> Any:
    names = classes[codes]
    return names if names.dtype.kind in "iufb" else names.tolist()


@dataclass(frozen=True)
class Asked:
    """The arguments of ``CleanLearning`` for finding issues; the last two go to the functions of that name."""

    thresholds: Any = None
    noise_matrix: Any = None
    inverse_noise_matrix: Any = None
    converge_latent_estimates: bool = False
    find_label_issues: Mapping[str, Any] | None = None
    get_label_quality_scores: Mapping[str, Any] | None = None


def issues_of(codes: Labels, probs: Probs, asked: Asked) -> LabelIssues:
    """Flags, quality and noise, of rows that count once each."""
    options = {**USUAL, **(asked.find_label_issues or {})}
    for name in _NOT_HERE:
        if name in options:
            fix = f"Call dechaff.compat.cleanlab.find_label_issues(…, {name}=…)."
            raise InputError("find_label_issues_kwargs", f"not hold {name}", repr(options[name]), fix)
    noise = _noise(codes, probs, asked, options.get("confident_joint"))
    if options.get("filter_by", PRUNING[0]) in PRUNING:
        options["confident_joint"] = noise.confident_joint
    return LabelIssues(
        mask=find_label_issues(codes, probs, **options),
        given=codes,
        quality=get_label_quality_scores(codes, probs, **(asked.get_label_quality_scores or {})),
        predicted=np.asarray(probs.argmax(axis=1)),
        noise=noise,
    )


def issues_of_weighted(codes: Labels, probs: Probs, asked: Asked, weights: Numbers | None) -> LabelIssues:
    """The same for rows with weights: whole numbers as repeats, others as once."""
    if weights is None or (weights != np.rint(weights)).any():
        return issues_of(codes, probs, asked)
    times = weights.astype(np.int64)
    found = issues_of(codes.repeat(times), probs.repeat(times, axis=0), asked)
    first = np.cumsum(times) - times
    assert found.quality is not None
    assert found.predicted is not None
    return replace(
        found,
        mask=np.logical_or.reduceat(found.mask, first),
        given=codes,
        quality=found.quality[first],
        predicted=found.predicted[first],
    )


def _noise(codes: Labels, probs: Probs, asked: Asked, joint: Any) -> Noise:
    if joint is None:
        joint = compute_confident_joint(codes, probs, thresholds=asked.thresholds)
    prior, noise, inverse = estimate_latent(joint, codes, converge_latent_estimates=asked.converge_latent_estimates)
    shares = np.bincount(codes, minlength=len(noise)) / len(codes)
    if asked.noise_matrix is not None:
        noise = _checked(asked.noise_matrix, "noise_matrix", len(noise))
        prior = prior_by_inversion(shares, noise)
        inverse = inverse_noise_matrix(noise * prior)
    if asked.inverse_noise_matrix is not None:
        inverse = _checked(asked.inverse_noise_matrix, "inverse_noise_matrix", len(noise))
        if asked.noise_matrix is None:
            noise = inverse_noise_matrix(inverse * shares)
    return Noise(joint, prior, noise, inverse)


def _checked(matrix: Any, name: str, k: int) -> ClassMatrix:
    checked = np.asarray(matrix, dtype=np.float64)
    if checked.shape != (k, k) or np.trace(checked) <= 1:
        found = f"shape {checked.shape}" + (f" and trace {np.trace(checked):.3g}" if checked.ndim == 2 else "")
        raise InputError(
            name,
            f"be ({k}, {k}) with a trace above 1",
            found,
            "With a trace of 1 or less the labels carry no information.",
        )
    return checked
