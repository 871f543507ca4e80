"""Draw docs/images/demo.svg and docs/images/report.png: an audit of the demo's data in the terminal, and its report.

``make pictures`` runs it where chromium is installed; the pictures are kept in the repository.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.text import Text

from dechaff.surfaces.cli.demo import LABEL, write_demo_files

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
WIDTH = 116
COMMAND = ["audit", "tumours.csv", "--label", LABEL, "--test", "tumours_test.csv"]
LEFT_OUT = "#assumed { display: none }"
"""Style of the pictured report: assumptions are left out, here and in the terminal, so that the findings are seen."""
SIZE = (1200, 1240)
COLOURS = 64
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""Would be fetched from another server; the system's monospace font takes their place."""


def main() -> None:
    """Write both files."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("chromium must be installed to draw the report")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_demo_files(folder)
        (IMAGES / "demo.svg").write_text(terminal(folder), encoding="utf-8")
        page = folder / "report.html"
        report = (folder / "tumours.dechaff" / "report.html").read_text(encoding="utf-8")
        page.write_text(report.replace("</head>", f"<style>{LEFT_OUT}</style></head>"), encoding="utf-8")
        draw(browser, page, IMAGES / "report.png")


def terminal(folder: Path) -> str:
    """What the command prints, as SVG."""
    run = [sys.executable, "-c", "from dechaff.surfaces.cli.main import run; run()", *COMMAND, "--quiet"]
    environment = os.environ | {"COLUMNS": str(WIDTH), "FORCE_COLOR": "1"}
    done = subprocess.run(run, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ dechaff {shlex.join(COMMAND)}", style="bold"))
    sections = [Text.from_ansi(section) for section in done.stdout.split("\n\n")]
    for section in sections:
        if not section.plain.lstrip().startswith("Assumed"):
            console.print(section, end="\n\n")
    drawn = console.export_svg(title="dechaff audit", unique_id="dechaff")
    return _FONTS.sub("", drawn)


def draw(browser: str, page: Path, target: Path) -> None:
    """A screenshot of the page, in few colours."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={SIZE[0]},{SIZE[1]}"]
    subprocess.run([browser, *flags, f"--screenshot={target}", page.as_uri()], capture_output=True, check=True)
    with Image.open(target) as picture:
        picture.convert("RGB").quantize(COLOURS).save(target, optimize=True)


if __name__ == "__main__":
    main()
