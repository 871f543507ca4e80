"""One record of options: what is typed there is a keyword, a flag, an entry of options.json and its own description."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, fields
from typing import Annotated

import numpy as np
import pytest
from cyclopts import App

import dechaff
from dechaff.recipe.outcome.content import Command
from dechaff.records.keywords import takes
from dechaff.records.options import (
    AuditOptions,
    Option,
    ProveOptions,
    PUOptions,
    ReadOptions,
    RecipeOptions,
    deciding,
    options_of,
    part_of,
    plain,
    restored,
)
from dechaff.records.policies import Policy
from dechaff.surfaces.cli.options import build_app, flags_of

COMMANDS = {
    "audit": (dechaff.audit, AuditOptions),
    "pu": (dechaff.pu, PUOptions),
    "prove": (dechaff.prove, ProveOptions),
    "recipe": (dechaff.run_recipe, RecipeOptions),
}
every_command = pytest.mark.parametrize("command", COMMANDS)


@dataclass(frozen=True, kw_only=True)
class Pretended(AuditOptions):
    """The options of an audit and a new one, which is typed here alone."""

    depth: Annotated[int, Option("How deep to look.", "int, 1 or more")] = 3


def _typed(words: list[str]) -> Pretended:
    flags = flags_of(Pretended)

    def command(*, options: Pretended | None = None) -> Pretended:
        return options or flags()

    command.__annotations__["options"] = flags | None
    app = App(result_action="return_value")
    app.default(command)
    found: Pretended = app(words)
    return found


def test_a_new_option_is_typed_in_one_place_and_seen_in_all() -> None:
    @takes(Pretended)
    def look(source: object, options: Pretended) -> dict[str, object]:
        """Look.

        Parameters
        ----------
        source : anything
        **options
        """
        return plain(options)

    assert inspect.signature(look).parameters["depth"].default == 3
    assert "depth : int, 1 or more\n        How deep to look." in (look.__doc__ or "")
    assert look("a.csv", depth=5)["depth"] == 5
    assert _typed(["--depth", "4"]).depth == 4
    command = Command("audit", "a.csv", Pretended(depth=5))
    assert command.written()["depth"] == 5
    assert command.line().endswith("--seed 0 --depth 5")
    assert restored(Pretended, command.written()).depth == 5


@every_command
def test_keywords_flags_and_entries_are_one_set(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    function, record = COMMANDS[command]
    names = {field.name for field in fields(record)}
    keywords = {name for name, one in inspect.signature(function).parameters.items() if one.kind is one.KEYWORD_ONLY}
    assert keywords == names == set(options_of(record))
    build_app()([command, "--help"])
    shown = capsys.readouterr().out
    for name, option in options_of(record).items():
        assert f"    {name} : {option.kind}\n" in (function.__doc__ or ""), name
        assert option.has_flag is (f"--{name.replace('_', '-')}" in shown.replace("\n", " ")), name
    assert set(plain(record())) <= names


@every_command
def test_a_word_that_is_no_option_is_refused(command: str) -> None:
    function, _ = COMMANDS[command]
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'labels'\. Did you mean 'label'"):
        function(*["a.csv"] * (3 if command == "prove" else 1), labels="y")  # type: ignore[operator]


def test_options_come_back_from_their_dump_but_for_arrays() -> None:
    options = AuditOptions(label="y", drop=("a",), policy=Policy("mine", 0.9, 0.8), probs=np.eye(2), seed=4)
    dump = plain(options)
    assert dump["probs"] == "<ndarray (2, 2)>"
    again = restored(AuditOptions, dump)
    assert (again.label, again.drop, again.policy, again.probs, again.seed) == ("y", ["a"], options.policy, None, 4)


def test_where_and_how_fast_decides_nothing() -> None:
    assert {"threads", "backend", "address", "memory", "progress", "out", "decisions"}.isdisjoint(
        deciding(AuditOptions)
    )
    assert {"label", "probs", "policy", "seed"} <= set(deciding(AuditOptions))


def test_a_record_lends_its_options_to_another() -> None:
    read = part_of(ReadOptions, ProveOptions(label="y", delimiter=";"), test="t.csv")
    assert (read.label, read.delimiter, read.test, read.split) == ("y", ";", "t.csv", None)
