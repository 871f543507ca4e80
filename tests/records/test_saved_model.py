"""What is kept beside a fitted model."""

from __future__ import annotations

import pytest

from dechaff.errors import RunError
from dechaff.records.saved_model import MODEL, read_model_facts, write_model_facts

FACTS = {"name": "wörds", "schema": {"class_names": ["a", "ü"]}}


def test_facts_come_back_as_they_were(tmp_path):
    write_model_facts(tmp_path, FACTS)
    (tmp_path / MODEL).write_bytes(b"")
    assert read_model_facts(tmp_path) == FACTS


@pytest.mark.parametrize("present", ["facts", "model", "neither"])
def test_a_run_without_a_whole_model_says_how_to_get_one(tmp_path, present):
    if present == "facts":
        write_model_facts(tmp_path, FACTS)
    if present == "model":
        (tmp_path / MODEL).write_bytes(b"")
    with pytest.raises(RunError, match="holds no model") as error:
        read_model_facts(tmp_path)
    assert "dechaff recipe" in str(error.value)


def test_spoiled_facts_are_named(tmp_path):
    (tmp_path / MODEL).write_bytes(b"")
    (tmp_path / "model.json").write_text('{"name": ')
    with pytest.raises(RunError, match="as JSON"):
        read_model_facts(tmp_path)
