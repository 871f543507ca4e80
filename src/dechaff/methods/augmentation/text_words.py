"""Texts changed word by word."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dechaff.typing import Texts

Words = list[str]


def each_text(texts: Texts, change: Callable[[Words], Words]) -> Texts:
    """The texts, with the words of each replaced by others; a text without words stays as it is.

    Examples
    --------
    >>> each_text(np.array(["a b", ""], dtype=object), lambda words: words[::-1]).tolist()
    ['b a', '']
    """
    changed = np.empty(len(texts), dtype=object)
    for place, text in enumerate(texts):
        words = str(text).split()
        changed[place] = " ".join(change(words)) if words else text
    return changed


def n_changes(words: Words, strength: float) -> int:
    """How many words of a text are changed: the given fraction of them, and at least one.

    Examples
    --------
    >>> n_changes(["one", "two"], 0.1), n_changes(["word"] * 30, 0.1)
    (1, 3)
    """
    return max(1, round(strength * len(words)))
