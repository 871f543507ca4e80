import pickle

import numpy as np
import pytest

from dechaff.core.numbered import NumberedSource
from dechaff.core.source import ArraySource
from dechaff.errors import InputError


def source(n: int, chunk_rows: int) -> NumberedSource:
    return NumberedSource(ArraySource({"labels": np.arange(n) * 10}, chunk_rows))


@pytest.mark.parametrize("chunk_rows", [1, 3, 50])
def test_every_row_has_its_number_in_every_split(chunk_rows: int) -> None:
    numbered = source(7, chunk_rows)
    assert numbered.n_rows == 7
    whole = list(numbered.chunks(["row", "labels"]))
    parted = [chunk for part in numbered.parts() for chunk in part.chunks(["row", "labels"])]
    for chunks in (whole, parted):
        assert np.concatenate([chunk["row"] for chunk in chunks]).tolist() == list(range(7))
        assert all((chunk["labels"] == 10 * chunk["row"]).all() for chunk in chunks)


def test_small_chunks_of_a_part_go_on_counting() -> None:
    part = source(200, 100).parts()[1]
    rows = [chunk["row"] for chunk in part.chunks(["row", "labels"], chunk_bytes=1)]
    assert len(rows) > 1
    assert np.concatenate(rows).tolist() == list(range(100, 200))


def test_the_numbers_can_be_read_alone() -> None:
    assert [chunk["row"].tolist() for chunk in source(4, 3).chunks(["row"])] == [[0, 1, 2], [3]]


def test_a_part_travels_by_pickle() -> None:
    part = pickle.loads(pickle.dumps(source(5, 2).parts()[2]))
    assert (part.first_row, part.n_rows) == (4, 1)
    assert next(iter(part.chunks(["row", "labels"])))["row"].tolist() == [4]


def test_whole_groups_and_numbers_do_not_go_together() -> None:
    with pytest.raises(InputError, match="keyed_by"):
        list(source(4, 2).chunks(["row"], keyed_by="labels"))
