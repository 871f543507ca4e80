"""The input of ``dechaff predict`` beside the fitted model: names of the classes and how columns are read."""

from __future__ import annotations

import json
from pathlib import Path

from dechaff.core.files import write_whole
from dechaff.errors import RunError
from dechaff.typing import Json

MODEL = "model.skops"
_SCHEMA = "model.json"


def write_model_facts(folder: Path, facts: Json) -> None:
    """Write ``model.json``: plain values, with how new rows are read and the names of the classes."""
    write_whole(folder / _SCHEMA, (json.dumps(facts, indent=1, ensure_ascii=False) + "\n").encode())


def read_model_facts(folder: Path) -> Json:
    """The content of ``model.json``, or a RunError if the run kept no model."""
    path = folder / _SCHEMA
    if not path.is_file() or not (folder / MODEL).is_file():
        raise RunError(
            f"The run {folder} holds no model: there is no {MODEL} in it.",
            fix="Run: dechaff recipe FILE --label COLUMN (an audit alone keeps no model).",
        )
    try:
        facts: Json = json.loads(path.read_bytes())
    except ValueError as error:
        raise RunError(f"Cannot read {path} as JSON: {error}.", fix="Run the recipe again.") from error
    return facts
