"""Every name stands in cleanlab's module, takes cleanlab's arguments, and can be had flat, too."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from importlib.metadata import version
from typing import Any

import numpy as np
import pytest

import dechaff.compat.cleanlab as flat
from tests.compat.cleanlab import rows as _  # noqa: F401  # imports cleanlab, its warnings caught

NAMES = sorted((module, name) for module, names in flat._MODULES.items() for name in names)
ALL = [(module, name) for module, names in {**flat._MODULES, **flat._NOT_FLAT}.items() for name in names]
FUNCTIONS = sorted((module, name) for module, name in ALL if not name[0].isupper())


def parameters(function: Any) -> list[tuple[str, Any, Any]]:
    return [(one.name, one.kind, plain(one.default)) for one in inspect.signature(function).parameters.values()]


USUAL_POOLING = {"method": "exponential_moving_average", "alpha": 0.8}


def plain(default: Any) -> Any:
    """Defaults that mean the same: no options, the usual model or options, a sequence of numbers."""
    if default in ({}, None, list, USUAL_POOLING) or type(default).__name__ == "LogisticRegression":
        return None
    return list(default) if isinstance(default, tuple | list) else default


@pytest.mark.parametrize(("module", "name"), FUNCTIONS)
def test_a_function_takes_cleanlabs_arguments(module: str, name: str) -> None:
    ours = getattr(importlib.import_module(f"dechaff.compat.cleanlab.{module}"), name)
    theirs = getattr(importlib.import_module(f"cleanlab.{module}"), name)
    assert parameters(ours) == parameters(theirs)


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_a_name_can_be_had_flat(module: str, name: str) -> None:
    assert getattr(flat, name) is getattr(importlib.import_module(f"dechaff.compat.cleanlab.{module}"), name)
    assert inspect.getdoc(getattr(flat, name))


@pytest.mark.parametrize("module", ["filter", "rank", "count", "dataset", "benchmarking.noise_generation"])
def test_no_function_of_cleanlabs_module_is_missing(module: str) -> None:
    there = importlib.import_module(f"cleanlab.{module}")
    public = {name for name, one in inspect.getmembers(there, inspect.isfunction) if not name.startswith("_")}
    own = {name for name in public if getattr(there, name).__module__ == there.__name__}
    assert own <= set(flat._MODULES[module])


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="get_epistemic_uncertainty"):
        flat.get_epistemic_uncertainty  # noqa: B018
    assert set(flat.__all__) <= set(dir(flat))


def test_importing_it_imports_no_heavy_package() -> None:
    modules = ", ".join(f"dechaff.compat.cleanlab.{name}" for name in ("filter", "rank", "count", "dataset"))
    script = f"import {modules}, sys; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {"cleanlab", "pandas", "polars", "scipy", "sklearn"}


def test_arguments_are_left_as_they_were() -> None:
    rng = np.random.default_rng(0)
    labels, probs = rng.integers(0, 3, 90), rng.dirichlet(np.ones(3), 90)
    before = labels.copy(), probs.copy()
    flat.find_label_issues(labels, probs, return_indices_ranked_by="normalized_margin")
    flat.get_label_quality_scores(labels, probs, adjust_pred_probs=True)
    np.testing.assert_array_equal(labels, before[0])
    np.testing.assert_array_equal(probs, before[1])


@pytest.mark.slow
def test_every_module_is_an_attribute_as_in_cleanlab() -> None:
    """Of a package of which nothing else was imported: each time, what it had loaded is forgotten."""
    modules = sorted({module.partition(".")[0] for module in flat._MODULES})
    script = f"""
import sys
for module in {modules}:
    for name in [name for name in sys.modules if name.startswith("dechaff.compat")]:
        del sys.modules[name]
    import dechaff.compat.cleanlab as cleanlab
    print(getattr(cleanlab, module).__name__)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [f"dechaff.compat.cleanlab.{module}" for module in modules]


def test_the_version_is_that_of_cleanlab() -> None:
    assert flat.__version__ == version("cleanlab")
