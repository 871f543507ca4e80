"""Fitted models on disk without pickle: arrays and a list of plain values, from which only known types are made.

A file holds what `object.__reduce_ex__` tells of each part: the type, its arguments and its state. Loading makes an
object only if its type is listed here or is an estimator of scikit-learn, so that a file runs no code of its own.
Saving an estimator with parts of other packages raises an error that names them.
"""

from __future__ import annotations

import copyreg
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from dechaff.core.files import write_whole
from dechaff.errors import InputError, RunError
from dechaff.models.index_bounds import check_bounds
from dechaff.models.model import Fitted

_OF_MODELS = frozenset(
    f"dechaff.models.{name}"
    for name in (
        "model.EncodedFitted",
        "text.TextEncoding",
        "text.Grams",
        "columns.LinearEncoding",
        "columns.TreeEncoding",
        "columns.EmbeddingEncoding",
        "images.ImageEncoding",
        "estimator.GivenShape",
        "estimator.FittedEstimator",
        "estimator.CalibratedEstimator",
        "boosting.BoostedTrees",
        "softmax.SoftmaxWeights",
        "neighbours.NeighbourVotes",
        "neighbours.Neighbours",
    )
)
_OF_FEATURES = frozenset(
    f"dechaff.estimators.features.{name}"
    for name in (
        "featured_model.FeaturedFitted",
        "creation.learnt.FittedBins",
        "creation.learnt.FittedCount",
        "creation.learnt.FittedMeans",
        "creation.row_wise.DatePart",
        "creation.row_wise.Difference",
        "creation.row_wise.Logarithm",
        "creation.row_wise.Ratio",
        "creation.row_wise.TextMeasure",
    )
)
OWN_TYPES = _OF_MODELS | _OF_FEATURES
"""Parts of dechaff's fitted models: frozen records of arrays, safe to load."""
_OTHERS = {
    "builtins": "range slice",
    "functools": "partial",
    "numpy.random._mt19937": "MT19937",
    "numpy.random._pcg64": "PCG64 PCG64DXSM",
    "numpy.random._philox": "Philox",
    "numpy.random._sfc64": "SFC64",
    "numpy.random._pickle": "__bit_generator_ctor __generator_ctor __randomstate_ctor",
    "numpy.random.bit_generator": "SeedSequence __pyx_unpickle_SeedSequence",
    "scipy.sparse._csc": "csc_array csc_matrix",
    "scipy.sparse._csr": "csr_array csr_matrix",
    "sklearn._loss.link": "HalfLogitLink IdentityLink Interval LogLink LogitLink MultinomialLogit",
    "sklearn._loss.loss": "ExponentialLoss HalfBinomialLoss HalfMultinomialLoss",
    "sklearn._loss._loss": "CyExponentialLoss CyHalfBinomialLoss CyHalfMultinomialLoss CyHalfSquaredError CyHuberLoss"
    " __pyx_unpickle_CyHalfMultinomialLoss",
    "sklearn.calibration": "_CalibratedClassifier",
    "sklearn.ensemble._hist_gradient_boosting.predictor": "TreePredictor",
    "sklearn.linear_model._sgd_fast": "EpsilonInsensitive Hinge ModifiedHuber SquaredEpsilonInsensitive SquaredHinge",
    "sklearn.neural_network._stochastic_optimizers": "AdamOptimizer SGDOptimizer",
    "sklearn.tree._tree": "Tree",
    "sklearn.utils._bunch": "Bunch",
}
_OPTIONS = {
    "builtins": "bool float int object str",
    "sklearn.feature_selection._mutual_info": "mutual_info_classif",
    "sklearn.feature_selection._univariate_selection": "chi2 f_classif",
    "sklearn.utils.validation": "check_array",
}


def _names(of_modules: dict[str, str]) -> frozenset[str]:
    return frozenset(f"{module}.{name}" for module, names in of_modules.items() for name in names.split())


OTHER_TYPES = _names(_OTHERS)
"""Parts of scikit-learn's estimators that are no estimators: records of numbers, and functions that make them."""
OPTIONS = _names(_OPTIONS)
"""Types and functions that estimators have as options: named only, never called while loading."""
_GRAPH = "graph"
Arrays: TypeAlias = dict[str, npt.NDArray[Any]]
_ATOMS = (type(None), bool, int, float, str)


def save(fitted: Fitted, path: Path) -> None:
    """Writes a fitted model atomically; equal models give equal bytes.

    Raises
    ------
    InputError
        If it contains types of other packages, which could not be loaded.
    """
    parts = _Parts()
    try:
        root = parts.plain(fitted)
    except Exception as error:  # whatever a part says that cannot be taken apart
        raise InputError(
            "the model to be saved",
            "be made of scikit-learn, numpy and scipy parts, because models are stored without pickle",
            str(error),
            "Save your own estimator with joblib.dump yourself, or use one of scikit-learn's.",
        ) from error
    graph = json.dumps([root, parts.nodes]).encode()
    stored = BytesIO()
    np.savez_compressed(stored, allow_pickle=False, **{_GRAPH: np.frombuffer(graph, np.uint8)}, **parts.arrays)
    write_whole(path, stored.getvalue())


def load(path: Path) -> Any:
    """Loads a fitted model that `save` wrote.

    Raises
    ------
    RunError
        If the file cannot be read, or contains types that are not known to be safe.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        root, nodes = json.loads(arrays[_GRAPH].tobytes())
        return _Made(nodes, arrays).checked(root)
    except _UnknownTypeError as error:
        raise RunError(
            f"The model file {path} contains types that are not known to be safe: {error}.",
            fix="Do not open it: dechaff did not write it. Run the recipe again to create it anew.",
        ) from error
    except Exception as error:  # what scikit-learn's own parts raise for a state that they do not know
        raise RunError(
            f"Cannot read the model file {path}: {type(error).__name__}: {error}.",
            fix="Run the recipe again to create it anew.",
        ) from error


class _UnknownTypeError(TypeError):
    """A type that is not known to be safe."""


@dataclass
class _Parts:
    """The parts of a model as plain values and arrays; a part that is used twice is stored once."""

    nodes: list[list[Any]] = field(default_factory=list)
    arrays: Arrays = field(default_factory=dict)
    _seen: dict[int, int] = field(default_factory=dict)
    _alive: list[Any] = field(default_factory=list)
    """What has been seen stays alive, so that no other object gets its identity."""

    def plain(self, value: Any) -> Any:
        """The value itself if JSON has it, or else a list with the number of its node."""
        if type(value) in _ATOMS:
            return value
        if id(value) not in self._seen:
            self._seen[id(value)] = number = len(self.nodes)
            self._alive.append(value)
            self.nodes.append([])
            self.nodes[number] = self._node(value)
        return [self._seen[id(value)]]

    def _all(self, values: Iterable[Any]) -> list[Any]:
        return [self.plain(one) for one in values]

    def _array(self, array: Any) -> str:
        name = f"a{len(self.arrays)}"
        self.arrays[name] = array
        return name

    def _node(self, value: Any) -> list[Any]:
        kind = type(value)
        if kind in (list, tuple):
            return [kind.__name__, self._all(value)]
        if kind in (set, frozenset):
            return [kind.__name__, self._all(sorted(value, key=repr))]
        if kind is dict:
            return ["dict", self._all(value), self._all(value.values())]
        if isinstance(value, type | FunctionType | BuiltinFunctionType | np.ufunc):
            return ["name", _name_of(value)]
        if isinstance(value, np.ndarray | np.generic | np.dtype):
            return self._of_numpy(value)
        return self._reduced(value)

    def _of_numpy(self, value: Any) -> list[Any]:
        dtype = value if isinstance(value, np.dtype) else value.dtype
        if dtype is value:
            return ["name", "numpy.object_"] if dtype.hasobject else ["dtype", self._array(np.empty(0, dtype))]
        if isinstance(value, np.generic) and dtype.kind in "biufU":
            return ["scalar", dtype.str, value.item()]
        if type(value) in (np.ndarray, np.memmap) and not dtype.hasobject:
            return ["array", self._array(np.asarray(value))]
        if type(value) is np.ndarray and dtype.kind == "O":
            return ["objects", list(value.shape), self._all(value.ravel())]
        raise _UnknownTypeError(f"{type(value).__module__}.{type(value).__qualname__} of {dtype}")

    def _reduced(self, value: Any) -> list[Any]:
        reduced = value.__reduce_ex__(2)
        if isinstance(reduced, str):
            return ["name", _name_of(value)]
        made_by, args, *rest = reduced
        state, items, pairs = (*rest, None, None, None)[:3]
        kind = "new" if made_by is copyreg.__newobj__ else "call"  # type: ignore[attr-defined]
        if kind == "new":
            made_by, *args = args
        listed = [self._all(items or ()), self._all(pairs or ())]
        return [kind, _name_of(made_by), self._all(args), self.plain(state), *listed]


def _name_of(value: Any) -> str:
    """The module and name of a type or function that is known."""
    if isinstance(value, np.ufunc):
        name = f"{'numpy' if hasattr(np, value.__name__) else 'scipy.special'}.{value.__name__}"
    else:
        name = f"{value.__module__}.{getattr(value, '__qualname__', type(value).__name__)}"
    if _known(name) is not value:
        raise _UnknownTypeError(name)
    return name


def _known(name: str) -> Any:
    """The type or function of a name, if it is known to be safe."""
    module, _, last = name.rpartition(".")
    if name in OWN_TYPES | OTHER_TYPES | OPTIONS:
        return getattr(import_module(module), last)
    if module in ("numpy", "scipy.special"):
        found = getattr(import_module(module), last, None)
        if isinstance(found, np.ufunc) or (isinstance(found, type) and issubclass(found, np.generic)):
            return found
    if module.startswith("sklearn."):
        from sklearn.base import BaseEstimator
        from sklearn.gaussian_process.kernels import Kernel

        found = getattr(import_module(module), last, None)
        if isinstance(found, type) and issubclass(found, BaseEstimator | Kernel):
            return found
    raise _UnknownTypeError(name)


def _maker(kind: str, name: str, given: list[Any]) -> Callable[..., Any]:
    """What makes an object: a listed function or type, or the type of an estimator."""
    maker = _known(name)
    if name in OPTIONS or (not name.startswith("sklearn.") and name not in OWN_TYPES | OTHER_TYPES):
        raise _UnknownTypeError(name)
    if kind == "new":
        return partial(maker.__new__, maker)
    if name not in OTHER_TYPES:
        raise _UnknownTypeError(name)
    if name == "sklearn.tree._tree.Tree" and np.shape(given[1]) != (given[2],):
        raise ValueError("a tree needs the number of classes of each output")  # its constructor reads them unchecked
    return cast("Callable[..., Any]", maker)


@dataclass
class _Made:
    """The parts of a stored model, each made once."""

    nodes: list[list[Any]]
    arrays: Arrays
    _made: dict[int, Any] = field(default_factory=dict)
    _finished: list[Any] = field(default_factory=list)
    """Each part after the parts that it contains."""

    def checked(self, root: Any) -> Any:
        """The whole model, whose compiled parts stay inside their arrays."""
        model = self.value(root)
        check_bounds(self._finished)
        return model

    def value(self, plain: Any) -> Any:
        """A plain value, or the part that it names."""
        if not isinstance(plain, list):
            return plain
        (number,) = plain
        if number not in self._made:
            kind, *content = self.nodes[number]
            self._made[number] = self._part(number, kind, content)
            self._finished.append(self._made[number])
        return self._made[number]

    def _all(self, plain: Iterable[Any]) -> list[Any]:
        return [self.value(one) for one in plain]

    def _part(self, number: int, kind: str, content: list[Any]) -> Any:
        if kind in _COLLECTIONS:
            return _COLLECTIONS[kind](self._all(content[0]))
        if kind in ("array", "dtype"):
            array = self.arrays[content[0]]
            return array if kind == "array" else array.dtype
        if kind == "scalar":
            dtype = np.dtype(content[0])
            return np.str_(content[1]) if dtype.kind in "OSUVmM" else dtype.type(content[1])
        if kind == "dict":
            return dict(zip(self._all(content[0]), self._all(content[1]), strict=True))
        if kind == "objects":
            flat = np.empty(len(content[1]), dtype=object)
            flat[:] = self._all(content[1])
            return flat.reshape(content[0])
        if kind == "name":
            return _known(content[0])
        return self._object(number, kind, *content)

    def _object(
        self, number: int, kind: str, name: str, args: list[Any], state: Any, items: list[Any], pairs: list[Any]
    ) -> Any:
        given = self._all(args)
        found = self._made[number] = _maker(kind, name, given)(*given)
        _set_state(found, self.value(state))
        if items:
            found.extend(self._all(items))
        for key, value in self._all(pairs):
            found[key] = value
        return found


def _set_state(found: Any, state: Any) -> None:
    """Give an object its state, as pickle would; no state replaces a method."""
    if state is None:
        return
    for part in state if isinstance(state, tuple) else (state,):
        if isinstance(part, dict) and any(isinstance(getattr(type(found), str(key), None), _METHODS) for key in part):
            raise _UnknownTypeError(f"{type(found).__name__} with a replaced method")
    if hasattr(found, "__setstate__"):
        found.__setstate__(state)
        return
    plain, slots = state if isinstance(state, tuple) else (state, None)
    if plain:
        vars(found).update(plain)
    for name, value in (slots or {}).items():
        object.__setattr__(found, name, value)


_METHODS = (FunctionType, MethodType)
_COLLECTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "list": list,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
}
