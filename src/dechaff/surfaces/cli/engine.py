"""``dechaff engine``: one folder, turn after turn, from the failures of a deployed model to a better one."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from cyclopts import Parameter
from msgspec import to_builtins

from dechaff.errors import InputError
from dechaff.records import engine_options as records
from dechaff.records.keywords import with_options
from dechaff.records.options import options_of, part_of
from dechaff.report.words import of_things, one_line, percent
from dechaff.surfaces.cli.console import print_json, print_next, say, stdout, table
from dechaff.surfaces.cli.main import FINE
from dechaff.surfaces.cli.options import EngineFlags, Output, read_flags

if TYPE_CHECKING:
    from dechaff.api.engine.engine import Engine
    from dechaff.records.turns import AccuracyChange, LedgerEntry

T = TypeVar("T")
Action = Literal["init", "mine", "ask", "learn", "back", "turns", "reproduce"]
Run = Annotated[Path, Parameter(help="Folder of the engine.")]
Given = Annotated[str | None, Parameter(help="Labelled file of learn, or turn of reproduce.")]
_SHOWN = 10
_OF_ACTION: dict[str, tuple[type | None, str]] = {
    "init": (records.NewEngineOptions, "data"),
    "mine": (records.MineOptions, "served"),
    "ask": (records.AskOptions, "pool"),
    "learn": (records.LearnOptions, ""),
}
"""The options of each action, and the file that it reads."""


def engine(
    action: Action, run: Run, given: Given = None, /, *, options: EngineFlags = EngineFlags(), output: Output = Output()
) -> int:
    """Find where a deployed model fails, label similar rows, and keep what helps.

    init RUN --data FILE --test FILE starts: training rows are turn 0, test rows are sealed. mine RUN --served FILE
    finds failing slices among rows that the model met; outcomes, where known, are in the label column. ask RUN --pool
    FILE writes the rows of a pool to label that are most like them. learn RUN FILE adds labelled rows, trains anew,
    and keeps the new model if it is proved on sealed rows and failing slices. turns RUN lists the turns, back RUN takes
    the last one back, reproduce RUN N trains that of turn N again, with the same bits.
    """
    flags = read_flags(options)
    _check_given(action, given)
    _check_flags(action, flags)
    return _ACTIONS[action](run, given or "", flags, output)


def _check_given(action: Action, given: str | None) -> None:
    needed = {"learn": "a labelled file", "reproduce": "the number of a turn"}.get(action)
    if (needed is None) != (given is None) or (action == "reproduce" and not (given or "").isdigit()):
        must = f"be followed by the folder and {needed}" if needed else "be followed by the folder only"
        raise InputError(f"engine {action}", must, given or "nothing", "See dechaff engine --help.")


def _check_flags(action: Action, flags: EngineFlags) -> None:
    record, file = _OF_ACTION.get(action, (None, ""))
    known = {*(options_of(record) if record else ()), file}
    for one in fields(flags):
        if one.name not in known and getattr(flags, one.name) != one.default:
            name = f"--{one.name.replace('_', '-')}" if len(one.name) > 1 else f"-{one.name}"
            raise InputError(name, "be an option of the action", f"engine {action}", "Leave it out.")
    if file and getattr(flags, file) is None:
        raise InputError(f"--{file}", "name a file", "nothing", f"Add --{file} FILE.")


def _init(run: Path, _: str, flags: EngineFlags, output: Output) -> int:
    from dechaff.api.engine.engine import new_engine  # loads what the work needs, which --help does not

    made = with_options(new_engine)(run, flags.data, part_of(records.NewEngineOptions, flags))
    first = made.facts.turns[0]
    if output.json:
        print_json(to_builtins(first))
        return FINE
    say(stdout(), f"A data engine with {of_things(first.rows, 'training row')}: {run}", "bold")
    say(stdout(), f"Model: {first.model_name}. Accuracy on the sealed rows: {_interval(first)}.")
    return _next(output, "mine", run, "--served", "served.csv")


def _mine(run: Path, _: str, flags: EngineFlags, output: Output) -> int:
    entry = _with(_open(run).mine)(_open(run), flags.served, part_of(records.MineOptions, flags))
    if output.json:
        print_json(to_builtins(entry))
        return FINE
    console = stdout()
    say(console, f"{of_things(len(entry.slices), 'failing slice')} in {of_things(entry.rows, 'served row')}.", "bold")
    shown = table("slice", "condition", "rows", "errors or doubt", "95 % interval", "elsewhere")
    for one in entry.slices:
        ends = f"{percent(one.low)} to {percent(one.high)}"
        words = one_line(one.condition, 70)
        shown.add_row(one.id, words, f"{one.rows:,}", percent(one.rate), ends, percent(one.outside))
    if entry.slices:
        console.print(shown)
    drifted = [] if entry.drift is None else [one.column for one in entry.drift.columns]
    if drifted:
        say(console, one_line(f"Inputs differ from the training rows in {', '.join(drifted)}.", 300))
    _say_notes(entry)
    return _next(output, "ask", run, "--pool", "pool.csv")


def _ask(run: Path, _: str, flags: EngineFlags, output: Output) -> int:
    batch = _with(_open(run).ask)(_open(run), flags.pool, part_of(records.AskOptions, flags))
    lines = batch.table().to_dicts()
    if output.json:
        print_json({"output": str(batch.output), "rows": lines})
        return FINE
    say(stdout(), f"{of_things(len(batch), 'row')} to label: {batch.output}", "bold")
    shown = table("row", "slice", "guess", "probability")
    for line in lines[:_SHOWN]:
        guess = one_line(line["guess"], 40)
        shown.add_row(one_line(line["row"], 40), line["slice"], guess, percent(line["probability"]))
    stdout().print(shown)
    return _next(output, "learn", run, str(batch.output))


def _learn(run: Path, given: str, flags: EngineFlags, output: Output) -> int:
    entry = _with(_open(run).learn)(_open(run), Path(given), part_of(records.LearnOptions, flags))
    if output.json:
        print_json(to_builtins(entry))
        return FINE
    console = stdout()
    state = "The new model is kept" if entry.kept else "The new model is not kept: no gain was proved, or a loss was"
    say(console, f"{state}. Turn {entry.turn} has {of_things(entry.added, 'new row')}.", "bold")
    shown = table("rows", "number", "before", "after", "change", "95 % interval")
    for one in entry.changes:
        shown.add_row(*_change(one))
    console.print(shown)
    if entry.doubtful:
        names = one_line(", ".join(entry.doubtful), 100)
        say(console, f"The labels of {of_things(len(entry.doubtful), 'new row')} look wrong: {names}.")
    _say_notes(entry)
    return FINE


def _change(one: AccuracyChange) -> tuple[str, ...]:
    change = one.difference
    words = one_line(f"{one.slice}: {one.condition}", 60) if one.slice else "sealed rows"
    ends = f"{change.low or 0.0:+.3f} to {change.high or 0.0:+.3f}"
    return words, f"{one.rows:,}", percent(one.before), percent(one.after), f"{change.mean or 0.0:+.3f}", ends


def _back(run: Path, _: str, __: EngineFlags, output: Output) -> int:
    entry = _open(run).back()
    if output.json:
        print_json(to_builtins(entry))
    else:
        say(stdout(), f"Turn {entry.turn} was taken back; its files stay.")
    return FINE


def _turns(run: Path, _: str, __: EngineFlags, output: Output) -> int:
    lines = _open(run).turns().to_dicts()
    if output.json:
        print_json(lines)
        return FINE
    shown = table("turn", "rows", "added", "accuracy", "95 % interval", "state")
    for line in lines:
        ends = "" if line["low"] is None else f"{percent(line['low'])} to {percent(line['high'])}"
        mean = "" if line["accuracy"] is None else percent(line["accuracy"])
        shown.add_row(str(line["turn"]), f"{line['rows']:,}", f"{line['added']:,}", mean, ends, line["state"])
    stdout().print(shown)
    return FINE


def _reproduce(run: Path, given: str, _: EngineFlags, output: Output) -> int:
    sha256 = _open(run).reproduce(int(given))
    if output.json:
        print_json({"turn": int(given), "model": sha256})
    else:
        say(stdout(), f"The model of turn {given} was trained again, with the same bits: SHA-256 {sha256}.")
    return FINE


def _open(run: Path) -> Engine:
    from dechaff.api.engine.engine import Engine

    return Engine(run)


def _with(method: Callable[..., T]) -> Callable[..., T]:
    """The function behind a method that takes a keyword for each option."""
    return with_options(method)


def _interval(entry: LedgerEntry) -> str:
    one = entry.accuracy
    if one.mean is None or one.low is None or one.high is None:
        return "unknown"
    return f"{percent(one.mean)} (95 % interval {percent(one.low)} to {percent(one.high)})"


def _say_notes(entry: LedgerEntry) -> None:
    for note in entry.notes:
        say(stdout(), one_line(f"{note[0].upper()}{note[1:]}.", 300))


def _next(output: Output, action: str, run: Path, *words: str) -> int:
    if not output.quiet:
        print_next(shlex.join(["dechaff", "engine", action, str(run), *words]))
    return FINE


_ACTIONS: dict[Action, Callable[[Path, str, EngineFlags, Output], int]] = {
    "init": _init,
    "mine": _mine,
    "ask": _ask,
    "learn": _learn,
    "back": _back,
    "turns": _turns,
    "reproduce": _reproduce,
}
