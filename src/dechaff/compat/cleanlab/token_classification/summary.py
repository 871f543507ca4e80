"""cleanlab's ``token_classification.summary``: issues in their sentences, and by token."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from dechaff.compat.cleanlab.internal.token_classification_utils import color_sentence, get_sentence
from dechaff.models.columns import pandas_frame

Words = Sequence[Sequence[str]]


def display_issues(
    issues: Sequence[Any],
    tokens: Words,
    *,
    labels: Any = None,
    pred_probs: Any = None,
    exclude: Sequence[tuple[int, int]] = (),
    class_names: Sequence[str] | None = None,
    top: int = 20,
) -> None:
    """Prints the first issues, tokens or sentences, that are not pairs (given, predicted) to exclude."""
    shown = [one for one in issues if not isinstance(one, tuple) or _pair(one, labels, pred_probs) not in exclude]
    for issue in shown[:top]:
        if not isinstance(issue, tuple):
            print(f"Sentence {issue}: {get_sentence(tokens[issue])}\n")
            continue
        sentence, token = issue
        word = tokens[sentence][token]
        print(f"Sentence index: {sentence}, token index: {token}\nToken: {word}")
        for name, code in zip(("Given", "Predicted"), _pair(issue, labels, pred_probs), strict=True):
            if code is not None:
                print(f"{name} label: {code if class_names is None else class_names[code]}")
        print(f"----\n{color_sentence(get_sentence(tokens[sentence]), word)}\n")


def common_label_issues(
    issues: Sequence[tuple[int, int]],
    tokens: Words,
    *,
    labels: Any = None,
    pred_probs: Any = None,
    class_names: Sequence[str] | None = None,
    top: int = 10,
    exclude: Sequence[tuple[int, int]] = (),
    verbose: bool = True,
) -> Any:
    """A pandas frame of tokens, and of given and predicted label if these are passed, the most frequent first."""
    both = labels is not None and pred_probs is not None
    pairs = [(tokens[i][j], _pair((i, j), labels, pred_probs)) for i, j in issues]
    pairs = [(word, pair) for word, pair in pairs if pair not in exclude]
    if verbose:
        for word, times in Counter(word for word, _ in pairs).most_common(top):
            print(f"Token '{word}' is potentially mislabeled {times} times throughout the dataset")
    if not both:
        words = Counter(word for word, _ in pairs).most_common()
        return pandas_frame({"token": [one for one, _ in words], "num_label_issues": [n for _, n in words]})
    counts = Counter(pairs).most_common()
    names = range(len(pred_probs[0][0])) if class_names is None else class_names
    return pandas_frame(
        {
            "token": [word for (word, _), _ in counts],
            "given_label": [names[given] for (_, (given, _)), _ in counts],
            "predicted_label": [names[predicted] for (_, (_, predicted)), _ in counts],
            "num_label_issues": [times for _, times in counts],
        }
    )


def filter_by_token(token: str, issues: Sequence[tuple[int, int]], tokens: Words) -> list[tuple[int, int]]:
    """The issues of that token, in any case."""
    return [(i, j) for i, j in issues if tokens[i][j].lower() == token.lower()]


def _pair(issue: tuple[int, int], labels: Any, pred_probs: Any) -> tuple[Any, Any]:
    """Given and predicted class of a token; None if not passed."""
    i, j = issue
    given = None if labels is None else int(labels[i][j])
    return given, None if pred_probs is None else int(np.argmax(pred_probs[i][j]))
