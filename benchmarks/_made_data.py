"""Texts and tables of any length, made from a seed, with the dirt that real files have."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt

WORDS = 50_000
CLASSES = ("billing", "delivery", "praise", "returns")
SWAPPED = 0.10
COPIES, NEAR_COPIES, SLICE = 0.01, 0.01, 0.08
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


def write_texts(path: Path, n_rows: int, *, n_classes: int = 4, seed: int = 0) -> None:
    """Texts of 20 to 40 words by Zipf's law, one word in six from the vocabulary of the class.

    One label in ten is swapped; 8 % of the rows come with markup, and half of their labels are drawn blindly;
    1 % repeat another row, 1 % repeat one but for two words.
    """
    rng = np.random.default_rng(seed)
    words = np.array([_word(number) for number in range(WORDS)])
    order = rng.permutation(WORDS)
    true = rng.integers(n_classes, size=n_rows)
    lengths = rng.integers(20, 41, size=n_rows)
    ranks = _zipf(rng, int(lengths.sum()))
    of_class = rng.random(len(ranks)) < 1 / 6
    owner = np.repeat(true, lengths)
    # Every class keeps a tenth of the vocabulary beyond the most frequent words for itself.
    ranks[of_class] = (500 + ranks[of_class] * n_classes + owner[of_class]) % WORDS
    texts = [" ".join(part) for part in np.split(words[order[ranks]], np.cumsum(lengths)[:-1])]
    in_slice = rng.random(n_rows) < SLICE
    texts = [f"<p>{text}</p><br/>" if marked else text for text, marked in zip(texts, in_slice, strict=True)]
    labels = _with_noise(rng, true, in_slice, n_classes)
    copy_from = rng.integers(n_rows, size=n_rows)
    draw = rng.random(n_rows)
    for row in np.flatnonzero(draw < COPIES + NEAR_COPIES):
        text = texts[copy_from[row]]
        texts[row] = text if draw[row] < COPIES else f"{text} {words[order[row % 90]]} {words[order[row % 97]]}"
        labels[row] = labels[copy_from[row]]
    names = _class_names(n_classes)
    _write(path, ["text", "label"], zip(texts, [names[code] for code in labels], strict=True))


def write_table(path: Path, n_rows: int, *, n_numbers: int = 11, seed: int = 0) -> None:
    """By default 20 columns: 11 numbers, 6 categories, 2 dates, 1 code; the class hangs on eight of them.

    One label in ten is swapped, 5 % of the cells are empty; half the labels of one of 20 sources are drawn blindly;
    1 % of the rows repeat another one.
    """
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(n_rows, n_numbers))
    numbers[:, -1] = np.round(np.exp(numbers[:, -1]) * 100)
    levels = [np.minimum(rng.zipf(1.5, size=n_rows), top) for top in (5, 12, 20, 60, 300)]
    source = rng.integers(20, size=n_rows)
    days = rng.integers(0, 2_000, size=(n_rows, 2))
    values = numbers[:, 0] * numbers[:, 1] + numbers[:, 2] + 0.7 * (levels[0] == 1) - 0.5 * (levels[1] > 3)
    values += 0.4 * np.sin(numbers[:, 3] * 2) + days[:, 0] / 4_000
    true = np.digitize(values, np.quantile(values, [0.3, 0.6, 0.85]))
    labels = _with_noise(rng, true, source == 7, 4)
    columns = [[f"{value:.4f}" for value in column] for column in numbers.T]
    columns += [[f"c{value}" for value in column] for column in levels]
    columns += [[f"source {value}" for value in source]]
    dates = np.datetime64("2019-01-01") + days
    columns += [column.astype(str).tolist() for column in dates.T]
    columns += [[f"{value:03d}" for value in rng.integers(900, size=n_rows)]]
    for column in columns:
        for row in np.flatnonzero(rng.random(n_rows) < 0.05):
            column[row] = ""
    columns.append([CLASSES[code] for code in labels])
    rows = list(zip(*columns, strict=True))
    for row in np.flatnonzero(rng.random(n_rows) < COPIES):
        rows[row] = rows[int(rng.integers(n_rows))]
    names = [f"number_{place}" for place in range(n_numbers)] + [f"level_{place}" for place in range(5)]
    _write(path, [*names, "source", "opened", "closed", "area", "label"], rows)


def _word(number: int) -> str:
    """A word of three syllables or more, another one for every number."""
    parts = []
    for _ in range(3):
        number, place = divmod(number, len(_SYLLABLES))
        parts.append(_SYLLABLES[place])
    return "".join(parts)


def _zipf(rng: np.random.Generator, size: int) -> npt.NDArray[np.int64]:
    weights = 1 / (np.arange(WORDS) + 2.7)
    cumulated = np.cumsum(weights / weights.sum())
    return np.minimum(np.searchsorted(cumulated, rng.random(size)), WORDS - 1).astype(np.int64)


def _with_noise(
    rng: np.random.Generator, true: npt.NDArray[np.int64], blind: npt.NDArray[np.bool_], n_classes: int
) -> npt.NDArray[np.int64]:
    swapped = rng.random(len(true)) < SWAPPED
    labels = np.where(swapped, (true + rng.integers(1, n_classes, size=len(true))) % n_classes, true)
    return np.where(blind & (rng.random(len(true)) < 0.5), rng.integers(n_classes, size=len(true)), labels)


def _class_names(n_classes: int) -> list[str]:
    return list(CLASSES) if n_classes == len(CLASSES) else [f"class {place:03d}" for place in range(n_classes)]


def _write(path: Path, names: list[str], rows: object) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)  # type: ignore[arg-type]
