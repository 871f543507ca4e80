"""Made crowds, whose true labels are known."""

from __future__ import annotations

import numpy as np

from dechaff.methods.consensus.answer_rows import AnswerRows


def made_crowd(
    seed: int, *, items: int = 300, annotators: int = 20, classes: int = 3, per_item: int = 5
) -> tuple[AnswerRows, np.ndarray, np.ndarray]:
    """Answers, true labels and the accuracy of each annotator."""
    rng = np.random.default_rng(seed)
    true = rng.integers(classes, size=items)
    accuracy = rng.uniform(0.55, 0.95, annotators)
    people = np.concatenate([rng.choice(annotators, per_item, replace=False) for _ in range(items)])
    of_items = np.repeat(np.arange(items), per_item)
    wrong = (true[of_items] + rng.integers(1, classes, size=len(people))) % classes
    labels = np.where(rng.random(len(people)) < accuracy[people], true[of_items], wrong)
    return AnswerRows.of(of_items, people, labels, n_classes=classes), true, accuracy


def accuracy_of(posterior: np.ndarray, true: np.ndarray) -> float:
    return float((posterior.argmax(axis=1) == true).mean())


def log_loss(posterior: np.ndarray, true: np.ndarray) -> float:
    return float(-np.log(np.maximum(posterior[np.arange(len(true)), true], 1e-12)).mean())


def with_one_more(rows: AnswerRows, items: np.ndarray, labels: np.ndarray) -> AnswerRows:
    """The answers, and those of one more annotator."""
    newcomer = np.full(len(items), rows.n_annotators)
    return AnswerRows.of(
        np.concatenate([rows.items, items]),
        np.concatenate([rows.annotators, newcomer]),
        np.concatenate([rows.labels, labels]),
        n_classes=rows.n_classes,
        n_items=rows.n_items,
    )
