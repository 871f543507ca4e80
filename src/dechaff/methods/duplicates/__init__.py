"""Duplicate rows: equal, nearly equal, and equal by chance."""

from dechaff.methods.duplicates.chance_repeats import ChanceRepeats, chance_repeats
from dechaff.methods.duplicates.equal_rows import EqualContents, equal_contents
from dechaff.methods.duplicates.near_rows import near_rows, near_vectors
from dechaff.methods.duplicates.near_texts import NearTexts, near_texts, near_texts_across, near_texts_of
from dechaff.methods.duplicates.shingles import Shingles, shingles
from dechaff.methods.duplicates.text_keys import TextKeys, text_keys

__all__ = [
    "ChanceRepeats",
    "EqualContents",
    "NearTexts",
    "Shingles",
    "TextKeys",
    "chance_repeats",
    "equal_contents",
    "near_rows",
    "near_texts",
    "near_texts_across",
    "near_texts_of",
    "near_vectors",
    "shingles",
    "text_keys",
]
