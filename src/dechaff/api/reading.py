"""Opening sources for the public functions, and opening the source of a run again."""

from __future__ import annotations

import glob
import os
import re
import tempfile
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dechaff.backends.chosen import check_backend
from dechaff.checks import check_seed_and_threads
from dechaff.core.progress import silent
from dechaff.core.threads import training_threads
from dechaff.data.classes import is_path
from dechaff.data.dataset import Dataset
from dechaff.data.formats.files import files_of
from dechaff.data.open import open_with
from dechaff.data.open_positives import open_positives_with
from dechaff.errors import RunError, SourceChangedError
from dechaff.models.estimator import load_model_spec
from dechaff.recipe.passes.request import AuditSettings
from dechaff.records.check_choice import ALL, choice_of
from dechaff.records.decisions_csv import check_decisions_csv, read_decisions_csv
from dechaff.records.options import AuditOptions, PUOptions, restored
from dechaff.records.policies import policy_of
from dechaff.records.run import Run, read_run, refuse_foreign_folder
from dechaff.typing import Json


@dataclass(frozen=True)
class Job:
    """One call of a public function: its source and options, checked, and what follows from them."""

    source: Any
    options: AuditOptions | PUOptions
    folder: Path
    settings: AuditSettings
    started: datetime

    def about(self) -> Json:
        """The content of options.json beside the options, with the only times in a run folder."""
        finished = datetime.now(UTC)
        return {
            "source_is_path": is_path(self.source),
            "started": self.started.isoformat(timespec="seconds"),
            "finished": finished.isoformat(timespec="seconds"),
            "seconds": round((finished - self.started).total_seconds(), 1),
        }


def job_of(source: Any, options: AuditOptions | PUOptions, checks: Collection[str] = ()) -> Job:
    """Everything that can be refused before the data are read; `checks` are those among which options choose."""
    started = datetime.now(UTC)
    check_seed_and_threads(options.seed, options.threads)
    check_backend(options.backend, options.address)
    folder = run_folder(source, options.out)
    refuse_foreign_folder(folder, source if is_path(source) else None)
    settings = AuditSettings(
        policy=policy_of(options.policy),
        model=chosen_model(options.model),
        seed=options.seed,
        threads=training_threads(options.threads),
        progress=options.progress or silent,
        checks=choice_of(options, checks) if checks else ALL,
    )
    return Job(source, options, folder, settings, started)


def source_of(run: Run, source: Any = None) -> Dataset:
    """The audited rows, read again as the audit read them, from `source`; None for where they were.

    A RunError if the data were in memory and are not passed, a SourceChangedError if they are no longer those that
    were audited.
    """
    options = run.options
    if source is None and not options.get("source_is_path", False):
        raise RunError(
            f"The data of {run.folder} were in memory when they were audited, so they cannot be read again.",
            fix="Use apply() of the Audit object, or pass source=.",
        )
    where = audited_file(run) if source is None else source
    # Only a run on labelled positives has named their label. A file of test rows is not needed again.
    if options.get("positive") is None:
        used = replace(restored(AuditOptions, options), test=None)
        data = open_with(where, used, seed=used.seed).train
    else:
        data = open_positives_with(where, replace(restored(PUOptions, options), test=None)).train
    if data.source.sha256 != run.metrics.dataset.sha256:
        raise source_changed(where)
    return data


def source_changed(source: Any) -> SourceChangedError:
    """The error for data that are no longer those that were audited."""
    return SourceChangedError(
        f"{source} has changed since it was audited (another SHA-256).",
        fix="Audit the new data; decisions of reviewers stay in the run folder.",
    )


def audited_file(run: Run) -> Path:
    """The file of an audit: where it was, or, seen from another working folder, where it stands to the run folder."""
    named = Path(str(run.options.get("source")))
    for place in (named, run.folder.absolute().parent / named.name):
        if place.exists() or files_of(place):
            return place
    raise RunError(
        f"Cannot find the audited file {named}.",
        fix="Pass its location with --source FILE, or source= in Python.",
    )


def run_folder(source: Any, out: str | os.PathLike[str] | None) -> Path:
    """Where a run goes: ``--out``, else beside the file, else a new temporary folder for data in memory.

    Examples
    --------
    >>> str(run_folder("data/reviews.csv.gz", None)), str(run_folder("data/part-*.csv", None))
    ('data/reviews.dechaff', 'data/part.dechaff')
    """
    if out is not None:
        return Path(out)
    if not is_path(source):
        return Path(tempfile.mkdtemp(prefix="dechaff-"))
    path = Path(source)
    if not path.exists() and glob.has_magic(str(path)):
        path = _before_wildcards(path)
        return path.with_name(f"{path.name}.dechaff")
    if path.name in ("", ".."):
        path = path.resolve()
    plain = path.with_suffix("") if path.suffix in (".gz", ".gzip") else path
    return plain.with_name(f"{plain.stem if not path.is_dir() else plain.name}.dechaff")


def _before_wildcards(pattern: Path) -> Path:
    """The common part of the names of all files of a pattern, without wildcards."""
    place = next(place for place, part in enumerate(pattern.parts) if glob.has_magic(part))
    above, name = Path(*pattern.parts[:place]), re.split(r"[*?[]", pattern.parts[place])[0].strip("-_. ")
    return above / name if name else above.resolve()


def check_decisions(path: str | os.PathLike[str] | None, train: Dataset) -> None:
    """An InputError if a CSV of decisions does not fit the data: raised before the work, not after it."""
    if path is not None:
        keys = dict(zip(train.ids.astype(str).tolist(), train.keys.astype(str).tolist(), strict=True))
        read_decisions_csv(Path(path), keys=keys, class_names=train.class_names)


def check_decisions_alone(path: str | os.PathLike[str] | None) -> None:
    """The same, as far as possible before the data are read."""
    if path is not None:
        check_decisions_csv(Path(path))


def classes_in(path: Path, label: str | None) -> tuple[str, ...]:
    """The classes of a run folder, or those of the label column of a file, sorted."""
    if path.is_dir() and (path / "options.json").is_file():
        return read_run(path).metrics.dataset.classes
    return open_with(path, AuditOptions(label=label)).train.class_names


def chosen_model(model: Any) -> Any:
    """A model of the user's: ``module:object``, a scikit-learn estimator, or one of dechaff's own."""
    return load_model_spec(model) if isinstance(model, str) else model
