"""Wrong labels of tokens, found here and by cleanlab: real errors and eight kinds of injected ones.

``python -m benchmarks.token_errors [tokens]``, default 20000. The tokens are those of the corrected CoNLL-2003 test
set; errors are injected into the corrected labels, and a tagger is trained on the labels with errors, out of fold. It
sees the probabilities of an older tagger for the token and two neighbours either side. Prints one table and writes
nothing.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import GroupKFold

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.shared_data import shared

import dechaff

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

SEED = 11
"""Other errors and folds than those on which the constants were chosen."""
SCORES = ("self_confidence", "normalized_margin", "confidence_weighted_entropy")
KINDS = ("any class", "confused types", "types of spans", "forgotten spans", "borders", "made-up spans", "rare types",
         "another model's")  # fmt: skip


@dataclass(frozen=True)
class Tokens:
    """Given and true labels of tokens, sentence after sentence, with out-of-sample probabilities."""

    labels: np.ndarray
    true: np.ndarray
    probs: np.ndarray
    sentences: np.ndarray
    classes: list[str]


def corrected_news(n: int) -> Tokens:
    """Given and corrected labels, with the probabilities of a weak tagger that read other news."""
    data = np.load(shared("ner_conllpp") / "data.npz", allow_pickle=False)
    ids = data["sentence_id"]
    rows = ids < ids[min(n, len(ids) - 1)] if n < len(ids) else np.ones(len(ids), dtype=bool)
    probs = data["pred_probs"][rows].astype(np.float64)
    probs /= probs.sum(axis=1, keepdims=True)
    classes = [str(name) for name in data["classes"]]
    return Tokens(data["given"][rows].astype(int), data["corrected"][rows].astype(int), probs, ids[rows], classes)


def window(tokens: Tokens, reach: int = 2) -> np.ndarray:
    """Log-probabilities of each token and its neighbours in the sentence."""
    odds = np.log(np.maximum(tokens.probs, 1e-6))
    parts = []
    for step in range(-reach, reach + 1):
        moved, owner = np.roll(odds, step, axis=0), np.roll(tokens.sentences, step)
        parts.append(np.where((owner == tokens.sentences)[:, None], moved, 0.0))
    return np.hstack(parts)


def retrained(features: np.ndarray, labels: np.ndarray, sentences: np.ndarray, k: int) -> np.ndarray:
    """Out-of-fold probabilities of a tagger that was trained on these labels."""
    probs = np.full((len(labels), k), 1e-6)
    folds = sentences * 7919 % 10_007  # sentences in an order of their own
    for train, held in GroupKFold(4).split(features, groups=folds):
        model = LogisticRegression(max_iter=60, C=0.3).fit(features[train], labels[train])
        probs[np.ix_(held, model.classes_)] += model.predict_proba(features[held])
    return probs / probs.sum(axis=1, keepdims=True)


def spans(labels: np.ndarray, sentences: np.ndarray) -> list[tuple[int, int]]:
    """First token of each entity, and the token after its last: B- is odd, I- is the even number after it."""
    begins = np.flatnonzero(labels % 2 == 1)
    ends = []
    for begin in begins.tolist():
        end = begin + 1
        while end < len(labels) and labels[end] == labels[begin] + 1 and sentences[end] == sentences[begin]:
            end += 1
        ends.append(end)
    return list(zip(begins.tolist(), ends, strict=True))


def planted(tokens: Tokens, kind: str, seed: int) -> np.ndarray:
    """The true labels with errors of one kind."""
    rng, labels, k = np.random.default_rng(seed), tokens.true.copy(), len(tokens.classes)
    entities = spans(labels, tokens.sentences)
    if kind == "any class":
        hit = rng.random(len(labels)) < 0.05
        return np.where(hit, (labels + rng.integers(1, k, len(labels))) % k, labels)
    if kind == "confused types":  # ORG for LOC and the other way round, token by token
        other = np.arange(k)
        other[[3, 4, 5, 6]] = [5, 6, 3, 4]
        return np.where(rng.random(len(labels)) < 0.15, other[labels], labels)
    if kind == "made-up spans":
        plain = np.flatnonzero(labels == 0)
        new = rng.choice(plain, size=len(labels) // 60, replace=False)
        labels[new] = 2 * rng.integers(0, 4, len(new)) + 1
        return labels
    if kind == "another model's":
        few = rng.permutation(len(labels))[:1500]
        seen = window(tokens, 1) + rng.normal(scale=1.5, size=(len(labels), 3 * k))
        return LogisticRegression(max_iter=60, C=0.3).fit(seen[few], labels[few]).predict(seen)
    for begin, end in entities:
        if rng.random() < 0.15:
            _spoil(rng, labels, begin, end, kind, tokens.sentences)
    return labels


def _spoil(rng: np.random.Generator, labels: np.ndarray, begin: int, end: int, kind: str, owner: np.ndarray) -> None:
    if kind == "types of spans":
        labels[begin:end] = (labels[begin:end] - 1 + 2 * rng.integers(1, 4)) % 8 + 1
    elif kind == "forgotten spans":
        labels[begin:end] = 0
    elif kind == "rare types" and labels[begin] != 7:
        labels[begin:end] += 7 - labels[begin]
    elif kind == "borders":
        if end - begin > 1 and rng.random() < 0.5:
            labels[begin], labels[begin + 1] = 0, labels[begin]
        elif end < len(labels) and owner[end] == owner[begin] and labels[end] == 0:
            labels[end] = labels[begin] + 1


def panel(n: int, seed: int) -> Iterator[tuple[str, Tokens]]:
    """Real errors, judged by a tagger of other news and by one of these labels; then injected ones."""
    real = corrected_news(n)
    yield "real, tagger of other news", corrected_news(10**9)
    features = window(real)
    for kind in ("real", *KINDS):
        labels = real.labels if kind == "real" else planted(real, kind, seed)
        probs = retrained(features, labels, real.sentences, len(real.classes))
        yield kind, Tokens(labels, real.true, probs, real.sentences, real.classes)


def f1(flag: np.ndarray, wrong: np.ndarray) -> float:
    return float(2 * (flag & wrong).sum() / max(1, flag.sum() + wrong.sum()))


def figures(tokens: Tokens) -> list[float]:
    """One row of the table."""
    wrong = tokens.labels != tokens.true
    found = dechaff.find_token_errors(
        np.array(tokens.classes)[tokens.labels], tokens.probs, sentences=tokens.sentences, class_names=tokens.classes
    )
    corrected = np.array([tokens.classes.index(name) for name in found.corrected])
    theirs = find_label_issues(tokens.labels, tokens.probs, n_jobs=1)
    scores = [-get_label_quality_scores(tokens.labels, tokens.probs, method=one) for one in SCORES]
    starts = np.flatnonzero(np.concatenate([[True], tokens.sentences[1:] != tokens.sentences[:-1]]))
    in_sentence = np.logical_or.reduceat(wrong, starts)
    return [
        float(wrong.mean()),
        float(average_precision_score(wrong, found.log_odds)),
        max(float(average_precision_score(wrong, one)) for one in scores),
        float(average_precision_score(in_sentence, found.sentence_log_odds)),
        max(float(average_precision_score(in_sentence, np.maximum.reduceat(one, starts))) for one in scores),
        f1(found.flag, wrong),
        f1(theirs, wrong),
        float((~wrong).mean()),
        float((corrected == tokens.true).mean()),
        float((np.where(theirs, tokens.probs.argmax(axis=1), tokens.labels) == tokens.true).mean()),
    ]


def row(*cells: Any) -> None:
    print(f"| {' | '.join(f'{one:.4f}' if isinstance(one, float) else str(one) for one in cells)} |", flush=True)


HEADER = (
    "errors", "wrong", "AP", "cleanlab, best of 3", "AP sentences", "cleanlab, best of 3", "F1", "cleanlab",
    "labels right as given", "once flags are applied", "cleanlab's flags applied",
)  # fmt: skip


def main(n: int) -> None:
    """Print the table, and its mean."""
    row(*HEADER)
    print("|" + "---|" * len(HEADER), flush=True)
    found = []
    warnings.simplefilter("ignore")  # a tagger of so few rounds has not converged
    for kind, tokens in panel(n, SEED):
        found.append(figures(tokens))
        row(kind, *found[-1])
    row("**mean**", *np.mean(found, axis=0).tolist())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
