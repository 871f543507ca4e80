"""JSON Lines as a table: what its first records say of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dechaff.data.formats.jsonl import jsonl_form
from dechaff.data.streams.label_stream import open_label_stream
from dechaff.errors import DataError


def test_fields_of_long_records_keep_their_order(tmp_path: Path) -> None:
    names = [f"c{place}" for place in range(200)][::-1]
    first, second = dict.fromkeys(names, 0.5), {"late": "a", "c7": 1, "later": True}
    path = tmp_path / "a.jsonl"
    path.write_text(f"\n{json.dumps(first)}\n\n{json.dumps(second)}\n")
    assert list(jsonl_form(path).schema()) == [*names, "late", "later"]


@pytest.mark.parametrize("broken", ['{"a": 1', "[1]", "1", '{"a": 1} {"a": 2}'])
def test_the_first_line_that_is_no_object_is_named(broken: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(f'{{"a": 0}}\n\n{broken}\n{{"a"\n'.encode(errors="surrogateescape"))
    with pytest.raises(DataError, match=r"a\.jsonl must contain one JSON object in each line .* in line 3"):
        jsonl_form(path).schema()


def test_the_first_field_that_is_nested_in_some_lines_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 0.5}\n\n{"a": null}\n{"a": {"b": 1}}\n')
    with pytest.raises(DataError, match=r"field 'a' of .*a\.jsonl must hold .*; found \{\"b\": 1\} in line 4"):
        jsonl_form(path).schema()


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_a_file_without_records_is_refused(content: str, tmp_path: Path) -> None:
    for name, text in (("a", '{"a": 1}\n'), ("b", content)):
        (tmp_path / f"{name}.jsonl").write_text(text)
    with pytest.raises(DataError, match=r"b\.jsonl is empty"):
        open_label_stream(tmp_path, "a")


def test_a_record_longer_than_what_types_are_told_from_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"a": "b" * 2**20}) + "\n")
    with pytest.raises(DataError, match="No records found in the first megabyte"):
        jsonl_form(tmp_path / "a.jsonl").schema()
