from __future__ import annotations

import socket

import pytest

from dechaff.backends import dask, ray
from dechaff.backends.address import check_listened_to, errors_about
from dechaff.errors import InputError


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
