"""Everything that speaks of the labels, as one array of probabilities, and who was heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels, check_probs, check_same_length
from dechaff.errors import InputError
from dechaff.methods.label_evidence.news import News
from dechaff.methods.label_evidence.pooled_probs import pool_weights, pooled
from dechaff.methods.label_evidence.second_view import FEWEST_ROWS, SecondView, second_view, view_news
from dechaff.methods.label_evidence.stages import Stages, check_stages, have_seen, honest_stages, stage_news
from dechaff.methods.label_evidence.witnesses import Witnesses
from dechaff.typing import Features, Labels, Probs

TELLS_ALL, TELLS_MORE = 0.99, 0.02
"""Share of the given labels that a view tells, in all and beyond the models, from which on it may hold the labels."""


@dataclass(frozen=True)
class Evidence:
    """Probabilities that pool all that was heard."""

    probs: Probs
    """(n, k) out-of-sample probabilities of the given labels; the array that came in where nothing else was heard."""
    spoke: tuple[str, ...]
    """Who was heard with which weight, and who was not and why; one short fact each."""
    witnesses: Witnesses

    @property
    def hears_neighbours(self) -> bool:
        """Whether a second view was heard."""
        return self.witnesses.nearest is not None

    def why_of(
        self,
        rows: npt.NDArray[np.int64],
        *,
        suggested: Labels | None = None,
        names: Sequence[str] | None = None,
    ) -> tuple[str, ...]:
        """For each of some rows, which witnesses name another class than the given label; one sentence a row.

        Parameters
        ----------
        rows : (m,) int
        suggested : (n,) int
            The class to speak of; the most probable other one where it is None.
        names : k class names; numbers where None.
        """
        return self.witnesses.sentences(rows, self.probs, suggested=suggested, names=names)


def gather_evidence(
    labels: npt.ArrayLike,
    runs: Sequence[npt.ArrayLike],
    *,
    features: npt.ArrayLike | None = None,
    stages: npt.ArrayLike | None = None,
) -> Evidence:
    """Several models, an embedding and the course of a training as one array of probabilities.

    Each is heard only where labels that it has not seen say that it helps. Models are weighed by the likelihood of
    the given labels (`pooled_probs`). An embedding counts if it knows what the models do not (`view_news`), the
    stages of a training if the models had better opinions on the way (`stage_news`).

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    runs : one or more arrays (n, k) float, rows sum to 1
        Out-of-sample probabilities, one array a model.
    features : (n, d) float
        An embedding that does not come from these models.
    stages : (t, n, k) float
        Logits or probabilities after each epoch or boosting stage, out of fold.

    Returns
    -------
    Evidence

    Raises
    ------
    InputError
        Where the arrays do not fit together, a row is no distribution, or features or stages are not finite.

    Source
    ------
    This library. Measured in ``benchmarks/label_errors_evidence.py``.

    Examples
    --------
    >>> labels = np.repeat([0, 1], 50)
    >>> good, poor = np.eye(2)[labels] * 0.8 + 0.1, np.full((100, 2), 0.5)
    >>> gather_evidence(labels, [good, poor]).spoke
    ('2 models, weights 1.00 0.00',)
    """
    if not len(runs):
        raise InputError("runs", "hold one array of probabilities at least", "none", "Hand in out-of-fold ones.")
    models = tuple(check_probs(run, name=f"probs[{place}]") for place, run in enumerate(runs))
    n_classes = models[0].shape[1]
    codes = check_labels(labels, n_classes)
    _check_shapes(codes, models)
    weights = pool_weights(models, codes)
    probs = pooled(models, weights)
    view, view_fact = _view(codes, probs, features)
    course, stage_fact = _course(codes, probs, stages)
    heard = [*models, *([view.votes, view.linear] if view else []), *course]
    if len(heard) > len(models):
        weights = pool_weights(heard, codes)
        probs = pooled(heard, weights)
    spoke = (
        _models_fact(weights[: len(models)]),
        view_fact.format(weight=weights[len(models) : len(models) + 2].sum()),
        stage_fact.format(weight=weights[len(heard) - len(course) :].sum()),
    )
    witnesses = Witnesses(codes, models, view.nearest if view else None)
    return Evidence(probs, tuple(fact for fact in spoke if fact), witnesses)


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
    """The second view, where it is to be heard, and what is to be said of it."""
    if features is None:
        return None, ""
    rows = _check_features(features, codes)
    if len(codes) < FEWEST_ROWS:
        return None, f"second view not used: fewer than {FEWEST_ROWS} rows"
    found = view_news(codes, probs, rows)
    if found.helps:
        view = second_view(codes, rows, probs.shape[1])
        how = f"; its neighbours by {view.how}" if view.how else ""
        return view, f"second view, weight {{weight:.2f}}: {_news_fact(found)}{_leak_fact(codes, probs, view)}{how}"
    return None, f"second view not used: {_news_fact(found)}"


def _leak_fact(codes: Labels, probs: Probs, view: SecondView) -> str:
    """A warning where the view tells nearly every given label and the models do not, as a column of labels would."""
    told = float((view.linear.argmax(axis=1) == codes).mean())
    if told < TELLS_ALL or told - float((probs.argmax(axis=1) == codes).mean()) < TELLS_MORE:
        return ""
    return f"; it tells {told:.1%} of the given labels, right or wrong: make sure that it has not been made from them"


def _news_fact(found: News) -> str:
    return f"held-out log-likelihood {found.gain:+.3f} a row, {found.news:+.3f} of it news to the models"


def _check_features(features: npt.ArrayLike, codes: Labels) -> Features:
    rows = np.asarray(features)
    if rows.ndim != 2 or rows.dtype.kind not in "fiub":
        raise InputError(
            "features",
            "be a numeric (n, d) array, one row an example",
            f"shape {rows.shape} of {rows.dtype}",
            "Hand in an embedding of every row.",
        )
    check_same_length(labels=codes, features=rows)
    bad = ~np.isfinite(rows).all(axis=1)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise InputError("features", "be finite", f"{rows[row][:6]} in row {row}", "Fill or leave out such columns.")
    return rows


def _course(codes: Labels, probs: Probs, stages: npt.ArrayLike | None) -> tuple[list[Probs], str]:
    """The stages of a training, where they are to be heard, and what is to be said of them."""
    if stages is None:
        return [], ""
    course: Stages = check_stages(stages, n_rows=len(codes), n_classes=probs.shape[1])
    if have_seen(codes, probs, course):
        return [], (
            "training stages not used: the last one agrees with more labels than the models do, as one that has "
            "seen them would"
        )
    found = stage_news(codes, probs, course)
    if not found.helps:
        return [], f"training stages not used: {_news_fact(found)}"
    return honest_stages(codes, course), f"training stages, weight {{weight:.2f}}: {_news_fact(found)}"
