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

from dechaff.core.outputs import write_outputs
from dechaff.errors import InputError
from dechaff.records.decisions import ACTIONS, Action, Event

FIELDS = ("row", "action", "label", "given", "code", "score", "why", "key")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_decisions_csv(path: Path, decided: Iterable[Event], why: Mapping[str, str]) -> None:
    """Write the CSV, whole or not at all; ``why`` maps a finding id to its reason.

    A cell that a spreadsheet would run as a formula is written after an apostrophe, which is removed by reading.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FIELDS)
    for event in decided:
        reason = event.note or why.get(event.finding_id, "")
        cells = (event.row, event.action, event.new, event.old, event.code, f"{event.score:.4f}", reason, event.key)
        writer.writerow([_guarded(cell) for cell in cells])
    write_outputs({path: out.getvalue().encode()}, "the decisions")


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
        row = rows[key]  # a spreadsheet may have turned 007 into 7
        code, old = line.get("code", ""), line.get("given", "")
        events.append(Event(key, row, action, code=code, old=old, new=label, source="human"))
    return events


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


def read_text(path: Path) -> str:
    """The file, decoded as spreadsheets write it: UTF-8, UTF-16 with a byte-order mark, else Windows-1252."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"Cannot read the decisions file {path}: {error.strerror or error}.",
            fix="Export one with: dechaff apply RUN --export-decisions FILE",
        ) from error
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(
        f"The decisions file {path} is not valid UTF-8.",
        fix="Export it again with --export-decisions and save it as CSV (UTF-8).",
    )


def _unknown(path: Path, number: int, field: str, found: str, known: Sequence[str]) -> InputError:
    close = difflib.get_close_matches(found, known, n=3) or list(known[:6])
    return InputError(
        f"{field} in line {number} of {path.name}",
        "be one of the audited data",
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
