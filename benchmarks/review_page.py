"""The review page: key to next row on a large run, a server that is killed, and two browsers beside `dechaff apply`.

The large run is that of `benchmarks.review_scale`. Its page is opened in Chromium; a key is pressed, and the time is
taken until the next row is drawn: for one who looks at each row for a second, and for one who presses the next key as
soon as the row is there. Then a server on a small audited file is killed with SIGKILL at random moments while
it takes decisions over HTTP, and two servers take decisions at once while the data are applied again and again.

    python -m benchmarks.review_page [--rows 2000000] [--findings 1000000] [--keys 100] [--kills 50] [--folder DIR]
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import polars as pl
from benchmarks.review_scale import make

import dechaff

CHROMIUM = "/usr/bin/chromium"
_PRESS = """async (key) => {
  const shown = () => document.querySelector("input[name=where]")?.value;
  const before = shown(), start = performance.now();
  document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
  while (shown() === before) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - start;
}"""


def served(run: Path, reviewer: str) -> tuple[subprocess.Popen[str], str]:
    """A server in a process of its own, and its address."""
    command = [sys.executable, "-m", "dechaff", "review", str(run), "--reviewer", reviewer]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


class Client:
    """One browser's requests, on one connection."""

    def __init__(self, url: str) -> None:
        self.origin, _, rest = url.partition("/?")
        self.connection = HTTPConnection(self.origin.removeprefix("http://"), timeout=60)
        self.connection.request("GET", f"/?{rest}")
        answer = self.connection.getresponse()
        answer.read()
        self.cookie = answer.headers["set-cookie"].split(";")[0]

    def decide(self, finding: str, say: str) -> bool:
        """Whether the decision was answered as done."""
        try:
            return bool(self.post("/decide", where=finding, say=say, back="/?status=open"))
        except (OSError, HTTPException):
            return False

    def post(self, path: str, **form: str) -> str:
        """Where a form leads; '' if it was refused."""
        sent = {"Cookie": self.cookie, "Origin": self.origin}
        self.connection.request("POST", path, urlencode(form), sent)
        answer = self.connection.getresponse()
        answer.read()
        return answer.headers["location"] if answer.status == 303 else ""

    def page(self, path: str) -> str:
        """The content of a page; of the events of a job, which end when it does, all of them."""
        self.connection.request("GET", path, headers={"Cookie": self.cookie})
        return self.connection.getresponse().read().decode()


def keys(run: Path, times: int) -> dict[str, list[float]]:
    """Milliseconds from a key to the next row on the screen."""
    from playwright.sync_api import sync_playwright

    process, url = served(run, "ann")
    taken: dict[str, list[float]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        start = time.perf_counter()
        page.goto(url)
        taken["first page of a cold server"] = [1000 * (time.perf_counter() - start)]
        page.goto(url.split("token")[0] + "codes=L001&status=open")
        for pause, speed in ((1000, "a look of 1 s"), (0, "at once")):
            for _ in range(times):
                for what, key in (("keep", "q"), ("relabel", "2"), ("next", "j")):
                    page.wait_for_timeout(pause)
                    taken.setdefault(f"{what} ({key}), {speed}", []).append(page.evaluate(_PRESS, key))
        browser.close()
    process.send_signal(signal.SIGINT)
    process.wait()
    return taken


def small_run(folder: Path, rows: int) -> Path:
    """The run of a small audited file whose rows are nearly all in doubt."""
    rng = np.random.default_rng(0)
    words = np.array(["sun", "rain", "wind", "snow", "fog", "hail", "ice", "dew"])
    label = rng.integers(0, 2, rows)
    texts = [" ".join(words[rng.integers(4 * one, 4 * one + 4, 6)]) + f" {n}" for n, one in enumerate(label)]
    wrong = rng.random(rows) < 0.3
    named = np.array(["warm", "cold"])[label ^ wrong]
    pl.DataFrame({"text": texts, "label": named}).write_csv(folder / "small.csv")
    return dechaff.audit(folder / "small.csv", label="label", out=folder / "small.dechaff").folder


def killed(run: Path, times: int) -> tuple[int, int]:
    """Decisions that were answered as done before a kill, and those of them that are lost."""
    findings = [one.finding_id for one in dechaff.open_run(run).queue(codes="L001", size=200).items]
    answered = lost = 0
    for number in range(times):
        process, url = served(run, f"reviewer {number}")
        client, done = Client(url), list[str]()
        timer = threading.Timer(random.Random(number).uniform(0.01, 1.5), process.kill)
        timer.start()
        for finding in findings:
            if not client.decide(finding, "keep"):
                break
            done.append(finding)
        timer.join()
        process.wait()
        kept = {one.finding_id for one in dechaff.open_run(run).log() if one.actor == f"reviewer {number}"}
        answered, lost = answered + len(done), lost + len(set(done) - kept)
    return answered, lost


def at_once(run: Path, folder: Path, n: int) -> tuple[int, int, int]:
    """Decisions of two servers, those of them that are there in order, and how often the data were applied."""
    findings = [one.finding_id for one in dechaff.open_run(run).queue(codes="L001", size=200).items]
    said: dict[str, list[tuple[str, str]]] = {"ann": [], "bo": []}

    def review(reviewer: str) -> None:
        process, url = served(run, reviewer)
        client, rng = Client(url), random.Random(reviewer)
        for _ in range(n):
            finding, say = rng.choice(findings), rng.choice(["keep", "exclude"])
            if client.decide(finding, say):
                said[reviewer].append((finding, {"keep": "keep", "exclude": "drop"}[say]))
        process.send_signal(signal.SIGINT)
        process.wait()

    reviewers = [threading.Thread(target=review, args=(one,)) for one in said]
    for one in reviewers:
        one.start()
    applied = 0
    while any(one.is_alive() for one in reviewers):
        dechaff.open_run(run).apply(folder / f"improved-{applied}.csv")
        applied += 1
    log = dechaff.open_run(run).log()
    there = 0
    for reviewer, own in said.items():
        kept = [(one.finding_id, one.action) for one in log if one.actor == reviewer]
        there += sum(one == other for one, other in zip(kept, own, strict=False))
    return sum(map(len, said.values())), there, applied


def _row(*cells: object) -> None:
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--findings", type=int, default=1_000_000)
    parser.add_argument("--keys", type=int, default=100)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--folder", type=Path, help="keeps the large run, for another time")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = given.folder or Path(name)
        if not (folder / "rows.dechaff").exists():
            make(folder, given.rows, given.findings, "parquet")
        dechaff.open_run(folder / "rows.dechaff").prepare_review()
        _row("step in Chromium", "median ms", "95 % ms")
        _row("---", "---:", "---:")
        for step, taken in keys(folder / "rows.dechaff", given.keys).items():
            _row(step, f"{np.median(taken):.0f}", f"{np.quantile(taken, 0.95):.0f}")
        folder = Path(name)
        run = small_run(folder, 1500)
        print()
        _row("server", "decisions answered", "lost")
        _row("---", "---:", "---:")
        _row(f"killed at {given.kills} random moments", *killed(run, given.kills))
        answered, there, applied = at_once(run, folder, 1000)
        _row(f"two at once, applied {applied} times meanwhile", answered, answered - there)


if __name__ == "__main__":
    main()
