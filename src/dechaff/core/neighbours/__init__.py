"""The nearest rows of every row: one component for all that need neighbours."""

from dechaff.core.neighbours.binary_rows import hamming_rows, jaccard_rows
from dechaff.core.neighbours.dense_rows import cosine_rows, direction_rows, whole_rows
from dechaff.core.neighbours.euclidean_rows import euclidean_rows
from dechaff.core.neighbours.exact_search import EXACT, Nearest
from dechaff.core.neighbours.mixed_rows import mixed_rows
from dechaff.core.neighbours.nearest import ClosePairs, Search, close_pairs, nearest
from dechaff.core.neighbours.sparse_rows import sparse_cosine_rows, sparse_euclidean_rows

__all__ = [
    "EXACT",
    "ClosePairs",
    "Nearest",
    "Search",
    "close_pairs",
    "cosine_rows",
    "direction_rows",
    "euclidean_rows",
    "hamming_rows",
    "jaccard_rows",
    "mixed_rows",
    "nearest",
    "sparse_cosine_rows",
    "sparse_euclidean_rows",
    "whole_rows",
]
