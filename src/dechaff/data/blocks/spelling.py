"""How a block spells a label: what is written where another row is to get the same one."""

from __future__ import annotations

from typing import Any

from dechaff.data.blocks.jsonl_blocks import JsonlBlock
from dechaff.data.frames import FrameSource
from dechaff.data.jsonl import value_span
from dechaff.data.read import Read


def spelled_in(read: Read, label_name: str, row: int) -> Any:
    """The label of one row as its file holds it: a field's text, a JSON literal, or a value of the column's type."""
    source = read.source
    if isinstance(source, FrameSource):
        return source.frame.value(label_name, row)
    if isinstance(source, JsonlBlock):
        line = source.lines[source.line_of_row[row]]
        span = value_span(line, label_name)
        return "null" if span is None else line[span[0] : span[1]]
    cells = read.column(label_name)
    assert cells is not None  # the column was found when the file was opened
    return str(cells.raw[row])
