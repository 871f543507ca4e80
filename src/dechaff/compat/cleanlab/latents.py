"""cleanlab's estimates of the true classes: prior, noise matrix and its inverse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dechaff.compat.cleanlab.arguments import chosen, read_joint, read_labels, refuse_no_rows
from dechaff.compat.cleanlab.joint import Counts, compute_confident_joint
from dechaff.methods.label_errors.converged_latents import Latents, converged_latents
from dechaff.methods.label_errors.inverse_noise_matrix import inverse_noise_matrix
from dechaff.methods.label_errors.noise_matrix import noise_matrix
from dechaff.methods.label_errors.prior_by_inversion import prior_by_inversion
from dechaff.methods.label_errors.prior_from_diagonals import prior_from_diagonals
from dechaff.methods.label_errors.prior_from_given import prior_from_given
from dechaff.methods.label_errors.prior_from_joint import prior_from_joint
from dechaff.typing import ClassMatrix, ClassVector

_PRIOR: dict[str, Callable[[ClassVector, Latents, ClassMatrix], ClassVector]] = {
    "cnt": lambda shares, of, joint: prior_from_diagonals(shares, of.noise, of.inverse_noise),
    "eqn": lambda shares, of, joint: prior_by_inversion(shares, of.noise),
    "marginal": lambda shares, of, joint: prior_from_joint(joint),
    "marginal_ps": lambda shares, of, joint: prior_from_given(shares, of.inverse_noise),
}


def estimate_latent(
    confident_joint: Any, labels: Any, *, py_method: str = "cnt", converge_latent_estimates: bool = False
) -> tuple[ClassVector, ClassMatrix, ClassMatrix]:
    """Prior (k,), noise matrix p(given | true) and its inverse p(true | given)."""
    prior = chosen(_PRIOR, py_method, "py_method")
    joint = read_joint(confident_joint)
    codes = read_labels(labels, len(joint))
    refuse_no_rows(len(codes))
    shares = np.bincount(codes, minlength=len(joint)) / len(codes)
    found = Latents(shares, noise_matrix(joint), inverse_noise_matrix(joint))
    found = Latents(prior(shares, found, joint), found.noise, found.inverse_noise)
    found = converged_latents(found, shares) if converge_latent_estimates else found
    return found.prior, found.noise, found.inverse_noise


def estimate_py_and_noise_matrices_from_probabilities(
    labels: Any,
    pred_probs: Any,
    *,
    thresholds: Any = None,
    converge_latent_estimates: bool = True,
    py_method: str = "cnt",
    calibrate: bool = True,
) -> tuple[ClassVector, ClassMatrix, ClassMatrix, Counts]:
    """The three of `estimate_latent`, and the confident joint."""
    joint = compute_confident_joint(labels, pred_probs, thresholds=thresholds, calibrate=calibrate)
    prior, noise, inverse = estimate_latent(
        joint, labels, py_method=py_method, converge_latent_estimates=converge_latent_estimates
    )
    return prior, noise, inverse, joint
