from __future__ import annotations

from pathlib import Path

import pytest

from dechaff.errors import InputError
from dechaff.recipe.passes.memory import free_memory, memory_bytes, needed_in_memory, sample_rows, too_much


@pytest.mark.parametrize(
    ("said", "wanted"), [("2GB", 2 * 10**9), ("2 gib", 2**31), ("800m", 8 * 10**8), (10**9, 10**9)]
)
def test_amounts_are_read_as_people_write_them(said: str | int, wanted: int) -> None:
    assert memory_bytes(said) == wanted


@pytest.mark.parametrize("said", ["much", "2 GB free", "-1GB", "1MB", ""])
def test_what_is_no_amount_or_too_little_is_refused(said: str) -> None:
    with pytest.raises(InputError, match="memory must be"):
        memory_bytes(said)


def test_without_a_word_a_share_of_the_free_memory_is_used() -> None:
    assert 0 < memory_bytes(None) < free_memory() * 1.5


def test_packed_files_hold_more_than_they_weigh(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv.gz"):
        (tmp_path / name).write_bytes(b"x" * 10_000)
    assert needed_in_memory([tmp_path / "b.csv.gz"]) > needed_in_memory([tmp_path / "a.csv"])


def test_longer_rows_make_a_smaller_sample() -> None:
    assert sample_rows(10**9, 100_000) < sample_rows(10**9, 1_000) <= sample_rows(10**12, 10)


def test_the_smallest_sample_follows_the_length_of_the_rows() -> None:
    lengths = (100, 5_000, 8_000, 20_000, 10**6)
    assert [sample_rows(525 * 10**6, length) for length in lengths] == [2000, 2000, 1250, 500, 500]


@pytest.mark.parametrize("memory", [525 * 10**6, 10**9, 4 * 10**9])
def test_rows_too_long_for_the_smallest_sample_are_told_and_only_they(memory: int) -> None:
    assert not too_much(memory, sample_rows(memory, 250), 250)
    long = memory // 10_000
    assert too_much(memory, sample_rows(memory, long), long) > memory
