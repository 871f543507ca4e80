from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dechaff.backends import dask, ray
from dechaff.backends.cluster import check_listened_to, ctrl_c_later, errors_about
from dechaff.errors import InputError
from tests.clusters import CLUSTERS, PACKAGES

BLOCKED = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
COMMAND = "from dechaff.surfaces.cli.main import run; run()"
needs_posix = pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="Windows has other signals")


def pressed() -> None:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.05)


def pressed_inside(steps: list[str]) -> None:
    with ctrl_c_later():
        pressed()
        steps.append("done")


@needs_posix
def test_ctrl_c_waits_for_the_end_of_the_block() -> None:
    steps: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        pressed_inside(steps)
    assert steps == ["done"]
    with pytest.raises(KeyboardInterrupt):
        pressed()


@needs_posix
def test_it_waits_where_another_thread_is_told() -> None:
    steps: list[str] = []
    ready, over = threading.Event(), threading.Event()

    def sleeping() -> None:
        ready.set()
        over.wait(timeout=10)

    thread = threading.Thread(target=sleeping)  # stood before, and blocks nothing
    thread.start()
    ready.wait()
    try:
        with pytest.raises(KeyboardInterrupt):
            pressed_inside(steps)
    finally:
        over.set()
        thread.join()
    assert steps == ["done"]


def test_an_error_inside_is_told() -> None:
    with pytest.raises(ValueError, match="no"), ctrl_c_later():
        raise ValueError("no")
    with ctrl_c_later():
        pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@needs_posix
def test_processes_and_threads_that_are_started_inside_hear_nothing() -> None:
    found: list[str] = []

    def asked() -> None:
        found.append(subprocess.run([sys.executable, "-c", BLOCKED], capture_output=True, text=True, check=True).stdout)

    with ctrl_c_later():
        asked()
        thread = threading.Thread(target=asked)
        thread.start()
    thread.join()
    asked()
    assert found == ["True\n", "True\n", "False\n"]


@needs_posix
def test_who_ignores_ctrl_c_goes_on_ignoring_it() -> None:
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with ctrl_c_later():
            pressed()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, usual)


def test_in_another_thread_no_handler_is_set() -> None:
    seen = []

    def inside() -> None:
        with ctrl_c_later():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]


def of_session(leader: int) -> list[int]:
    """The processes of a command and of all that it has started, those that have ended left out."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, session, *_ = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(session) == leader and state != "Z":
            found.append(int(stat.parent.name))
    return found


def waited(for_what: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not for_what():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked for in /proc")
@pytest.mark.parametrize("moment", ["starting", "started", "at work"])
@pytest.mark.parametrize("engine", CLUSTERS)
def test_a_command_on_workers_of_this_machine_ends_with_one_line(engine: str, moment: str, tmp_path: Path) -> None:
    """As a terminal does it: all processes of the command are told."""
    pytest.importorskip(PACKAGES[engine])
    probs = np.random.default_rng(0).dirichlet(np.full(4, 0.3), 800_000)
    table = pl.DataFrame(dict(zip("abcd", probs.T, strict=True)) | {"label": np.array([*"abcd"])[probs.argmax(axis=1)]})
    table.write_parquet(tmp_path / "probs.parquet", row_group_size=100_000)
    words = ["labels", str(tmp_path / "probs.parquet"), "--label", "label", "--backend", engine, "--threads", "2"]
    said = tmp_path / "said.txt"
    with said.open("w") as stream:
        command = subprocess.Popen(
            [sys.executable, "-c", COMMAND, *words, "--out", str(tmp_path / "out")],
            stderr=stream,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        wanted = {"starting": 2, "started": 3, "at work": 1}[moment]
        waited(lambda: len(of_session(command.pid)) >= wanted or command.poll() is not None)
        if moment == "at work":
            waited(lambda: "Reading the noise" in said.read_text() or command.poll() is not None)
        os.killpg(command.pid, signal.SIGINT)
        assert command.wait(timeout=60) == 130
    *steps, last = said.read_text().splitlines()
    assert last == "Stopped."
    assert [step for step in steps if not step.endswith("…") and "resumes after the passes" not in step] == []
    waited(lambda: of_session(command.pid) == [], seconds=30)
    assert not list(tmp_path.rglob("*.tmp"))
    if (tmp_path / "out").exists():
        assert list(tmp_path.rglob("*.npz"))


@pytest.fixture
def nobody() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("scheme", ["", "tcp://", "tls://", "ray://"])
def test_an_address_at_which_somebody_listens_will_do(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        check_listened_to(f"{scheme}127.0.0.1:{port}", "Dask", 1)
        check_listened_to(f"{scheme}127.0.0.1", "Dask", port)


@pytest.mark.parametrize("address", ["auto", "local", "ucx://nowhere:1"])
def test_words_and_other_networks_are_left_to_the_engine(address: str) -> None:
    check_listened_to(address, "Ray", 1)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:none", "tcp://127.0.0.1:99999"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="No Dask cluster answers at tcp"):
        check_listened_to(address, "Dask", 1)


@pytest.mark.parametrize("engine", ["Dask", "Ray"])
def test_a_silent_address_is_refused_at_once_and_the_way_out_is_named(
    engine: str, nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == "Dask":
        pytest.importorskip("distributed", reason="distributed is not installed")
        backend, address = dask, f"tcp://{nobody}"
    else:
        package = pytest.importorskip("ray", reason="ray is not installed")
        monkeypatch.setattr(package, "is_initialized", lambda: False)  # another test may have connected this process
        monkeypatch.setattr(package, "shutdown", None)  # what was not begun here is not ended here
        backend, address = ray, nobody
    refused = pytest.raises(InputError, match=f"No {engine} cluster answers at")
    with refused as raised, backend.connected(address):
        pass
    assert address in str(raised.value)
    assert "as `" in raised.value.fix


def test_an_error_without_words_is_told_by_its_name() -> None:
    with pytest.raises(InputError, match="at there: TimeoutError"), errors_about("there", "Ray"):
        raise TimeoutError
