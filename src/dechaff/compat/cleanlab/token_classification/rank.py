"""cleanlab's ``token_classification.rank``: quality of tokens and sentences, 0 = worst."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from dechaff.compat.cleanlab.arguments import chosen
from dechaff.compat.cleanlab.multilabel_classification.rank import softmin
from dechaff.compat.cleanlab.rank import get_label_quality_scores as quality_of_classes
from dechaff.compat.cleanlab.token_classification.filter import flat_tokens
from dechaff.models.columns import pandas_frame
from dechaff.typing import Score

_SENTENCE: dict[str, Callable[..., float]] = {
    "min": lambda quality, **_: float(quality.min()),
    "softmin": lambda quality, temperature=0.05: _softmin(quality, temperature),
}


def _softmin(quality: Score, temperature: float) -> float:
    if temperature in (0, np.inf):
        return float(quality.mean() if temperature else quality.min())
    return float(softmin(quality[None], temperature=temperature)[0])


def get_label_quality_scores(
    labels: Any,
    pred_probs: Any,
    *,
    tokens: Sequence[Sequence[str]] | None = None,
    token_score_method: str = "self_confidence",
    sentence_score_method: str = "min",
    sentence_score_kwargs: Mapping[str, Any] | None = None,
) -> tuple[Score, list[Any]]:
    """Quality of each sentence, and a pandas series of its tokens' quality; an empty sentence has 1."""
    pool = chosen(_SENTENCE, sentence_score_method, "sentence_score_method")
    codes, probs, where = flat_tokens(labels, pred_probs)
    quality = quality_of_classes(codes, probs, method=token_score_method) if len(codes) else np.zeros(0)
    parts = np.split(quality, where.starts[1:]) if len(where.lengths) else []
    pooled = np.array([pool(part, **(sentence_score_kwargs or {})) if len(part) else 1.0 for part in parts])
    names = [None] * len(parts) if tokens is None else tokens
    frames = [pandas_frame({"quality": part}, index=words) for part, words in zip(parts, names, strict=True)]
    return pooled, [frame["quality"].rename(None) for frame in frames]


def issues_from_scores(
    sentence_scores: Any, *, token_scores: Sequence[Any] | None = None, threshold: float = 0.1
) -> Any:
    """Sentences below the threshold, or (sentence, token) of tokens below it; the worst first."""
    if token_scores is None:
        quality = np.asarray(sentence_scores)
        rows = np.argsort(quality, kind="stable")
        return rows[quality[rows] < threshold]
    low = [
        (float(quality), sentence, token)
        for sentence, scores in enumerate(token_scores)
        for token, quality in enumerate(np.asarray(scores))
        if quality < threshold
    ]
    return [(sentence, token) for _, sentence, token in sorted(low)]
