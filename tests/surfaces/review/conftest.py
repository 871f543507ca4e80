"""A small audited data set with faults and hostile content, and its review page over HTTP."""

from __future__ import annotations

import csv
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest

import dechaff
from dechaff.surfaces.review.server import ReviewServer, review

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \u202eawful poor\x07 sad"
_WORDS = {
    "good": ["great", "lovely", "fine", "superb", "happy", "warm"],
    "bad": ["awful", "poor", "sad", "dull", "cold", "ugly"],
}
_REST = ["the", "film", "plot", "a", "scene", "actor", "of", "and"]


def write_reviews(path: Path) -> Path:
    """260 short texts, 20 with the wrong label, some twice, one hostile."""
    rng = np.random.default_rng(7)
    rows = []
    for number in range(260):
        label = "good" if number % 2 else "bad"
        text = [*rng.choice(_WORDS[label], 4), *rng.choice(_REST, 6)]
        given = label if number % 13 else {"good": "bad", "bad": "good"}[label]
        rows.append((f"r{number}", " ".join(rng.permutation(text)), f"{rng.normal():.3f}", given))
    rows[5] = ("r<b>5", HOSTILE, "0.1", "good")
    rows += [(f"copy{number}", *rows[number][1:]) for number in (1, 2, 3)]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("id", "text", "size", "mood"), *rows])
    return path


@pytest.fixture(scope="session")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with reviews.csv and its run; tests work on copies."""
    folder = tmp_path_factory.mktemp("audited")
    source = write_reviews(folder / "reviews.csv")
    dechaff.audit(source, label="mood", out=folder / "run")
    dechaff.open_run(folder / "run").prepare_review()
    return folder


@pytest.fixture
def run(audited: Path, tmp_path: Path) -> Path:
    """A run folder of this test's own."""
    return Path(shutil.copytree(audited / "run", tmp_path / "run"))


@pytest.fixture(scope="session")
def closing() -> Iterator[list[threading.Thread]]:
    """Servers take a fifth of a second to end; no test waits for that."""
    threads: list[threading.Thread] = []
    yield threads
    for thread in threads:
        thread.join()


@pytest.fixture
def server(run: Path, closing: list[threading.Thread]) -> Iterator[ReviewServer]:
    """The page of the run, by the reviewer ann."""
    served = review(run, reviewer="ann")
    yield served
    closing.append(threading.Thread(target=served.close))
    closing[-1].start()


@dataclass
class Browser:
    """What a browser sends: the cookie, and with a form the Origin."""

    server: ReviewServer
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, form: list[tuple[str, str]] | None = None, **headers: str) -> HTTPResponse:
        """The response, its body read into ``.body``."""
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        sent = {"Host": f"127.0.0.1:{self.server.port}", "Cookie": self.cookie, **headers}
        if form is None:
            connection.request("GET", path, headers=sent)
        else:
            sent = {"Origin": f"http://127.0.0.1:{self.server.port}", **sent}
            connection.request("POST", path, urlencode(form).encode(), sent)
        response = connection.getresponse()
        response.body = response.read().decode("utf-8", "replace")  # type: ignore[attr-defined]
        connection.close()
        return response

    def page(self, path: str) -> str:
        """The content of a page that is there."""
        response = self.ask(path)
        assert response.status == 200, response.body  # type: ignore[attr-defined]
        return str(response.body)  # type: ignore[attr-defined]

    def post(self, path: str, *form: tuple[str, str]) -> str:
        """Where a form leads."""
        response = self.ask(path, list(form))
        assert response.status == 303, response.body  # type: ignore[attr-defined]
        return str(response.headers["location"])


@pytest.fixture
def browser(server: ReviewServer) -> Browser:
    """A browser that has opened the address with the token."""
    return opened(server)


def opened(server: ReviewServer) -> Browser:
    """A browser that has followed the address of a server."""
    one = Browser(server)
    answer = one.ask(server.url.removeprefix(f"http://127.0.0.1:{server.port}"))
    assert answer.status == 303
    one.cookie = answer.headers["set-cookie"].split(";")[0]
    return one
