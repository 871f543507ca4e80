"""The public functions of dechaff and their results; each is loaded on first use."""

from __future__ import annotations

import importlib as _importlib
import typing as _typing

from dechaff.records.codes import explanation as explain

_HOME = {
    "Audit": "dechaff.api.results",
    "ConfidentScores": "dechaff.api.labels.streams",
    "LabelErrors": "dechaff.api.labels.single",
    "LabelScores": "dechaff.api.labels.streams",
    "MultilabelErrors": "dechaff.api.labels.multi",
    "Recipe": "dechaff.api.results",
    "SoftLabelErrors": "dechaff.api.labels.soft",
    "TargetErrors": "dechaff.api.labels.target",
    "TokenErrors": "dechaff.api.labels.token",
    "apply": "dechaff.api.auditing",
    "audit": "dechaff.api.auditing",
    "find_label_errors": "dechaff.api.labels.single",
    "find_multilabel_errors": "dechaff.api.labels.multi",
    "find_soft_label_errors": "dechaff.api.labels.soft",
    "find_target_errors": "dechaff.api.labels.target",
    "find_token_errors": "dechaff.api.labels.token",
    "open_run": "dechaff.api.auditing",
    "predict": "dechaff.api.in_rounds",
    "prove": "dechaff.api.proving",
    "pu": "dechaff.api.positive_unlabelled",
    "run_recipe": "dechaff.api.in_rounds",
    "stream_confident_learning": "dechaff.api.labels.streams",
    "stream_label_errors": "dechaff.api.labels.streams",
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
    from dechaff.api.in_rounds import predict, run_recipe
    from dechaff.api.labels.multi import MultilabelErrors, find_multilabel_errors
    from dechaff.api.labels.single import LabelErrors, find_label_errors
    from dechaff.api.labels.soft import SoftLabelErrors, find_soft_label_errors
    from dechaff.api.labels.streams import ConfidentScores, LabelScores, stream_confident_learning, stream_label_errors
    from dechaff.api.labels.target import TargetErrors, find_target_errors
    from dechaff.api.labels.token import TokenErrors, find_token_errors
    from dechaff.api.positive_unlabelled import pu
    from dechaff.api.proving import prove
    from dechaff.api.results import Audit, Recipe


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'dechaff.api' has no attribute {name!r}")
    return getattr(_importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
