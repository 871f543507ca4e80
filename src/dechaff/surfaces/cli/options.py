"""The parser of the command line: flags made from the records of options, and the flags of the output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, make_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

from cyclopts import App, Group, Parameter

from dechaff._version import __version__
from dechaff.errors import InputError
from dechaff.records import options as records
from dechaff.records.augment_options import AugmentOptions
from dechaff.records.check_choice import CheckOptions
from dechaff.records.crowds import ConsensusRunOptions
from dechaff.records.curricula import CurriculumOptions
from dechaff.records.engine_options import EngineOptions
from dechaff.records.feature_options import FeatureOptions
from dechaff.records.next_options import NextRunOptions
from dechaff.records.option import SAME
from dechaff.records.options import options_of
from dechaff.surfaces.cli.main import COMMANDS

T = TypeVar("T")
_COLUMNS = Group("Columns", sort_key=1)
_GROUPS = {
    records.ColumnOptions: _COLUMNS,
    records.ClassOptions: _COLUMNS,
    CheckOptions: Group("Checks", sort_key=4),
    records.SplitOptions: Group("Sealed test rows", sort_key=2),
    records.FileOptions: Group("Reading", sort_key=3),
    records.RunOptions: Group("Execution", sort_key=5),
}
_WORK = Group("Work", sort_key=4)


def flags_of(record: type[T]) -> type[T]:
    """A record whose fields are flags, with the type, the default, the help and the group of each.

    Examples
    --------
    >>> flags_of(records.FileOptions)(delimiter=";")
    FileOptions(delimiter=';', encoding=None)
    """
    hints, options = get_type_hints(record), options_of(record)
    group = {name: group for part, group in _GROUPS.items() for name in options_of(part)}
    made = []
    for one in fields(record):  # type: ignore[arg-type]
        option = options[one.name]
        kind = hints[one.name] if option.flag is SAME else option.flag
        letter = [f"-{one.name}"] if len(one.name) == 1 else None
        flag = Parameter(name=letter, parse=option.has_flag, help=option.help, group=group.get(one.name, _WORK))
        made.append((one.name, Annotated[kind or Any, option, flag], field(default=one.default, kw_only=True)))
    flags = make_dataclass(record.__name__, made, bases=(record,), frozen=True, namespace={"__module__": __name__})
    return Parameter(name="*")(flags)


if TYPE_CHECKING:
    AuditFlags = records.AuditOptions
    AugmentFlags = AugmentOptions
    BackendFlags = records.BackendOptions
    ConsensusFlags = ConsensusRunOptions
    CurriculumFlags = CurriculumOptions
    EngineFlags = EngineOptions
    FeatureFlags = FeatureOptions
    FileFlags = records.FileOptions
    NextFlags = NextRunOptions
    ProveFlags = records.ProveOptions
    PUFlags = records.PUOptions
    RecipeFlags = records.RecipeOptions
else:
    AuditFlags, PUFlags, ProveFlags, RecipeFlags, CurriculumFlags = map(
        flags_of,
        (
            records.AuditOptions,
            records.PUOptions,
            records.ProveOptions,
            records.RecipeOptions,
            CurriculumOptions,
        ),
    )
    AugmentFlags, FeatureFlags = flags_of(AugmentOptions), flags_of(FeatureOptions)
    ConsensusFlags = flags_of(ConsensusRunOptions)
    EngineFlags = flags_of(EngineOptions)
    NextFlags = flags_of(NextRunOptions)
    BackendFlags, FileFlags = flags_of(records.BackendOptions), flags_of(records.FileOptions)


def read_flags(flags: T, **more: Any) -> T:
    """The options of the command line; a size of the test rows is a proportion or a whole number."""
    size: float | None = getattr(flags, "test_size", None)
    classes: Sequence[str] = getattr(flags, "classes", ())
    more = more if size is None else {"test_size": _size(size), **more}
    if len(classes) == 1:
        more = {"classes": _classes(classes[0], getattr(flags, "label", None)), **more}
    return replace(flags, **more)  # type: ignore[type-var]


def _classes(words: str, label: str | None) -> tuple[str, ...]:
    """Classes between commas, or those of a run folder or labelled file.

    >>> _classes("spam, ham", "label")
    ('spam', 'ham')
    """
    if not Path(words).exists():
        return tuple(word.strip() for word in words.split(","))
    from dechaff.api.reading import classes_in

    return classes_in(Path(words), label)


def _size(number: float) -> int | float:
    """A proportion below one, or a whole number of rows.

    >>> _size(500.0), _size(0.2)
    (500, 0.2)
    """
    if 0 < number < 1:
        return number
    if number >= 1 and number.is_integer():
        return int(number)
    raise InputError(
        "--test-size", "be a proportion between 0 and 1, or a whole number of rows", f"{number:g}", "Write 0.2 or 500."
    )


@Parameter(name="*", group=Group("Output", sort_key=6))
@dataclass(frozen=True, kw_only=True)
class Output:
    """Output."""

    json: bool = False
    """Print the result as JSON."""
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"])] = False
    """Print no progress."""


def build_app() -> App:
    """The parser of the command line; calling it with arguments returns the exit code of the command."""
    app: App = App(
        name="dechaff",
        version=f"dechaff {__version__}",
        result_action="return_value",
        suppress_keyboard_interrupt=False,
        default_parameter=Parameter(negative="", show_default=_shown_default),
    )
    for command in COMMANDS:
        app.command(command.target, name=command.name, help=command.help)
    return app


def _shown_default(default: object) -> str | None:
    """The default as help shows it; None for a flag that is off or not given."""
    return None if default is None or default is False or default in ((), "") else str(default)
