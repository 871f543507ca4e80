"""The step of the recipe that chooses columns and creates features for the model that was selected."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dechaff.data.dataset import Dataset, Opened
from dechaff.errors import DataError, LabelsError
from dechaff.estimators.features.creation.study import TriedFeature
from dechaff.estimators.features.featured_model import FeaturedModel
from dechaff.methods.features.grouped_importance import Importance
from dechaff.methods.proof.paired_interval import Interval
from dechaff.models.model import Model
from dechaff.recipe.features.selected_features import SelectedFeatures, selected_features
from dechaff.recipe.prove.model_proof import prove_features
from dechaff.recipe.prove.training import Trainings
from dechaff.records.chosen_features import CreatedFeature, FeatureFacts, FeatureProof, JudgedColumn
from dechaff.records.feature_options import FeatureOptions
from dechaff.records.record import Estimate

_DIGITS = 6


@dataclass(frozen=True)
class ChosenFeatures:
    """The model on the chosen features, None if they are all columns as they are; and the figures of the report."""

    model: Model | None
    facts: FeatureFacts


def choose_features(
    rows: Dataset,
    model: Model,
    tests: Callable[[], Iterable[Dataset]] | None,
    by: Trainings,
    *,
    train: Dataset | None = None,
) -> ChosenFeatures:
    """Chooses on the improved training rows alone, then scores the choice on the sealed rows.

    A column that leaks the label would win on sealed rows, too, so the choice is compared with all columns but those.

    Parameters
    ----------
    rows : the improved training rows, without those that data augmentation made of them
    model : has to get better
    tests : gives the sealed rows in parts; None if there are none
    by : metric, seed, threads and progress
    train : what both models of the proof learn from, by default `rows`
    """
    options = FeatureOptions(seed=by.seed, threads=by.threads, create=True, progress=by.progress)
    try:
        found = selected_features(Opened(rows, None), options, model)
    except (DataError, LabelsError) as error:
        words = f"No features were chosen: {str(error).splitlines()[0]}"
        return ChosenFeatures(None, FeatureFacts(words, model.name))
    names = tuple(one.name for one in found.kept)
    facts = feature_facts(found, model.name)
    if len(names) == len(rows.table.columns) and not found.accepted:
        return ChosenFeatures(None, facts)
    featured = FeaturedModel(model, names, found.accepted)
    leaks = [one.column for one in facts.columns if one.code == "F002"]
    usable = tuple(one.column for one in facts.columns if one.code != "F002")
    if tests is None or (names == usable and not found.accepted):
        return ChosenFeatures(featured, facts)
    before = FeaturedModel(model, usable) if leaks else model
    by = Trainings(before, by.metric, None, by.seed, by.progress, by.threads)
    proof = prove_features(rows if train is None else train, tests, featured, by, leaks=leaks)
    return ChosenFeatures(featured, feature_facts(found, model.name, proof))


def feature_facts(found: SelectedFeatures, model: str, proof: FeatureProof | None = None) -> FeatureFacts:
    """What the report shows of a selection."""
    created = found.created
    return FeatureFacts(
        found.words,
        model,
        tuple(_judged(found, one.name) for one in found.rows.table.columns),
        0 if created is None else created.n_candidates,
        () if created is None else tuple(map(_tried, created.tried)),
        proof,
    )


def _judged(found: SelectedFeatures, name: str) -> JudgedColumn:
    left, of = found.found.left_out.get(name), found.importances.get(name)
    code, why = ("", "") if left is None else (left.code, left.why)
    if of is None:
        return JudgedColumn(name, left is None, code, why)
    importance = _rounded(of.importance)
    return JudgedColumn(name, left is None, code, why, importance, round(of.stability, _DIGITS), of.alike)


def _tried(one: TriedFeature) -> CreatedFeature:
    gain = one.gain
    gains = (None, None) if gain is None else (_rounded(gain.brier), _rounded(gain.accuracy))
    return CreatedFeature(one.creation.name, one.creation.columns, one.accepted, one.refused, *gains)


def _rounded(one: Interval | Importance) -> Estimate:
    return Estimate(*(round(value, _DIGITS) for value in (one.mean, one.low, one.high)))
