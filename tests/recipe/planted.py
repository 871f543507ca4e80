"""Data sets with one part whose labels are wrong, made by a seed: what the search for noisy slices must find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Columns = dict[str, Any]
Fault = Literal["flipped", "random"]
Place = Callable[[Columns], np.ndarray]

CLASSES = ("ham", "spam", "tofu", "veal")


@dataclass(frozen=True)
class Planted:
    """Columns with a label of which the rows ``inside`` are spoiled; ``true`` (n,) are the labels before."""

    columns: Columns
    true: np.ndarray
    inside: np.ndarray

    @property
    def wrong(self) -> np.ndarray:
        """Rows whose given label is not the true one."""
        return self.true != np.array(self.columns["label"])


def spoiled(columns: Columns, true: np.ndarray, inside: np.ndarray, fault: Fault, k: int, seed: int) -> Planted:
    """The labels of some rows moved on by one class, or drawn anew."""
    rng = np.random.default_rng(seed + 1000)
    new = (true + 1) % k if fault == "flipped" else rng.integers(0, k, len(true))
    given = np.where(inside, new, true)
    names = np.array(CLASSES)
    return Planted({**columns, "label": names[given].tolist()}, names[true], inside)


def texts(n: int, k: int, seed: int, *, shares: tuple[float, ...] | None = None) -> tuple[list[str], np.ndarray]:
    """Texts of some thirty words, a few of which tell the class."""
    rng = np.random.default_rng(seed)
    true = rng.choice(k, n, p=shares)
    common = np.array([f"w{i:03d}" for i in range(400)])
    weights = 1 / np.arange(3, 403)
    telling = np.array([[f"{name}{i}" for i in range(120)] for name in CLASSES[:k]])
    made = []
    for label in true:
        words = list(rng.choice(common, rng.integers(12, 40), p=weights / weights.sum()))
        words += list(rng.choice(telling[label], 4)) + list(rng.choice(telling[rng.integers(0, k)], 1))
        made.append(" ".join(rng.permutation(words)))
    return made, true


def table(n: int, k: int, seed: int) -> tuple[Columns, np.ndarray]:
    """Numbers and categories, of which two numbers and a category tell the class."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, k, n)
    angle = 2 * np.pi * true / k
    age = rng.gamma(4, 10, n).round(1)
    income = [
        None if gone else float(value)
        for gone, value in zip(rng.random(n) < 0.2, rng.normal(50, 9, n).round(2), strict=True)
    ]
    days = rng.integers(0, 1000, n)
    columns: Columns = {
        "width": (3 * np.cos(angle) + rng.normal(0, 1, n)).round(3).tolist(),
        "height": (3 * np.sin(angle) + rng.normal(0, 1, n)).round(3).tolist(),
        "age": age.tolist(),
        "income": income,
        "colour": rng.choice(["red", "green", "blue", "grey"], n).tolist(),
        "shape": np.where(rng.random(n) < 0.6, np.array(["disc", "cube", "cone", "rod"])[true], "disc").tolist(),
        "source": rng.choice(["north", "south", "east", "west", "web"], n).tolist(),
        "entered": [str(np.datetime64("2021-03-01") + np.timedelta64(int(day), "D")) for day in days],
    }
    return columns, true


TABLE_PLACES: Mapping[str, Place] = {
    "source": lambda c: np.array(c["source"]) == "web",
    "missing": lambda c: np.array([value is None for value in c["income"]]),
    "date": lambda c: np.array(c["entered"]) > "2023-05-10",
    "category": lambda c: np.array(c["colour"]) == "red",
    "range": lambda c: np.array(c["age"]) > 52,
    "source and missing": lambda c: np.isin(c["source"], ["web", "west"]) & np.array([v is None for v in c["income"]]),
    "source and category": lambda c: (np.array(c["source"]) == "web") & np.isin(c["colour"], ["red"]),
}


def _cut(text: str) -> str:
    """The first words of a text that are common to all classes, and all that tell the class."""
    words = text.split()
    short = [word for word in words if not word.startswith("w")]
    return " ".join([*[word for word in words if word.startswith("w")][:4], *short])


def stamped(made: list[str], place: str, seed: int, *, share: float = 0.2) -> tuple[list[str], np.ndarray]:
    """Texts of which some carry the mark of the slice, and which they are."""
    rng = np.random.default_rng(seed + 500)
    inside = rng.random(len(made)) < share
    marks: dict[str, Callable[[str], str]] = {
        "markup": lambda text: f"<p>{text}</p>" if rng.random() < 0.5 else text.replace(" ", " <br /> ", 1),
        "phrase": lambda text: f"{text} sent from my phone",
        "short": lambda text: _cut(text),
        "word": lambda text: f"{text} foobar",
    }
    return [marks[place](text) if hit else text for text, hit in zip(made, inside, strict=True)], inside


TEXT_PLACES = ("markup", "phrase", "short", "word")
