"""``dechaff doctor``."""

from __future__ import annotations

import platform
import re
from importlib import metadata

from dechaff._version import __version__
from dechaff.core.kernels.native import VARIABLE, available, kernel
from dechaff.core.threads import usual_threads
from dechaff.errors import InputError
from dechaff.surfaces.cli.console import print_json, say, say_whole, stdout
from dechaff.surfaces.cli.main import FINE
from dechaff.typing import Json

_EXTRA = re.compile(r"^([\w.-]+).*extra == ['\"]([\w-]+)['\"]")


def doctor(*, json: bool = False) -> int:
    """Show how dechaff runs on this machine: Python, optional packages, threads, and the kernel of the hot loops.

    Parameters
    ----------
    json
        Print the result as JSON.
    """
    machine: Json = {
        "dechaff": __version__,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "numpy": metadata.version("numpy"),
        "threads": usual_threads(),
    }
    used, why = _kernel()
    extras = _extras()
    if json:
        print_json({**machine, "kernel": {"used": used, "why": why, "available": available()}, "extras": extras})
        return FINE
    console = stdout()
    for name, value in machine.items():
        say_whole(console, f"{name:<10}{value}")
    say(console, f"{'kernel':<10}{used or 'cannot be used'}: {why}")
    say(console, f"{VARIABLE} may be {', '.join(available())}.", indent=10)
    for extra, packages in extras.items():
        words = ", ".join(f"{name} {version or '(not installed)'}" for name, version in packages.items())
        say(console, f"{'extra':<10}{extra}: {words}")
    return FINE


def _kernel() -> tuple[str | None, str]:
    """The kernel of the hot loops, None if it cannot be used; and why."""
    try:
        used = kernel()
    except InputError as error:  # shown, not raised
        return None, str(error)
    return used.name, used.why


def _extras() -> dict[str, dict[str, str | None]]:
    """Extra -> package -> its version; None if it is not installed. Nothing is imported."""
    extras: dict[str, dict[str, str | None]] = {}
    for requirement in metadata.requires("dechaff") or ():
        if match := _EXTRA.match(requirement):
            package, extra = match.groups()
            extras.setdefault(extra, {})[package] = _version(package)
    return extras


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
