"""Words and phrases of a text that give the label away: a sentence that was written when it was known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dechaff.typing import Labels, Texts

_ROWS, _WORDS = 1_200, 120
"""Rows that are read, and the words at either end of each."""
_LEAST_SHARE, _FEWEST = 0.01, 5
_MOST_PHRASES = 5_000
_LEAVES_PER_CLASS = 2


@dataclass(frozen=True)
class PhrasePower:
    """Balanced accuracy of a few phrases on held-out rows, what guessing reaches, the rows, and the first phrases."""

    balanced_accuracy: float
    chance: float
    rows: int
    phrases: tuple[str, ...]


def phrase_power(texts: Texts, labels: Labels, n_classes: int, *, seed: int = 0) -> PhrasePower | None:
    """How well few phrases of one to three words predict the label of held-out rows.

    A decision tree with at most two leaves per class reads which phrases a text contains. Natural texts need many words
    to tell their class; a sentence that was added when the label was known needs one.

    Parameters
    ----------
    texts : (n,) object array of str
        The first and the last 120 words of each are read.
    labels : (n,) int, 0 … k-1, or -1 if missing
    n_classes : k
    seed : of the rows drawn (at most 1,200), and of the halves

    Returns
    -------
    PhrasePower, or None if fewer than two classes have ten rows

    Source
    ------
    Breiman, Friedman, Olshen, Stone (1984), classification trees, on the presence of phrases.

    Examples
    --------
    >>> labels = np.arange(60) % 2
    >>> said = np.array(["it was paid in full", "it was never paid"], dtype=object)[labels]
    >>> phrase_power(said, labels, 2).balanced_accuracy
    1.0
    """
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.tree import DecisionTreeClassifier

    rows = _drawn(labels, n_classes, seed)
    classes = np.unique(labels[rows])
    if len(classes) < 2:
        return None
    fewest = max(_FEWEST, int(_LEAST_SHARE * len(rows)))
    reader = CountVectorizer(
        binary=True, ngram_range=(1, 3), min_df=fewest, max_features=_MOST_PHRASES, token_pattern=r"(?u)\w+|[^\w\s]+"
    )
    try:
        found = reader.fit_transform(map(_ends, texts[rows].tolist())).tocsr()
    except ValueError:  # no phrase is frequent enough
        return None
    given, half = labels[rows], _halves(labels[rows])
    predicted, phrases = np.empty(len(rows), dtype=np.int64), list[str]()
    for held_out in (0, 1):
        tree: Any = DecisionTreeClassifier(
            max_leaf_nodes=_LEAVES_PER_CLASS * len(classes), class_weight="balanced", random_state=seed
        )
        tree.fit(found[half != held_out], given[half != held_out])
        predicted[half == held_out] = tree.predict(found[half == held_out])
        used = tree.tree_.feature[tree.tree_.feature >= 0]
        phrases += [str(reader.get_feature_names_out()[at]) for at in used[: len(classes)]]
    right = [float((predicted[given == one] == one).mean()) for one in classes]
    return PhrasePower(float(np.mean(right)), 1 / len(classes), len(rows), tuple(dict.fromkeys(phrases)))


def _ends(text: str) -> str:
    words = text.split()
    return text if len(words) <= 2 * _WORDS else " ".join([*words[:_WORDS], *words[-_WORDS:]])


def _drawn(labels: Labels, n_classes: int, seed: int) -> Any:
    """At most 1,200 rows, of classes that have ten of them."""
    shuffled = np.random.default_rng(seed).permutation(np.flatnonzero(labels >= 0))[:_ROWS]
    counts = np.bincount(labels[shuffled], minlength=n_classes)
    return np.sort(shuffled[counts[labels[shuffled]] >= 2 * _FEWEST])


def _halves(labels: Labels) -> Any:
    """Every second row of each class."""
    order = np.argsort(labels, kind="stable")
    halves = np.empty(len(labels), dtype=np.int64)
    halves[order] = np.arange(len(labels)) % 2
    return halves
