"""A model named on the command line: ``module:object``."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from dechaff.errors import InputError


def load_model_spec(spec: str) -> Any:
    """The object that ``module:object`` names; an object that is a class or function without arguments is called.

    The current folder is searched too, as ``python -m`` does.

    Raises
    ------
    InputError
        Where the module cannot be imported or has no such object.
    """
    module_name, _, attribute = spec.partition(":")
    if not module_name or not attribute:
        raise InputError("--model", "be module:object", f"{spec!r}", "For example --model my_models:pipeline.")
    here = str(Path.cwd())
    added = here not in sys.path
    if added:
        sys.path.insert(0, here)
    try:
        found: Any = import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
        is_maker = isinstance(found, type) or (callable(found) and not hasattr(found, "fit"))
        made = found() if is_maker else found
    except Exception as error:
        raise InputError(
            f"--model {spec}",
            "name an object that can be imported",
            f"{type(error).__name__}: {error}",
            "Check the spelling, and that the module lies in this folder or is installed.",
        ) from error
    finally:
        if added:
            sys.path.remove(here)
    return made
