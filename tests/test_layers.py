"""Arrows go down; an optional package is imported in one leaf file, and only where it is used."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "dechaff"
OPTIONAL = (
    "PIL",
    "dask",
    "datasets",
    "distributed",
    "imblearn",
    "mlflow",
    "pandas",
    "pyarrow",
    "ray",
    "torch",
    "torchvision",
)
HEAVY = ("cyclopts", "jinja2", "narwhals", "polars", "rich", "scipy", "sklearn")
LAZY = (SOURCE, SOURCE / "api", SOURCE / "compat" / "cleanlab")
"""Packages that load their names on use."""
_MOST_LINES = 400
_MOST_CODE_LINES = 40


def _files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
        elif isinstance(node, ast.Call) and "import_module" in vars(node.func).values():
            yield from (word.value for word in node.args if isinstance(word, ast.Constant))


def _at_import(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements that run when the file is imported: not those in functions or under TYPE_CHECKING."""
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        statement = waiting.pop()
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.dump(statement.test):
            continue
        waiting += [child for child in ast.iter_child_nodes(statement) if isinstance(child, ast.stmt)]
        yield statement


def _optional(names: Iterator[str]) -> set[str]:
    return {name.partition(".")[0] for name in names} & set(OPTIONAL)


@pytest.mark.slow
def test_an_optional_package_is_imported_in_one_leaf_file_only() -> None:
    importers = defaultdict(list)
    for file in _files():
        for package in _optional(_imported(_tree(file))):
            importers[package].append(str(file.relative_to(SOURCE)))
    assert {package: files for package, files in importers.items() if len(files) > 1} == {}


def test_an_optional_package_is_imported_on_use() -> None:
    for file in _files():
        for statement in _at_import(_tree(file)):
            if isinstance(statement, ast.Import | ast.ImportFrom):
                assert not _optional(_imported(statement)), f"{file.name}: {ast.unparse(statement)}"


def _loaded_by(modules: str) -> set[str]:
    script = f"import {modules}, sys; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_dechaff_imports_no_heavy_package() -> None:
    assert not _loaded_by("dechaff") & {*OPTIONAL, *HEAVY}


@pytest.mark.slow
def test_whoever_reads_or_shows_does_not_wait_for_the_packages_that_train() -> None:
    for modules in (
        "dechaff.data.open, dechaff.recipe.audit, dechaff.recipe.prove.prove, dechaff.records.run, dechaff.report.html",
        "dechaff.api.auditing, dechaff.api.in_rounds, dechaff.api.proving, dechaff.api.results",
    ):
        assert not _loaded_by(modules) & {*OPTIONAL, "scipy", "sklearn"}


def test_commands_are_parsed_without_the_packages_that_do_the_work() -> None:
    commands = ", ".join(f"dechaff.surfaces.cli.{name}" for name in ("audit", "runs"))
    assert not _loaded_by(commands) & {*OPTIONAL, "jinja2", "narwhals", "scipy", "sklearn"}


def test_init_files_hold_a_docstring_and_names_only() -> None:
    for file in _files():
        if file.name != "__init__.py" or file.parent in LAZY:
            continue
        tree = _tree(file)
        extra = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom | ast.Assign)]
        assert [node for node in extra if not isinstance(node, ast.Expr)] == [], file
        assert not tree.body or ast.get_docstring(tree), f"{file} has no docstring"


def test_files_and_functions_are_small() -> None:
    long_files = {file: lines for file in _files() if (lines := _lines(file)) > _MOST_LINES}
    assert long_files == {}
    long_functions = [
        (file, node.name)
        for file in _files()
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.FunctionDef) and _code_lines(node) > _MOST_CODE_LINES
    ]
    assert long_functions == []


def _lines(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


def _code_lines(function: ast.FunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0
