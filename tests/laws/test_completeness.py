"""No method goes without laws: each has a case, or a reason why not."""

from __future__ import annotations

import importlib
import pkgutil

import dechaff.methods
from tests.laws.cases import EXEMPT, FOLDS, FUNCTIONS, ROW_MAPS
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
