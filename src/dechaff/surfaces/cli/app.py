"""The parser: one entry per command, each loaded when it is called."""

from __future__ import annotations

from cyclopts import App, Parameter

import dechaff
from dechaff.surfaces.cli.commands import COMMANDS
from dechaff.typing import Json


def build_app() -> App:
    """The parser of the command line; calling it with arguments returns the exit code of the command."""
    app: App = App(
        name="dechaff",
        version=f"dechaff {dechaff.__version__}",
        result_action="return_value",
        suppress_keyboard_interrupt=False,
        default_parameter=Parameter(negative="", show_default=_shown_default),
    )
    for command in COMMANDS:
        options: Json = {"name": command.name, "help": command.help}
        app.command(command.target, **options)
    return app


def _shown_default(default: object) -> str | None:
    """The default as help shows it; None for a flag that is off or not given."""
    return None if default is None or default is False or default == () else str(default)
