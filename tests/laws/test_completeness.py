"""No method goes without laws: each has a case, or a reason why not; and each fold and row map has a case."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import dechaff.core
import dechaff.data
import dechaff.methods
import dechaff.recipe
from tests.laws.cases import EXEMPT, FOLDS, FUNCTIONS, ROW_MAPS, columns
from tests.laws.plumbing import ALL_FOLDS, ALL_ROW_MAPS, MAPS_AND_FOLDS
from tests.shapes import public_functions


def methods() -> set[str]:
    """``family.function`` of every public function with a Source section."""
    names = set()
    for found in pkgutil.walk_packages(dechaff.methods.__path__, "dechaff.methods."):
        module = importlib.import_module(found.name)
        family = found.name.split(".")[2]
        names |= {f"{family}.{one.__name__}" for one in public_functions(module) if _has_source(one.__doc__)}
    return names


def _has_source(doc: str | None) -> bool:
    return any(line.strip() == "Source" for line in (doc or "").splitlines())


def covered() -> set[str]:
    return {case.method for case in [*FOLDS, *ROW_MAPS, *FUNCTIONS]}


def test_every_method_has_a_case_or_a_reason() -> None:
    missing = sorted(methods() - covered() - set(EXEMPT))
    assert not missing, f"no law case for {', '.join(missing)}: add a line to tests/laws/cases.py (its top says how)"


def test_no_case_is_left_of_a_method_that_is_gone() -> None:
    gone = sorted((covered() | set(EXEMPT)) - methods())
    assert not gone, f"no method of this name: {', '.join(gone)}; take its line out of tests/laws/cases.py"


def test_nothing_is_both_covered_and_exempt() -> None:
    assert not covered() & set(EXEMPT)


def test_every_fold_and_row_map_runs_through_all_laws_and_backends() -> None:
    data = columns(0)
    folds = {kind for case in ALL_FOLDS for kind in type(case.make(data)).__mro__}
    row_maps = {type(case.make(data)) for case in ALL_ROW_MAPS}
    row_maps |= {type(made.row_map) for case in ALL_ROW_MAPS if hasattr(made := case.make(data), "row_map")}
    both = {type(make(data)) for make in MAPS_AND_FOLDS}
    for kind in shapes():
        if hasattr(kind, "rows_and_state"):
            assert kind in both, f"{kind} is in no case of MAPS_AND_FOLDS"
        elif hasattr(kind, "merge"):
            assert kind in folds, f"{kind} is in no case of folds"
        else:
            assert kind in row_maps, f"{kind} is in no case of row maps"


def shapes() -> Iterator[Any]:
    """Every class that is a fold or a row map."""
    for package in (dechaff.core, dechaff.data, dechaff.methods, dechaff.recipe):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            classes = vars(importlib.import_module(found.name)).values()
            yield from (one for one in classes if _is_shape(one) and one.__module__ == found.name)


def _is_shape(one: Any) -> bool:
    if not inspect.isclass(one) or getattr(one, "_is_protocol", False):
        return False
    is_fold = all(hasattr(one, name) for name in ("columns", "init", "update", "merge", "finalize"))
    rows = getattr(one, "rows", None)
    return is_fold or (inspect.isfunction(rows) and "chunk" in inspect.signature(rows).parameters)
