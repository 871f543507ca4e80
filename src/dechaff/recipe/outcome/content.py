"""What goes into the run folder of an audit."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np

from dechaff._version import __version__
from dechaff.recipe.audit import Audited
from dechaff.recipe.outcome.examples import Evidence
from dechaff.recipe.outcome.findings_writer import FindingsWriter
from dechaff.recipe.outcome.metrics import summary_of
from dechaff.recipe.outcome.row_results import RowResults
from dechaff.recipe.outcome.row_store import RowStore
from dechaff.recipe.outcome.run_writer import AuditOutcome, Piece
from dechaff.recipe.passes.row_order import file_order
from dechaff.records.findings import RowNames, not_run_finding
from dechaff.records.options import AnyOptions, flag_words, options_of, plain, plain_value
from dechaff.typing import Json

_PACKAGES = ("numpy", "scipy", "scikit-learn", "polars")


@dataclass(frozen=True)
class Command:
    """A command with its source and options; ``about`` is what else options.json says of the run."""

    verb: str
    source: Any
    options: AnyOptions
    about: Mapping[str, Any] = field(default_factory=dict)

    def written(self) -> Json:
        """The content of options.json."""
        given = {"source": plain_value(self.source), **plain(self.options)}
        kept = {name: value for name, value in given.items() if value not in ([], ())}
        return {**kept, **self.about, "environment": environment()}

    def line(self, *also: str) -> str:
        """The command that finds the same again: the options on which that depends, and those named in `also`.

        Examples
        --------
        >>> from dechaff.records.options import AuditOptions
        >>> Command("audit", "my file.csv", AuditOptions(label="y", text=["a", "b"], threads=2)).line()
        "dechaff audit 'my file.csv' --label y --text a --text b --policy conservative --seed 0"
        """
        words = ["dechaff", self.verb, str(plain_value(self.source))]
        given = plain(self.options)
        for name, option in options_of(type(self.options)).items():
            # A policy with bounds of its own has no flag.
            if option.has_flag and (option.decides or name in also) and not isinstance(given.get(name), dict):
                words += flag_words(name, given.get(name))
        return shlex.join(words)


def outcome_of(audited: Audited) -> AuditOutcome:
    """An audit in memory, ready to be written."""
    train, base, improved = audited.train, audited.base, audited.improved
    order, n_rows = file_order(train), train.source.n_rows
    places = np.full(n_rows, -1, dtype=np.int64)
    places[train.positions] = np.arange(len(train))

    def name_of(row: int) -> str:
        return str(train.ids[places[row]])

    results = RowResults(RowStore(None, n_rows), FindingsWriter())
    for detection in audited.detections:
        if detection.score is not None:
            results.begin(detection.code)
        results.add(detection, train.positions, name_of)
        if detection.not_run:
            results.found([not_run_finding(detection)], name_of)
    names = audited.names
    piece = Piece(
        train.positions[order],
        RowNames(names.ids[order], names.keys[order], names.given[order]),
        train.codes[order],
        improved.decided.take(order),
    )
    return AuditOutcome(
        summary_of(audited),
        [results.writer],
        results,
        lambda: iter([piece]),
        lambda rows: (
            Evidence(train, improved.probs, base.fit_predict),
            dict(zip(rows.tolist(), places[rows].tolist(), strict=True)),
        ),
        arrays={
            "pred_probs": improved.probs[order].astype(np.float32),
            "labels": train.codes[order],
            "folds": base.folds[order].astype(np.int64),
            "class_names": np.array(train.class_names, dtype=np.str_),
            "ids": train.ids[order].astype(np.str_),
        },
    )


def environment() -> dict[str, str]:
    """Versions of everything that could change a figure."""
    return {
        "dechaff": __version__,
        "python": platform.python_version(),
        **{package: version(package) for package in _PACKAGES},
    }
