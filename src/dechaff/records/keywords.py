"""A function of a record of options, as one with a keyword for each option."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast, get_type_hints, overload

from dechaff.records.options import options_of

P = ParamSpec("P")
O_co = TypeVar("O_co", covariant=True)
R = TypeVar("R")


class _Takes(Protocol[P, O_co]):
    @overload
    def __call__(self, work: Callable[[O_co], R], /) -> Callable[P, R]: ...
    @overload
    def __call__(self, work: Callable[[Any, O_co], R], /) -> Callable[Concatenate[Any, P], R]: ...
    @overload
    def __call__(self, work: Callable[[Any, Any, O_co], R], /) -> Callable[Concatenate[Any, Any, P], R]: ...
    @overload
    def __call__(self, work: Callable[[Any, Any, Any, O_co], R], /) -> Callable[Concatenate[Any, Any, Any, P], R]: ...


def takes(record: Callable[P, O_co], *, without: tuple[str, ...] = ()) -> _Takes[P, O_co]:
    """Turn a function of sources and a record of options into one with a keyword for each option.

    Options in `without` keep their defaults. The signature shows every other keyword with its type and default, and
    ``**options`` in the docstring becomes their description.

    Examples
    --------
    >>> from dechaff.records.options import FileOptions
    >>> @takes(FileOptions)
    ... def read(source, options):
    ...     return source, options.delimiter
    >>> read("a.csv", delimiter=";")
    ('a.csv', ';')
    >>> inspect.signature(read)
    <Signature (source, *, delimiter: str | None = None, encoding: str | None = None)>
    """

    def decorate(work: Callable[..., Any]) -> Callable[..., Any]:
        takes_these = inspect.signature(work)
        first = list(takes_these.parameters.values())[:-1]
        hints = get_type_hints(record)
        of_record = [one for one in inspect.signature(record).parameters.values() if one.name not in without]
        keywords = [one.replace(annotation=hints[one.name]) for one in of_record]
        signature = takes_these.replace(parameters=[*first, *keywords])

        @wraps(work)
        def public(*args: Any, **given: Any) -> Any:
            _check_known(work.__name__, given, signature)
            bound = signature.bind(*args, **given).arguments
            return work(*(bound.pop(one.name, one.default) for one in first), cast(Any, record)(**bound))

        public.__signature__ = signature  # type: ignore[attr-defined]
        public.__annotations__ = {
            **{one.name: one.annotation for one in (*first, *keywords)},
            "return": takes_these.return_annotation,
        }
        public.__doc__ = (work.__doc__ or "").replace("    **options\n", _described(cast(type, record)))
        return public

    return decorate


def _check_known(name: str, given: Iterable[str], signature: inspect.Signature) -> None:
    """A TypeError, as Python raises, for a keyword that the function does not have; it proposes the closest one."""
    for keyword in given:
        if keyword not in signature.parameters:
            close = difflib.get_close_matches(keyword, signature.parameters, n=1)
            meant = f". Did you mean {close[0]!r}?" if close else ""
            raise TypeError(f"{name}() got an unexpected keyword argument {keyword!r}{meant}")


def with_options(public: Callable[..., R]) -> Callable[..., R]:
    """The function behind one that `takes` a keyword for each option: of sources and a record of options.

    Examples
    --------
    >>> from dechaff.records.options import FileOptions
    >>> read = takes(FileOptions)(lambda source, options: options.encoding)
    >>> with_options(read)("a.csv", FileOptions(encoding="utf-8"))
    'utf-8'
    """
    work: Callable[..., R] = cast(Any, public).__wrapped__
    return work


def _described(record: type) -> str:
    lines = (f"    {name} : {one.kind}\n        {one.help}\n" for name, one in options_of(record).items())
    return "".join(lines)
