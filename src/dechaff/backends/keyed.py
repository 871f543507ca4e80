"""Keyed folds on a worker: partitions rows by the hash of their key, and folds one partition."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from dechaff.core.fold import Fold, R, S, folded
from dechaff.core.part_work import joined
from dechaff.core.parts import key_bucket
from dechaff.core.source import ArraySource, Part
from dechaff.typing import Chunk


def partitioned_by_key(parts: Sequence[Part], columns: Sequence[str], key: str, buckets: int) -> tuple[Chunk, ...]:
    """The rows of these parts, partitioned by the hash of their key: equal keys to the same bucket on every worker.

    Examples
    --------
    >>> source = ArraySource({"task": np.array(["d", "c", "d"]), "answer": np.array([0, 1, 2])})
    >>> [piece["answer"].tolist() for piece in partitioned_by_key(source.parts(), ["task", "answer"], "task", 2)]
    [[1], [0, 2]]
    """
    chunks = [_dealt(chunk, key, buckets) for part in parts for chunk in part.chunks(columns)]
    return tuple(joined(pieces) for pieces in zip(*chunks, strict=True))


def bucket_state(fold: Fold[S, R], *pieces: Chunk) -> S:
    """The state after all rows of a bucket, in chunks of whole keys."""
    return folded(fold, ArraySource(joined(pieces)).chunks(fold.columns, fold.keyed_by))


def _dealt(chunk: Chunk, key: str, buckets: int) -> list[dict[str, Any]]:
    bucket = key_bucket(chunk[key], buckets)
    order = np.argsort(bucket, kind="stable")
    edges = np.searchsorted(bucket[order], np.arange(buckets + 1)).tolist()
    return [{name: values[order[start:stop]] for name, values in chunk.items()} for start, stop in pairwise(edges)]
