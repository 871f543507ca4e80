"""Put the source of the documentation site together in build/docs, from which `make docs` builds site/.

The pages of docs/ are copied. README, CONTRIBUTING, CHANGELOG, the list of examples and the pages of the codes become
pages too. The API reference is made from the public names of `dechaff` and from the packages of `dechaff.methods`;
mkdocstrings fills in the docstrings. Links between files of the repository become links between pages.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import posixpath
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

import dechaff
import dechaff.classifiers
import dechaff.labels
import dechaff.methods
import dechaff.metrics

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "docs"
CODES = "src/dechaff/records/pages"
COPIED = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "examples/README.md": "examples.md",
}
"""File of the repository -> page of the site; the codes are added to it."""
COPIED |= {f"{CODES}/{page.name}": f"codes/{page.name}" for page in sorted((ROOT / CODES).glob("*.md"))}
_LINK = re.compile(
    r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<target>(?!https?:|#|mailto:)[^)#\s]+)(?P<anchor>#[^)\s]*)?\)"
)
_TITLES = {
    "audit": "Audit, apply, prove",
    "labels": "Label errors",
    "results": "Results",
    "classifiers": "Classifiers",
    "metrics": "Metrics and diagnoses of PU learning",
    "errors": "Errors",
}


def main() -> None:
    """Write the folder."""
    shutil.rmtree(BUILD, ignore_errors=True)
    shutil.copytree(ROOT / "docs", BUILD / "docs", ignore=shutil.ignore_patterns("*.md"))
    made = {f"reference/{name}.md": names_page(name, homes) for name, homes in public_names().items()}
    made |= {f"reference/{page_of(module)}": methods_page(module) for module in method_packages()}
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")} | set(COPIED)
    for file in sources:
        made[page_for(file)] = with_links_between_pages((ROOT / file).read_text(encoding="utf-8"), file)
    for page, text in made.items():
        path = BUILD / "docs" / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    with_made_pages(config)
    (BUILD / "mkdocs.yml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")


def with_made_pages(config: dict[str, Any]) -> None:
    """Add the pages that are made to the navigation, and say where things are, as seen from build/docs."""
    reference = next(part["Reference"] for part in config["nav"] if "Reference" in part)
    reference[1:1] = [
        {"Python": [f"reference/{name}.md" for name in public_names()]},
        {"Methods": [f"reference/{page_of(module)}" for module in method_packages()]},
    ]
    reference[reference.index("codes.md")] = {"Codes": ["codes.md", *(one for one in COPIED.values() if "/" in one)]}
    config["site_dir"] = str(ROOT / "site")
    mkdocstrings = next(one["mkdocstrings"] for one in config["plugins"] if "mkdocstrings" in one)
    handler = mkdocstrings["handlers"]["python"]
    handler["paths"] = [str(ROOT / "src")]
    handler["options"]["extensions"] = [str(ROOT / "tools" / "site_docstrings.py")]


def page_for(file: str) -> str:
    """Of the site, for a Markdown file of the repository."""
    return COPIED.get(file) or file.removeprefix("docs/")


def with_links_between_pages(text: str, file: str) -> str:
    """The text of a file, its links to other files of the repository turned into links to pages."""
    return _LINK.sub(lambda link: _moved(link, file), text)


def _moved(link: re.Match[str], file: str) -> str:
    target = posixpath.normpath(posixpath.join(posixpath.dirname(file), link["target"]))
    if target not in COPIED and not target.startswith("docs/"):
        return link["text"]  # a file that is no part of the site
    moved = posixpath.relpath(page_for(target), posixpath.dirname(page_for(file)) or ".")
    return f"{link['image']}[{link['text']}]({moved}{link['anchor'] or ''})"


def public_names() -> dict[str, list[str]]:
    """Page -> full names of what it shows."""
    pages: dict[str, list[str]] = {name: [] for name in _TITLES}
    namespaces: list[ModuleType] = [dechaff, dechaff.labels, dechaff.classifiers, dechaff.metrics]
    values = {id(value): value for home in namespaces for value in (getattr(home, name) for name in home.__all__)}
    for value in values.values():
        if not callable(value):
            continue
        pages[_page_of_name(value)].append(f"{value.__module__}.{value.__qualname__}")
    return pages


def _page_of_name(value: Any) -> str:
    if inspect.isclass(value) and issubclass(value, Exception):
        return "errors"
    if inspect.isclass(value):
        return "classifiers" if hasattr(value, "fit") else "results"
    if "methods" in value.__module__ or "estimators" in value.__module__:
        return "metrics"
    return "labels" if "labels" in value.__module__ else "audit"


def names_page(name: str, homes: list[str]) -> str:
    """The page of some public names."""
    return "\n\n".join([f"# {_TITLES[name]}", *(f"::: {home}" for home in homes)])


def method_packages() -> list[ModuleType]:
    """The families of methods, and the packages within them."""
    found = pkgutil.walk_packages(dechaff.methods.__path__, "dechaff.methods.")
    return [importlib.import_module(one.name) for one in found if one.ispkg]


def page_of(package: ModuleType) -> str:
    """Below reference/."""
    return f"{package.__name__.removeprefix('dechaff.').replace('.', '/')}.md"


def methods_page(package: ModuleType) -> str:
    """The functions and classes of a package, by module."""
    title = package.__name__.removeprefix("dechaff.methods.").replace("_", " ").replace(".", ": ")
    parts = [f"# {title[0].upper()}{title[1:]}", inspect.getdoc(package) or ""]
    for one in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if not one.ispkg:
            parts += _module_parts(importlib.import_module(one.name))
    return "\n\n".join(parts)


def _module_parts(module: ModuleType) -> Iterator[str]:
    yield f"## {module.__name__.rpartition('.')[2]}"
    yield inspect.getdoc(module) or ""
    for name, value in vars(module).items():
        own = getattr(value, "__module__", None) == module.__name__
        if own and not name.startswith("_") and (inspect.isfunction(value) or inspect.isclass(value)):
            members = "      members: []\n" if inspect.isclass(value) else ""
            yield f"::: {module.__name__}.{name}\n    options:\n      heading_level: 3\n{members}"


if __name__ == "__main__":
    main()
