"""Every kernel that there is here, by the name that DECHAFF_KERNEL gives it; the same ids in every process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dechaff.core.kernels.native import VARIABLE, available

NATIVE = ("sse2", "avx2", "avx512", "neon")
ALL = ("numpy", *NATIVE)


def natives() -> list[str]:
    """The native kernels that are here; skips the test if there is none."""
    found = [name for name in NATIVE if name in available()]
    if not found:
        pytest.skip("no native kernel here: not compiled, or not for this processor")
    return found


@contextmanager
def used(name: str) -> Iterator[None]:
    """The kernel of this name does the work; skipped, with the reason, where it is not here."""
    if name not in available():
        pytest.skip(f"no native kernel {name} here: not compiled, or not for this processor")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, name)
        yield
