"""Which passes of a run are finished, and what came of them: a run that was stopped goes on after the last one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from dechaff.core.files import write_whole
from dechaff.core.progress import Progress

T = TypeVar("T")
_FILE = "finished.msgpack"


@dataclass
class Passes:
    """Outcomes by name, as plain values; those of other data or options are not used."""

    folder: Path
    fingerprint: str
    progress: Progress
    done: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, asked: Mapping[str, Any], progress: Progress) -> Passes:
        """The passes that were finished for the same data and options."""
        fingerprint = msgspec.json.encode(asked, order="sorted", enc_hook=str).decode()
        path = folder / _FILE
        if path.is_file():
            try:
                held = msgspec.msgpack.decode(path.read_bytes())
            except msgspec.DecodeError:
                held = {}
            if isinstance(held, dict) and held.get("fingerprint") == fingerprint:
                return cls(folder, fingerprint, progress, held["done"])
        return cls(folder, fingerprint, progress)

    def run(self, name: str, form: type[T], work: Callable[[], T]) -> T:
        """What a pass finds: kept from before, or found now and kept."""
        if name in self.done:
            self.progress(f"{name}: finished before, not done again", 0, 0)
            return msgspec.convert(self.done[name], form)
        found = work()
        self.done[name] = msgspec.to_builtins(found, enc_hook=_plain)
        self._keep()
        return found

    def _keep(self) -> None:
        content = msgspec.msgpack.encode({"fingerprint": self.fingerprint, "done": self.done})
        write_whole(self.folder / _FILE, content)


def any_finished(folder: Path) -> bool:
    """Whether the folder knows of a finished pass, for whatever data and options."""
    return (folder / _FILE).is_file()


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise NotImplementedError(type(value).__name__)
