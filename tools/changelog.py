"""Puts CHANGELOG.md together from the notes in ``changes/``.

A note is one Markdown file that says what the user will see. Notes in ``changes/`` itself are not released yet; at
a release they move to ``changes/VERSION/``. ``--check`` writes nothing and fails where CHANGELOG.md is out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = """\
# Changes

What users see, newest first. This file is made from the notes in `changes/` by `make docs`; versions follow
[semantic versioning](https://semver.org), and what is deprecated stays for two minor versions.
"""


def changelog(root: Path) -> str:
    """The whole file."""
    notes = root / "changes"
    versions = sorted((one for one in notes.iterdir() if one.is_dir()), key=_version, reverse=True)
    sections = [_section("Not released yet", notes), *(_section(one.name, one) for one in versions)]
    return "\n".join([HEAD, *filter(None, sections)])


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.name.split("."))


def _section(title: str, folder: Path) -> str:
    items = list(_items(folder))
    return "\n".join([f"## {title}", "", *items, ""]) if items else ""


def _items(folder: Path) -> Iterator[str]:
    for note in sorted(folder.glob("*.md")):
        first, *rest = note.read_text(encoding="utf-8").strip().removeprefix("- ").splitlines()
        yield "\n".join([f"- {first}", *(f"  {line}".rstrip() if not line.startswith("  ") else line for line in rest)])


def main(arguments: list[str]) -> None:
    """Write the file, or check it."""
    target = ROOT / "CHANGELOG.md"
    text = changelog(ROOT)
    if "--check" not in arguments:
        target.write_text(text, encoding="utf-8")
    elif not target.exists() or target.read_text(encoding="utf-8") != text:
        sys.exit("CHANGELOG.md is out of date with the notes in changes/; run: make docs")


if __name__ == "__main__":
    main(sys.argv[1:])
