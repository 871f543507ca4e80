"""Decisions as a CSV that can be edited in a spreadsheet and imported again.

One line per row with a decision. Users edit ``action`` and ``label``; lines may be
deleted (the decision then does not change), added (by ``row``) and sorted.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from dechaff.errors import InputError
from dechaff.records.decisions import ACTIONS, Action, Event

FIELDS = ("row", "action", "label", "given", "code", "score", "why", "group", "key")
Sheet = dict[str, list[str]]
"""Columns of text."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def decisions_sheet(decided: Iterable[Event], why: Mapping[str, str], group: Mapping[str, str]) -> Sheet:
    """The lines of the CSV, column by column; `why` and `group` map a finding id to its reason and its group."""
    lines = [
        (
            event.row, event.action, event.new, event.old, event.code, f"{event.score:.4f}",
            event.note or why.get(event.finding_id, ""), group.get(event.finding_id) or "", event.key,
        )
        for event in decided
    ]  # fmt: skip
    return {name: [line[place] for line in lines] for place, name in enumerate(FIELDS)}


def sheet_bytes(sheet: Mapping[str, Sequence[str]]) -> bytes:
    """A sheet as CSV; a cell that a spreadsheet would run as a formula comes after an apostrophe.

    Examples
    --------
    >>> sheet_bytes({"row": ["1"], "text": ["=1+1"]})
    b"row,text\\n1,'=1+1\\n"
    """
    return _csv([sheet]) + sheet_lines(sheet)


def sheet_lines(sheet: Mapping[str, Sequence[str]]) -> bytes:
    """The same without the first line."""
    return _csv(zip(*sheet.values(), strict=True))


def _csv(lines: Iterable[Iterable[str]]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(map(_guarded, line) for line in lines)
    return stream.getvalue().encode("utf-8", "backslashreplace")


def read_decisions_csv(path: Path, *, keys: Mapping[str, str], class_names: Sequence[str]) -> list[Event]:
    """The decisions of an edited CSV as events of a reviewer.

    ``keys`` maps each row id to its key; ``class_names`` are the labels that may be given.

    Raises
    ------
    InputError
        If the row, action or label of a line is unknown; the message names the line.
    """
    rows, events = {key: row for row, key in keys.items()}, []
    for number, line, action in _decided(path):
        key = line.get("key", "") if line.get("key") in rows else keys.get(line["row"], "")
        if not key:
            raise _unknown(path, number, "row", line["row"], tuple(keys))
        label = line["label"] if action == "relabel" else ""
        if action == "relabel" and label not in class_names:
            raise _unknown(path, number, "label", label, class_names)
        if keys.get(line["row"], key) != key:
            raise _two_rows(path, number, line["row"], rows[key])
        row = rows[key]  # a spreadsheet may have turned 007 into 7
        code, old = line.get("code", ""), line.get("given", "")
        events.append(Event(key, row, action, code=code, old=old, new=label, source="human"))
    return events


def rows_decided_in(path: Path) -> tuple[set[str], set[str]]:
    """The row ids, and the keys, of the lines of an edited CSV that have a decision."""
    rows, keys = set[str](), set[str]()
    for _, line, _ in _decided(path):
        rows.add(line["row"])
        keys.add(line.get("key", ""))
    return rows, keys


def check_decisions_csv(path: Path) -> None:
    """An InputError if the file is no CSV of decisions, whatever rows and labels there are."""
    for _ in _decided(path):
        pass


def _decided(path: Path) -> Iterator[tuple[int, dict[str, str], Action]]:
    """Lines with a decision, with their number and action."""
    for number, line in enumerate(_lines(path), start=2):
        word = line["action"].strip().lower()
        action = next((one for one in ACTIONS if one == word), None)
        if action is None and word:
            raise _unknown(path, number, "action", line["action"], ACTIONS)
        if action is not None:
            yield number, line, action


def _lines(path: Path) -> Iterable[dict[str, str]]:
    text = read_text(path)
    first = text.split("\n", 1)[0]
    delimiter = max((",", ";", "\t"), key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval="")
    missing = {"row", "action", "label"} - set(reader.fieldnames or ())
    if missing:
        raise InputError(
            f"the decisions file {path}",
            "have the columns row, action and label",
            f"the columns {', '.join(reader.fieldnames)}" if reader.fieldnames else "an empty file",
            "Do not change the first line of the exported file.",
        )
    return ({name: _plain(cell or "") for name, cell in line.items() if name} for line in reader)


def read_text(
    path: Path, *, of: str = "decisions", fix: str = "Export one with: dechaff apply RUN --export-decisions FILE"
) -> str:
    """The file, decoded as spreadsheets write it: UTF-8, UTF-16 with a byte-order mark, else Windows-1252."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"Cannot read the {of} file {path}: {error.strerror or error}.",
            fix=fix,
        ) from error
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(
        f"The {of} file {path} is not valid UTF-8.",
        fix="Save it as CSV (UTF-8).",
    )


def _two_rows(path: Path, number: int, row: str, of_key: str) -> InputError:
    return InputError(
        f"row and key in line {number} of {path.name}",
        "be those of one row",
        f"row {row!r} and the key of row {of_key!r}",
        "Restore the row, or empty the cell of the key.",
    )


def _unknown(path: Path, number: int, field: str, found: str, known: Sequence[str]) -> InputError:
    close = list(dict.fromkeys((*difflib.get_close_matches(found, known, n=3), *known)))[:6]
    return InputError(
        f"{field} in line {number} of {path.name}",
        "be an action" if field == "action" else "be one of the audited data",
        repr(found),
        f"Write one of: {', '.join(close)}.",
    )


def _guarded(cell: str) -> str:
    if not cell.startswith(_FORMULA_STARTS) or _is_number(cell):
        return cell
    return f"'{cell}"


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA_STARTS) else cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
