"""The public functions of dechaff, and what they hand back; each is loaded on first use."""

from __future__ import annotations

import importlib as _importlib
import typing as _typing

from dechaff.records.explanation import explanation as explain

_HOME = {
    "Audit": "dechaff.api.results",
    "ConfidentScores": "dechaff.api.confident_scores",
    "LabelErrors": "dechaff.api.label_errors",
    "LabelScores": "dechaff.api.label_scores",
    "MultilabelErrors": "dechaff.api.multilabel_errors",
    "Recipe": "dechaff.api.results",
    "SoftLabelErrors": "dechaff.api.soft_label_errors",
    "TargetErrors": "dechaff.api.target_errors",
    "TokenErrors": "dechaff.api.token_errors",
    "apply": "dechaff.api.auditing",
    "audit": "dechaff.api.auditing",
    "find_label_errors": "dechaff.api.label_errors",
    "find_multilabel_errors": "dechaff.api.multilabel_errors",
    "find_soft_label_errors": "dechaff.api.soft_label_errors",
    "find_target_errors": "dechaff.api.target_errors",
    "find_token_errors": "dechaff.api.token_errors",
    "open_run": "dechaff.api.auditing",
    "predict": "dechaff.api.in_rounds",
    "prove": "dechaff.api.proving",
    "pu": "dechaff.api.positive_unlabelled",
    "run_recipe": "dechaff.api.in_rounds",
    "stream_confident_learning": "dechaff.api.confident_scores",
    "stream_label_errors": "dechaff.api.label_scores",
}
"""Public name -> its module: opening a run, or help, must not wait for what only an audit or a proof needs."""

__all__ = [
    "Audit",
    "ConfidentScores",
    "LabelErrors",
    "LabelScores",
    "MultilabelErrors",
    "Recipe",
    "SoftLabelErrors",
    "TargetErrors",
    "TokenErrors",
    "apply",
    "audit",
    "explain",
    "find_label_errors",
    "find_multilabel_errors",
    "find_soft_label_errors",
    "find_target_errors",
    "find_token_errors",
    "open_run",
    "predict",
    "prove",
    "pu",
    "run_recipe",
    "stream_confident_learning",
    "stream_label_errors",
]

if _typing.TYPE_CHECKING:
    from dechaff.api.auditing import apply, audit, open_run
    from dechaff.api.confident_scores import ConfidentScores, stream_confident_learning
    from dechaff.api.in_rounds import predict, run_recipe
    from dechaff.api.label_errors import LabelErrors, find_label_errors
    from dechaff.api.label_scores import LabelScores, stream_label_errors
    from dechaff.api.multilabel_errors import MultilabelErrors, find_multilabel_errors
    from dechaff.api.positive_unlabelled import pu
    from dechaff.api.proving import prove
    from dechaff.api.results import Audit, Recipe
    from dechaff.api.soft_label_errors import SoftLabelErrors, find_soft_label_errors
    from dechaff.api.target_errors import TargetErrors, find_target_errors
    from dechaff.api.token_errors import TokenErrors, find_token_errors


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'dechaff.api' has no attribute {name!r}")
    return getattr(_importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
