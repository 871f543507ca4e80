"""cleanlab's ``internal.token_classification_utils``: words as sentences, and classes that are merged."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError


def get_sentence(words: Sequence[str]) -> str:
    """The words with spaces, but before punctuation."""
    spaced = "".join(word if word in string.punctuation and word not in ("-", "(") else f" {word}" for word in words)
    return spaced.replace(" '", "'").replace("( ", "(").strip()


def filter_sentence(
    sentences: Sequence[str], condition: Callable[[str], bool] | None = None
) -> tuple[list[str], list[bool]]:
    """The sentences that fulfil a condition, and which these are; by default, two characters or more and no #."""
    fits = condition or (lambda sentence: len(sentence) > 1 and "#" not in sentence)
    mask = [fits(sentence) for sentence in sentences]
    return [sentence for sentence, kept in zip(sentences, mask, strict=True) if kept], mask


def process_token(token: str, replace: Sequence[tuple[str, str]] = (("#", ""),)) -> str:
    """The token with each of the texts replaced, all at once."""
    new = dict(replace)
    return re.sub("|".join(map(re.escape, new)), lambda match: new[match.group(0)], token)


def mapping(entities: Sequence[int], maps: Sequence[int]) -> list[int]:
    """The class that each entity is mapped to."""
    return [maps[entity] for entity in entities]


def merge_probs(probs: npt.NDArray[np.floating], maps: Sequence[int]) -> npt.NDArray[np.floating]:
    """(n, largest of maps + 1) sums of the columns that are mapped to the same class; -1 leaves a column out."""
    to = np.asarray(maps)
    if to.shape != probs.shape[1:]:
        fix = "Map each class; -1 leaves it out."
        raise InputError("maps", f"have one number for each of {probs.shape[1]} columns", f"{to.size} numbers", fix)
    merged = np.zeros((len(probs), to.max() + 1), dtype=probs.dtype)
    np.add.at(merged.T, to[to >= 0], probs[:, to >= 0].T)
    return merged / merged.sum(axis=1, keepdims=True) if (to < 0).any() else merged


def color_sentence(sentence: str, word: str) -> str:
    """The sentence with the word in red, for a terminal."""
    red = f"\x1b[31m{word}\x1b[0m"
    coloured, times = re.subn(rf"\b{re.escape(word)}\b", lambda _: red, sentence)
    return coloured if times else sentence.replace(word, red)
