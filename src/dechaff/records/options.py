"""Every option of `audit`, `pu`, `prove` and `run_recipe`, typed once: keyword in Python, flag, entry of options.json.

A record is made of parts; each part is a group of flags. The type and the default of an option are those of its field,
everything else is in its `Option`. To add an option, add a field.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args, get_type_hints

from dechaff.core.progress import Progress
from dechaff.records.check_choice import CheckOptions
from dechaff.records.option import Option
from dechaff.records.policies import Policy
from dechaff.typing import Json

R = TypeVar("R")
_Names = Sequence[str]
_FLAGS = tuple[str, ...]
_Name = str | None


@dataclass(frozen=True, kw_only=True)
class ColumnOptions:
    """What the columns are. Everything else is inferred; the summary lists what was assumed."""

    label: Annotated[
        Any, Option("Column that holds the labels.", "column name, or array-like of (n,) labels", str | None)
    ] = None
    id: Annotated[_Name, Option("Column of unique row IDs.", "column name")] = None
    group: Annotated[
        _Name,
        Option("Column of rows that belong together (a patient, an author); no split separates them.", "column name"),
    ] = None
    text: Annotated[
        _Names, Option("Column to read as text; repeatable, like the next four.", "column names", _FLAGS)
    ] = ()
    categorical: Annotated[_Names, Option("Column to read as categories.", "column names", _FLAGS)] = ()
    numeric: Annotated[_Names, Option("Column to read as numbers.", "column names", _FLAGS)] = ()
    date: Annotated[_Names, Option("Column to read as dates.", "column names", _FLAGS)] = ()
    drop: Annotated[_Names, Option("Column to leave out of the features.", "column names", _FLAGS)] = ()


@dataclass(frozen=True, kw_only=True)
class SpellingOptions:
    """What counts as one label."""

    exact_labels: Annotated[
        bool,
        Option("Take labels literally: each spelling is a class, and no word means that the label is missing.", "bool"),
    ] = False


@dataclass(frozen=True, kw_only=True)
class ClassOptions:
    """The classes."""

    classes: Annotated[
        _Names,
        Option(
            "All classes, in the order of their keys: a,b,c, or one flag for each; or a run folder or labelled file "
            "that has them. Then rows, all rows too, may have no label yet, and the label column may be absent.",
            "class names",
            _FLAGS,
        ),
    ] = ()


@dataclass(frozen=True, kw_only=True)
class SplitOptions:
    """The held-out test rows. They are sealed: nothing is fitted, cleaned or chosen on them."""

    test: Annotated[Any, Option("File of test rows.", "source", Path | None)] = None
    test_size: Annotated[
        float | None, Option("Proportion (0.2) or number (500) of rows to hold out.", "float in (0, 1) or int")
    ] = None
    split: Annotated[_Name, Option("Column that contains the words train and test.", "column name")] = None


@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """How a text file is read."""

    delimiter: Annotated[_Name, Option("Field delimiter of a text file.", "str")] = None
    encoding: Annotated[_Name, Option("Character encoding, for example utf-8 or latin-1.", "str")] = None


@dataclass(frozen=True, kw_only=True)
class FeatureOptions:
    """An embedding of the rows."""

    features: Annotated[Any, Option("An embedding of every row.", "(n, d) float", None)] = None


@dataclass(frozen=True, kw_only=True)
class ProbOptions:
    """The predictions of another model."""

    probs: Annotated[
        Any,
        Option("Out-of-sample probabilities, classes sorted; then no model judges labels.", "(n, k) float", None),
    ] = None


@dataclass(frozen=True, kw_only=True)
class ModelOptions:
    """The model."""

    model: Annotated[
        Any,
        Option(
            "Your own scikit-learn classifier, as module:object. Default: chosen by the kinds of the columns.",
            'scikit-learn classifier, or "module:object"',
            str | None,
        ),
    ] = None


POLICY = Option(
    "How certain the audit must be before it drops or relabels a row.",
    '"conservative", "balanced", "bold", "review" or a Policy',
    Literal["conservative", "balanced", "bold", "review"],
)


@dataclass(frozen=True, kw_only=True)
class PolicyOptions:
    """What is decided automatically."""

    policy: Annotated[str | Policy, POLICY] = "conservative"


@dataclass(frozen=True, kw_only=True)
class SeedOptions:
    """The seed."""

    seed: Annotated[int, Option("Seed of all random draws.", "int, 0 or more")] = 0


@dataclass(frozen=True, kw_only=True)
class BackendOptions:
    """Threads or a cluster. The result does not depend on it."""

    threads: Annotated[
        int | None, Option("Threads (or workers to start). Default: one per core.", "int, 1 or more", decides=False)
    ] = None
    backend: Annotated[
        str,
        Option(
            "Run on local threads, or on the workers of a Dask or Ray cluster.",
            '"local", "dask" or "ray"',
            Literal["local", "dask", "ray"],
            decides=False,
        ),
    ] = "local"
    address: Annotated[
        Any,
        Option(
            "Address of the cluster, for example tcp://host:8786. Default: the open connection, or new workers on this "
            "machine.",
            "str",
            str | None,
            decides=False,
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class RunOptions(BackendOptions):
    """Threads or a cluster, the memory limit, and progress."""

    memory: Annotated[
        str | int | None,
        Option(
            "Memory limit, for example 2GB. Default: 75 % of the free memory. Larger data are processed out of core.",
            '"2GB", "800MB" or a number of bytes',
            str | None,
            decides=False,
        ),
    ] = None
    progress: Annotated[
        Progress | None, Option("Called with the step and its progress.", "progress(step, done, total)", None, False)
    ] = None


@dataclass(frozen=True, kw_only=True)
class FolderOptions:
    """The run folder."""

    out: Annotated[
        str | os.PathLike[str] | None,
        Option(
            "Folder to write. Default: SOURCE.dechaff beside a file, a temporary one for data in memory.",
            "path",
            Path | None,
            decides=False,
        ),
    ] = None
    decisions: Annotated[
        str | os.PathLike[str] | None,
        Option("Decisions to start from: a CSV that dechaff wrote and you edited.", "path", Path | None, decides=False),
    ] = None


@dataclass(frozen=True, kw_only=True)
class PositiveOptions:
    """The meaning of a label."""

    positive: Annotated[
        Any,
        Option(
            "Label of the labelled positives; all other rows, empty or of one other value, are unlabelled. Not needed "
            "for one value and empty cells, 1 and 0, 1 and -1, true and false.",
            "value",
            str | None,
        ),
    ] = None
    scheme: Annotated[
        Literal["single-training-set", "case-control"],
        Option(
            "Whether all rows are one sample of the population, labelled in part, or the unlabelled rows are a sample "
            "of their own.",
            '"single-training-set" or "case-control"',
        ),
    ] = "single-training-set"


Metric = Literal["accuracy", "balanced_accuracy", "f1", "log_loss", "auc"]


@dataclass(frozen=True, kw_only=True)
class MetricOptions:
    """What a proof measures."""

    metric: Annotated[
        str,
        Option(
            "Metric of the proof. For unbalanced classes, choose one other than accuracy.",
            '"accuracy", "balanced_accuracy", "f1", "log_loss" or "auc"',
            Metric,
        ),
    ] = "accuracy"


@dataclass(frozen=True, kw_only=True)
class ReadOptions(FeatureOptions, FileOptions, SplitOptions, ClassOptions, SpellingOptions, ColumnOptions):
    """How a data set is read. (Bases are listed backwards: the fields of the last one come first.)"""


@dataclass(frozen=True, kw_only=True)
class DataOptions(SeedOptions, ProbOptions, ReadOptions):
    """The options of `open_data`."""


@dataclass(frozen=True, kw_only=True)
class AuditOptions(
    FolderOptions, RunOptions, SeedOptions, CheckOptions, PolicyOptions, ModelOptions, ProbOptions, ReadOptions
):
    """The options of `audit`."""


@dataclass(frozen=True, kw_only=True)
class RecipeOptions(MetricOptions, AuditOptions):
    """The options of `run_recipe`.

    The policy is bolder than that of `audit`, because the rounds are tested.
    """

    policy: Annotated[str | Policy, POLICY] = "bold"
    rounds: Annotated[
        int,
        Option("Maximum number of rounds. The first round that is not kept ends them.", "int, 1 or more"),
    ] = 4
    augment: Annotated[
        bool,
        Option("Also search for an operation of data augmentation; it is kept if sealed test rows confirm it.", "bool"),
    ] = False
    choose_features: Annotated[
        bool,
        Option("Also choose columns and create features for the model, and prove them on the sealed rows.", "bool"),
    ] = False


@dataclass(frozen=True, kw_only=True)
class PUOptions(
    FolderOptions, RunOptions, SeedOptions, CheckOptions, PolicyOptions, ModelOptions, FeatureOptions, FileOptions,
    SplitOptions, PositiveOptions, ColumnOptions,
):  # fmt: skip
    """The options of `pu`."""


@dataclass(frozen=True, kw_only=True)
class ProveOptions(RunOptions, SeedOptions, MetricOptions, ModelOptions, FileOptions, SpellingOptions, ColumnOptions):
    """The options of `prove`."""

    seeds: Annotated[
        int | None, Option("Number of paired trainings. Default: 10, or 5 above 20,000 rows.", "int, 2 or more")
    ] = None
    run: Annotated[
        str | os.PathLike[str] | None,
        Option(
            "Run folder of the data before cleaning, whose report then shows the proof. Default: the one beside them.",
            "path",
            Path | None,
            decides=False,
        ),
    ] = None


AnyOptions = AuditOptions | PUOptions | ProveOptions


def options_of(record: type) -> dict[str, Option]:
    """Name -> option, for every field of a record.

    Examples
    --------
    >>> list(options_of(FileOptions)), options_of(FileOptions)["delimiter"].help
    (['delimiter', 'encoding'], 'Field delimiter of a text file.')
    """
    return dict(_options_of(record))


@cache
def _options_of(record: type) -> dict[str, Option]:
    hints = get_type_hints(record, include_extras=True)
    described = ((field.name, one) for field in fields(record) for one in get_args(hints[field.name])[1:])
    return {name: one for name, one in described if isinstance(one, Option)}


def part_of(record: type[R], options: object, **more: Any) -> R:
    """The options that two records share, as one of them, with `more`.

    Examples
    --------
    >>> part_of(SeedOptions, AuditOptions(seed=3))
    SeedOptions(seed=3)
    """
    shared = {name: getattr(options, name) for name in options_of(record) if hasattr(options, name)}
    return record(**{**shared, **more})


def plain(options: AnyOptions) -> Json:
    """The options as JSON values: paths as text, arrays and estimators by what they are. None is left out.

    Examples
    --------
    >>> plain(ProveOptions(label="y", seeds=3))["seeds"]
    3
    """
    given = {name: getattr(options, name) for name in options_of(type(options)) if name != "progress"}
    return {name: plain_value(value) for name, value in given.items() if value is not None}


def plain_value(value: Any) -> Any:
    """One value of an option as a JSON value."""
    if isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Policy):
        return asdict(value)
    if isinstance(value, (list, tuple)) and all(isinstance(item, (str, int, float)) for item in value):
        return list(value) if len(value) <= 100 else f"<{len(value)} values>"
    shape = getattr(value, "shape", None)
    return f"<{type(value).__name__}{'' if shape is None else f' {tuple(shape)}'}>"


def restored(record: type[R], content: Mapping[str, Any]) -> R:
    """The options of a run again, from its ``options.json``; without arrays, which it does not hold."""
    held = {name: content[name] for name, one in options_of(record).items() if one.has_flag and name in content}
    if isinstance(held.get("policy"), dict):
        held["policy"] = Policy(**held["policy"])
    return record(**held)


def deciding(record: type) -> tuple[str, ...]:
    """Names of the options on which the findings depend.

    Examples
    --------
    >>> deciding(RunOptions), deciding(SplitOptions)
    ((), ('test', 'test_size', 'split'))
    """
    return tuple(name for name, one in options_of(record).items() if one.decides)
