"""Long steps whose results are kept, so that killed work resumes: where they are kept is decided around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias

import numpy.typing as npt

Arrays = Mapping[str, npt.NDArray[Any]]
Keep: TypeAlias = Callable[[str, Callable[[], Arrays]], Arrays]
"""``keep(name, work)``: the arrays that were kept by this name; if there are none, those that `work` returns."""
_keep: ContextVar[Keep] = ContextVar("keep", default=lambda name, work: work())


@contextmanager
def results_kept_by(keep: Keep) -> Iterator[None]:
    """Inside, `once` keeps results; repeated steps are numbered."""
    taken: Counter[str] = Counter()

    def numbered(step: str, work: Callable[[], Arrays]) -> Arrays:
        taken[step] += 1
        return keep(f"{step}-{taken[step]:03d}", work)

    before = _keep.set(numbered)
    try:
        yield
    finally:
        _keep.reset(before)


def once(step: str, work: Callable[[], Arrays]) -> Arrays:
    """The arrays that `work` returns, or that it returned before the process was killed.

    Steps must be taken in an order that depends on nothing but the data and options, from one thread.

    Examples
    --------
    >>> kept = {}
    >>> for number in (1, 2):
    ...     with results_kept_by(lambda name, work: kept[name] if name in kept else kept.setdefault(name, work())):
    ...         print(once("step", lambda: {"x": np.array(number)})["x"])
    1
    1
    """
    return _keep.get()(step, work)
