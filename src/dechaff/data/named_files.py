"""The files that a path, a folder or a pattern names."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable
from pathlib import Path


def named_files(source: str | os.PathLike[str], is_one: Callable[[Path], object]) -> tuple[Path, ...]:
    """The file itself, those of a folder that are of the right kind, or those that fit a pattern; sorted, none if none.

    Examples
    --------
    >>> named_files("no such place/*.csv", lambda file: True)
    ()
    """
    path = Path(source)
    if path.is_file():
        return (path,)
    if path.is_dir():
        found = [one for one in path.iterdir() if one.is_file() and is_one(one)]
    else:
        found = [Path(one) for one in glob.glob(os.fspath(source)) if Path(one).is_file()]
    return tuple(sorted(found))
