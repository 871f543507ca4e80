"""Pools models, embeddings and training dynamics into one probability array; reports which sources were used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels, check_probs, check_same_length
from dechaff.errors import InputError
from dechaff.methods.label_evidence.neighbour_votes import Neighbours, neighbour_counts
from dechaff.methods.label_evidence.pooled_probs import pool_weights, pooled
from dechaff.methods.label_evidence.second_view import FEWEST_ROWS, InformationGain, SecondView, second_view, view_gain
from dechaff.methods.label_evidence.stages import Stages, calibrated_stages, check_stages, have_seen, stage_gain
from dechaff.typing import Features, Labels, Probs, Rows


def _best_other(probs: Probs, given: Labels) -> npt.NDArray[np.int64]:
    others = probs.copy()
    others[np.arange(len(given)), given] = -1.0
    return np.asarray(others.argmax(axis=1), dtype=np.int64)


def _models(votes: int, n_models: int, name: str) -> str:
    """How many of the models prefer a class.

    Examples
    --------
    >>> _models(2, 2, "dog"), _models(0, 1, "dog"), _models(1, 3, "dog")
    ("Both models say 'dog'", "The model does not say 'dog'", "1 of 3 models says 'dog'")
    """
    if n_models == 1:
        return f"The model {'says' if votes else 'does not say'} '{name}'"
    if votes in (0, n_models):
        subject = "No model says" if not votes else "Both models say" if votes == 2 else f"All {n_models} models say"
        return f"{subject} '{name}'"
    return f"{votes} of {n_models} models {'says' if votes == 1 else 'say'} '{name}'"


TELLS_ALL, TELLS_MORE = 0.99, 0.02
"""Fraction of the given labels that a view predicts, in all and beyond the models, above which it may leak them."""


@dataclass(frozen=True)
class LabelEvidence:
    """Pooled probabilities, and the given labels, models and nearest rows that they come from."""

    probs: Probs
    """(n, k) out-of-sample probabilities of the given labels; the array that came in if no other source was used."""
    used_sources: tuple[str, ...]
    """Which sources were used with which weight, and which were not and why; one short fact each."""
    labels: Labels
    models: tuple[Probs, ...] = ()
    nearest: Neighbours | None = None
    """If a second view was used."""

    def why_of(
        self, rows: Rows, *, suggested: Labels | None = None, names: Sequence[str] | None = None
    ) -> tuple[str, ...]:
        """For each of some rows, which sources prefer another class than the given label; one sentence per row.

        Parameters
        ----------
        rows : (m,) int
        suggested : (n,) int
            The class to compare with; None = the most probable other one.
        names : k class names; None = numbers.
        """
        given, k = self.labels[rows], self.probs.shape[1]
        other = _best_other(self.probs[rows], given) if suggested is None else suggested[rows]
        votes = sum((model[rows].argmax(axis=1) == other).astype(np.int64) for model in self.models)
        called = [str(place) for place in range(k)] if names is None else names
        sentences = [_models(int(vote), len(self.models), called[to]) for vote, to in zip(votes, other, strict=True)]
        if self.nearest is None:
            return tuple(f"{one}." for one in sentences)
        near = neighbour_counts(self.labels, self.nearest[rows], k).astype(np.int64)
        return tuple(
            f"{one}; of the {count.sum()} nearest rows {count[to]} are labelled '{called[to]}' and "
            f"{count[own]} '{called[own]}'."
            for one, count, own, to in zip(sentences, near, given, other, strict=True)
        )


def gather_evidence(
    labels: npt.ArrayLike,
    runs: Sequence[npt.ArrayLike],
    *,
    features: npt.ArrayLike | None = None,
    stages: npt.ArrayLike | None = None,
) -> LabelEvidence:
    """Pools several models, an embedding and the stages of a training into one array of probabilities.

    Each is used only if it helps to predict labels that it has not seen. Models are weighed by the likelihood of
    the given labels (`pool_weights`). An embedding counts if it adds to the models (`view_gain`), the
    stages of a training if early stages predict better than the last one (`stage_gain`).

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    runs : one or more arrays (n, k) float, rows sum to 1
        Out-of-sample probabilities, one array per model.
    features : (n, d) float
        An embedding that does not come from these models.
    stages : (t, n, k) float
        Logits or probabilities after each epoch or boosting stage, out of fold.

    Raises
    ------
    InputError
        If the arrays do not fit together, a row is no distribution, or features or stages are not finite.

    Source
    ------
    This library. Measured in ``benchmarks/label_errors_evidence.py``.

    Examples
    --------
    >>> labels = np.repeat([0, 1], 50)
    >>> good, poor = np.eye(2)[labels] * 0.8 + 0.1, np.full((100, 2), 0.5)
    >>> gather_evidence(labels, [good, poor]).used_sources
    ('2 models, weights 1.00 0.00',)
    """
    if not len(runs):
        raise InputError("runs", "contain one array of probabilities at least", "none", "Pass out-of-fold ones.")
    models = tuple(check_probs(run, name=f"probs[{place}]") for place, run in enumerate(runs))
    n_classes = models[0].shape[1]
    codes = check_labels(labels, n_classes)
    _check_shapes(codes, models)
    return pool_evidence(codes, models, features=features, stages=stages)


def pool_evidence(
    codes: Labels, models: tuple[Probs, ...], *, features: npt.ArrayLike | None, stages: npt.ArrayLike | None
) -> LabelEvidence:
    """`gather_evidence` of labels and models that were checked; features and stages are checked here."""
    if len(models) == 1 and features is None and stages is None:
        return LabelEvidence(models[0], (), codes, models)
    weights = pool_weights(models, codes)
    probs = pooled(models, weights)
    view, view_fact = _view(codes, probs, features)
    course, stage_fact = _course(codes, probs, stages)
    sources = [*models, *([view.votes, view.linear] if view else []), *course]
    if len(sources) > len(models):
        weights = pool_weights(sources, codes)
        probs = pooled(sources, weights)
    facts = (
        _models_fact(weights[: len(models)]),
        view_fact.format(weight=weights[len(models) : len(models) + 2].sum()),
        stage_fact.format(weight=weights[len(sources) - len(course) :].sum()),
    )
    return LabelEvidence(probs, tuple(fact for fact in facts if fact), codes, models, view.nearest if view else None)


def _check_shapes(codes: Labels, models: tuple[Probs, ...]) -> None:
    for place, run in enumerate(models):
        check_same_length(**{"labels": codes, f"probs[{place}]": run})
        if run.shape[1] != models[0].shape[1]:
            raise InputError(
                f"probs[{place}]",
                f"have one column for each of {models[0].shape[1]} classes, as probs[0] has",
                f"{run.shape[1]} columns",
                "Give every model the same classes, in the same order.",
            )


def _models_fact(weights: npt.NDArray[np.float64]) -> str:
    if len(weights) == 1:
        return "" if weights[0] == 1 else f"1 model, weight {weights[0]:.2f}"
    return f"{len(weights)} models, weights {' '.join(f'{weight:.2f}' for weight in weights)}"


def _view(codes: Labels, probs: Probs, features: npt.ArrayLike | None) -> tuple[SecondView | None, str]:
    """The second view, if it helps, and a fact about it."""
    if features is None:
        return None, ""
    rows = _check_features(features, codes)
    if len(codes) < FEWEST_ROWS:
        return None, f"second view not used: fewer than {FEWEST_ROWS} rows"
    found = view_gain(codes, probs, rows)
    if found.helps:
        view = second_view(codes, rows, probs.shape[1])
        how = f"; its neighbours by {view.how}" if view.how else ""
        return view, f"second view, weight {{weight:.2f}}: {_gain_fact(found)}{_leak_fact(codes, probs, view)}{how}"
    return None, f"second view not used: {_gain_fact(found)}"


def _leak_fact(codes: Labels, probs: Probs, view: SecondView) -> str:
    """A warning if the view predicts nearly every given label and the models do not, as a column of labels would."""
    accuracy = float((view.linear.argmax(axis=1) == codes).mean())
    if accuracy < TELLS_ALL or accuracy - float((probs.argmax(axis=1) == codes).mean()) < TELLS_MORE:
        return ""
    return f"; it predicts {accuracy:.1%} of the given labels, right or wrong: make sure that it was not made from them"


def _gain_fact(found: InformationGain) -> str:
    return f"held-out log-likelihood {found.gain:+.3f} per row, {found.conditional:+.3f} of it beyond the models"


def _check_features(features: npt.ArrayLike, codes: Labels) -> Features:
    rows = np.asarray(features)
    if rows.ndim != 2 or rows.dtype.kind not in "fiub":
        raise InputError(
            "features",
            "be a numeric (n, d) array, one row per example",
            f"shape {rows.shape} of {rows.dtype}",
            "Pass an embedding of every row.",
        )
    check_same_length(labels=codes, features=rows)
    bad = ~np.isfinite(rows).all(axis=1)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise InputError("features", "be finite", f"{rows[row][:6]} in row {row}", "Fill or leave out such columns.")
    return rows


def _course(codes: Labels, probs: Probs, stages: npt.ArrayLike | None) -> tuple[list[Probs], str]:
    """The stages of a training, if they help, and a fact about them."""
    if stages is None:
        return [], ""
    course: Stages = check_stages(stages, n_rows=len(codes), n_classes=probs.shape[1])
    if have_seen(codes, probs, course):
        return [], (
            "training stages not used: the last one agrees with more labels than the models do, as one that has "
            "seen them would"
        )
    found = stage_gain(codes, probs, course)
    if not found.helps:
        return [], f"training stages not used: {_gain_fact(found)}"
    return calibrated_stages(codes, course), f"training stages, weight {{weight:.2f}}: {_gain_fact(found)}"
