"""The findings of a ``Datalab`` as one JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dechaff.compat.cleanlab.arguments import Issues
from dechaff.core.outputs import write_outputs
from dechaff.errors import DataError, InputError
from dechaff.estimators.class_labels import ClassLabels
from dechaff.models.columns import pandas_frame

NAME = "datalab.json"


@dataclass(frozen=True)
class Saved:
    """What is kept of a ``Datalab``."""

    task: str
    label_name: str | None
    given: ClassLabels | None
    values: Any
    """(n,) numbers, or one list of classes for each row, where a row has no class of its own."""
    index: Any
    found: dict[str, Issues]


def save_findings(folder: Path, saved: Saved, *, force: bool) -> None:
    """Writes them into the folder, which is created if needed."""
    if folder.exists() and not force:
        raise InputError("path", "be a new folder", f"{folder}, which exists", "Pass force=True to write into it.")
    if getattr(saved.index, "nlevels", 1) > 1:
        fix = "Turn it into one column first: data.index = data.index.map(str)."
        raise InputError("the index of the data", "be of one level, to be saved", f"{saved.index.nlevels}", fix)
    given = saved.given
    tree = {
        "task": saved.task,
        "label_name": saved.label_name,
        "values": saved.values,
        "given": None if given is None else vars(given),
        "index": None if saved.index is None else {"name": saved.index.name, "values": saved.index.tolist()},
        "found": {name: vars(one) for name, one in saved.found.items()},
    }
    text = json.dumps(_plain(tree))
    folder.mkdir(parents=True, exist_ok=True)
    write_outputs({folder / NAME: text.encode()}, "the results")


def read_findings(folder: Path) -> Saved:
    """What `save_findings` has written."""
    file = folder / NAME
    if not file.is_file():
        raise DataError(f"the folder {folder}", f"contain {NAME}", "none", "Pass a folder that Datalab.save has made.")
    try:
        tree = _back(json.loads(file.read_text(encoding="utf-8")))
        given = None if tree["given"] is None else ClassLabels(**tree["given"])
        found = {name: Issues(**one) for name, one in tree["found"].items()}
        task, values = tree.get("task", "classification"), tree.get("values")
        return Saved(task, tree["label_name"], given, values, _index(tree["index"]), found)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(f"the file {file}", "be as Datalab.save wrote it", str(error), "Save it again.") from error


def _index(kept: Any) -> Any:
    if kept is None:
        return None
    frame = pandas_frame({"index": kept["values"]}).set_index("index")
    return frame.index.rename(kept["name"])


def _plain(value: Any) -> Any:
    """Arrays and frames as objects with one key that names their type."""
    if isinstance(value, np.ndarray):
        return {"array": [_plain(one) for one in value.tolist()], "dtype": value.dtype.str}
    if hasattr(value, "columns"):
        return {"frame": {str(name): _plain(value[name].tolist()) for name in value.columns}}
    if isinstance(value, Mapping):
        return {"dict": [[_plain(key), _plain(one)] for key, one in value.items()]}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    value = value.item() if isinstance(value, np.generic) else value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    fix = "Turn index and class names into text or numbers first."
    raise InputError("what is saved", "be text, numbers and tables of them", type(value).__name__, fix)


def _back(value: Any) -> Any:
    if isinstance(value, list):
        return [_back(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return np.array(_back(value["array"]), dtype=value["dtype"])
    if "frame" in value:
        return pandas_frame({name: _back(column) for name, column in value["frame"].items()})
    return {_back(key): _back(one) for key, one in value["dict"]}
