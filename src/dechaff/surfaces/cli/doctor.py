"""``dechaff doctor``."""

from __future__ import annotations

import platform
import re
from dataclasses import asdict, dataclass
from importlib import metadata

from dechaff._version import __version__
from dechaff.core.kernels.native import VARIABLE, available, kernel
from dechaff.core.threads import usual_threads
from dechaff.errors import InputError
from dechaff.surfaces.cli.console import print_json, say, say_whole, stdout
from dechaff.surfaces.cli.main import FINE

_EXTRA = re.compile(r"^([\w.-]+).*extra == ['\"]([\w-]+)['\"]")


@dataclass(frozen=True)
class KernelInUse:
    """The kernel of the hot loops; ``used`` is None if it cannot be used, ``available`` lists all that can."""

    used: str | None
    why: str
    available: tuple[str, ...]


@dataclass(frozen=True)
class Machine:
    """What `doctor` shows."""

    dechaff: str
    python: str
    platform: str
    numpy: str
    threads: int
    kernel: KernelInUse
    extras: dict[str, dict[str, str | None]]


def doctor(*, json: bool = False) -> int:
    """Show how dechaff runs on this machine: Python, optional packages, threads, and the kernel of the hot loops.

    Parameters
    ----------
    json
        Print the result as JSON.
    """
    found = Machine(
        dechaff=__version__,
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
        numpy=metadata.version("numpy"),
        threads=usual_threads(),
        kernel=_kernel(),
        extras=_extras(),
    )
    if json:
        print_json(asdict(found))
    else:
        _print(found)
    return FINE


def _kernel() -> KernelInUse:
    try:
        used = kernel()
    except InputError as error:  # shown, not raised
        return KernelInUse(None, str(error), available())
    return KernelInUse(used.name, used.why, available())


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


def _print(found: Machine) -> None:
    console = stdout()
    for name in ("dechaff", "python", "platform", "numpy", "threads"):
        say_whole(console, f"{name:<10}{getattr(found, name)}")
    say(console, f"{'kernel':<10}{found.kernel.used or 'cannot be used'}: {found.kernel.why}")
    say(console, f"{VARIABLE} may be {', '.join(found.kernel.available)}.", indent=10)
    for extra, packages in found.extras.items():
        words = ", ".join(f"{name} {version or '(not installed)'}" for name, version in packages.items())
        say(console, f"{'extra':<10}{extra}: {words}")
