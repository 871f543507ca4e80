"""A skops archive with the same bytes for the same model.

skops names the parts of a model by their addresses in memory and stamps each with the time. Both differ from run to
run, and neither is needed to open the archive: here parts are numbered as they appear, and no time is stored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_SCHEMA = "schema.json"
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def same_bytes(archive: bytes) -> bytes:
    """The archive with its parts numbered in order, and without times."""
    with ZipFile(BytesIO(archive)) as opened:
        schema = json.loads(opened.read(_SCHEMA))
        files = _renumber(schema)
        parts = {new: opened.read(old) for old, new in files.items()}
    parts[_SCHEMA] = json.dumps(schema, indent=1).encode()
    out = BytesIO()
    with ZipFile(out, "w") as written:
        for name, content in parts.items():
            written.writestr(ZipInfo(name, _NO_TIME), content, ZIP_DEFLATED)
    return out.getvalue()


def _renumber(schema: dict[str, Any]) -> dict[str, str]:
    """Number the parts of the schema in place; old -> new name of each file."""
    numbers: dict[int, int] = {}
    files: dict[str, str] = {}
    for node in _nodes(schema):
        # A word of a vocabulary may be called so, too; its value is a node then.
        if isinstance(node.get("__id__"), int):
            node["__id__"] = numbers.setdefault(node["__id__"], len(numbers))
        if isinstance(node.get("file"), str):
            node["file"] = files.setdefault(node["file"], f"{len(files)}{PurePosixPath(node['file']).suffix}")
    return files


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every dict in nested dicts and lists, from the top down."""
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            yield one
            stack.extend(reversed(list(one.values())))
        elif isinstance(one, list):
            stack.extend(reversed(one))
