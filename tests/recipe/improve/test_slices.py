"""Planted slices are found, named in words and treated as they should be; sound data have none that acts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from dechaff.data.dataset import Dataset
from dechaff.data.open import open_data
from dechaff.models.boosting import RandomTrees
from dechaff.models.choose import candidate_models
from dechaff.models.columns import TreeEncoder
from dechaff.models.model import EncodedModel
from dechaff.recipe.baseline.baseline import baseline
from dechaff.recipe.improve.proposals import DROP, KEEP, RELABEL, REVIEW, Decided, decide
from dechaff.recipe.improve.slices import (
    MaskedColumns,
    Slices,
    all_slice_facts,
    is_linear,
    search_slices,
    slice_results,
)
from dechaff.recipe.passes.request import AuditSettings
from dechaff.records.policies import BOLD
from tests.recipe.audits import audited
from tests.recipe.planted import CLASSES, TABLE_PLACES, Planted, spoiled, stamped, table, texts
from tests.shared_data import shared

FLEXIBLE = EncodedModel("trees", TreeEncoder(), RandomTrees(trees=12))


@dataclass(frozen=True)
class Searched:
    """What was found in a data set, and the decisions that come of it."""

    train: Dataset
    slices: Slices
    decided: Decided

    @property
    def words(self) -> list[str]:
        return [one.condition.words for one in self.slices.found]

    @property
    def actions(self) -> set[str]:
        return {one.action for one in self.slices.found}


def searched(data, *, model=None, **reading) -> Searched:
    train = open_data(data, label="label", **reading).train
    base = baseline(train, np.full(len(train), -1), AuditSettings(model=model))
    slices = search_slices(train, base, AuditSettings(), among=train.codes >= 0)
    return Searched(train, slices, decide(slice_results(slices, train, BOLD)[1], len(train)))


def assert_repaired(found: Searched, planted: Planted) -> None:
    """At least 95 % of the wrong rows are repaired or gone; of the good rows outside the slice at most 8 % are."""
    names = np.array(found.train.class_names)[found.decided.codes(found.train.codes)]
    kept = found.decided.kept()
    still_wrong = kept & (names != planted.true) & planted.wrong
    assert still_wrong.sum() <= 0.05 * planted.wrong.sum()
    spoiled_now = ~planted.inside & (~kept | (names != planted.true))
    assert spoiled_now.sum() <= 0.08 * (~planted.inside).sum()


WORDS = {
    "source": "source is 'web'",
    "missing": "income is missing",
    "date": "entered > 2023-05-",
    "category": "colour is 'red'",
    "range": "age > 5",
    "source and category": "source is 'web' and colour is 'red'",
}
WHATEVER_MAY_BE_A_RULE = ("category", "range")


def planted_table(kind: str, fault: str, k: int, n: int = 600) -> Planted:
    columns, true = table(n, k, 20 + k)
    return spoiled(columns, true, TABLE_PLACES[kind](columns), fault, k, 20 + k)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "k"), [*((kind, 2) for kind in WORDS), ("source", 3), ("category", 3)])
def test_random_labels_in_a_part_of_a_table_are_found_and_dropped(kind, k):
    planted = planted_table(kind, "random", k)
    found = searched(planted.columns, model=FLEXIBLE)
    assert found.words[0].startswith(WORDS[kind])
    assert found.slices.found[0].action == "drop"
    assert_repaired(found, planted)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "k"), [*((kind, 2) for kind in WORDS if kind not in WHATEVER_MAY_BE_A_RULE), ("missing", 3), ("date", 3)]
)
def test_swapped_labels_along_what_should_not_matter_are_found_and_put_right(kind, k):
    planted = planted_table(kind, "flipped", k)
    found = searched(planted.columns, model=FLEXIBLE)
    assert found.words[0].startswith(WORDS[kind])
    assert found.slices.found[0].action == "relabel"
    assert_repaired(found, planted)


@pytest.mark.slow
@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("kind", WHATEVER_MAY_BE_A_RULE)
def test_swapped_labels_along_what_may_be_a_rule_are_shown_and_left_alone(kind, k):
    planted = planted_table(kind, "flipped", k)
    found = searched(planted.columns, model=FLEXIBLE)
    assert found.words[0].startswith(WORDS[kind])
    assert found.actions == {"review"}
    assert set(found.decided.action) == {KEEP, REVIEW}


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["flipped", "random"])
def test_two_sources_of_one_pattern_are_two_slices(fault):
    planted = planted_table("source and missing", fault, 2, n=900)
    found = searched(planted.columns, model=FLEXIBLE)
    assert sorted(word.split(" and ")[1] for word in found.words) == ["source is 'web'", "source is 'west'"]
    assert all(word.startswith("income is missing") for word in found.words)
    assert_repaired(found, planted)


@pytest.mark.slow
def test_the_models_that_dechaff_chooses_find_a_source_as_well():
    planted = planted_table("source", "flipped", 2)
    found = searched(planted.columns)
    assert found.words == ["source is 'web'"]
    assert_repaired(found, planted)


@pytest.mark.slow
def test_three_slices_at_once_are_three_findings():
    columns, true = table(1500, 2, 5)
    web, gaps, old = (TABLE_PLACES[kind](columns) for kind in ("source", "missing", "range"))
    drawn = np.random.default_rng(9).integers(0, 2, 1500)
    gaps, old = gaps & ~web, old & ~gaps & ~web
    names = np.array(["ham", "spam"])
    given = np.where(web, 1 - true, np.where(gaps | old, drawn, true))
    planted = Planted({**columns, "label": names[given].tolist()}, names[true], web | gaps | old)
    found = searched(planted.columns, model=FLEXIBLE)
    assert [one.condition.columns for one in found.slices.found][:3] == [("source",), ("income",), ("age",)]
    assert_repaired(found, planted)


TEXT_WORDS = {
    "markup": "review contains markup (<…>)",
    "phrase": "review ends with 'sent from my phone'",
    "short": "review has at most 9 words",
}


def planted_text(kind: str, fault: str, k: int, n: int = 600) -> Planted:
    made, true = texts(n, k, k)
    marked, inside = stamped(made, kind, k)
    return spoiled({"review": marked}, true, inside, fault, k, k)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "fault", "k"),
    [(kind, fault, 2) for kind in TEXT_WORDS for fault in ("flipped", "random")]
    + [("markup", "flipped", 3), ("short", "random", 3)],
)
def test_a_part_of_the_texts_is_found_by_its_mark(kind, fault, k):
    planted = planted_text(kind, fault, k)
    found = searched(planted.columns)
    assert found.words[0] == TEXT_WORDS[kind]
    assert found.slices.found[0].action == ("relabel" if fault == "flipped" else "drop")
    assert_repaired(found, planted)


@pytest.mark.slow
def test_a_word_that_turns_the_label_round_may_be_a_rule():
    found = searched(planted_text("word", "flipped", 2).columns)
    assert "foobar" in found.words[0]
    assert found.actions == {"review"}


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["flipped", "random"])
def test_a_source_beside_the_texts_is_found(fault):
    made, true = texts(500, 2, 7)
    source = np.random.default_rng(70).choice(["a", "b", "c", "d"], 500)
    columns = {"review": made, "source": source.tolist()}
    planted = spoiled(columns, true, source == "c", fault, 2, 7)
    found = searched(planted.columns)
    assert found.words[0] == "source is 'c'"
    assert_repaired(found, planted)


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["flipped", "random"])
def test_a_slice_of_unbalanced_classes_is_found(fault):
    made, true = texts(1200, 3, 11, shares=(0.6, 0.35, 0.05))
    marked, inside = stamped(made, "markup", 3)
    planted = spoiled({"review": marked}, true, inside, fault, 3, 4)
    found = searched(planted.columns)
    assert found.words[0] == TEXT_WORDS["markup"]
    assert_repaired(found, planted)


def test_rows_without_a_label_are_in_no_slice_and_stay_untouched():
    planted = planted_table("source", "flipped", 2)
    gaps = np.arange(600) % 7 == 0
    label = [None if gap else name for gap, name in zip(gaps, planted.columns["label"], strict=True)]
    found = searched({**planted.columns, "label": label}, model=FLEXIBLE)
    assert found.words == ["source is 'web'"]
    assert not gaps[found.slices.found[0].rows].any()
    assert set(found.decided.action[gaps]) == {KEEP}


def test_groups_stay_in_one_fold_and_the_slice_is_found():
    planted = planted_table("source", "random", 2)
    groups = [f"g{row // 3}" for row in range(600)]
    found = searched({**planted.columns, "patient": groups}, model=FLEXIBLE, group="patient")
    assert found.words == ["source is 'web'"]


def test_a_model_that_wants_its_columns_by_name_can_be_masked():
    planted = planted_table("source", "flipped", 2)
    columns = {name: planted.columns[name] for name in ("width", "height", "source", "label")}
    picky = make_pipeline(_picky(), LogisticRegression())
    assert searched(columns, model=picky).words == ["source is 'web'"]


def _picky():
    return make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["source"]), remainder="passthrough")


def _columns(**values) -> dict[str, list]:
    return {name: np.asarray(column).tolist() for name, column in values.items()}


def exclusive_or(rng, n=400):
    x, y = rng.normal(size=(2, n))
    return _columns(x=x, y=y, z=rng.normal(size=n), label=np.where((x > 0) ^ (y > 0), "a", "b"))


def inverted_range(rng, n=400):
    x, y = rng.normal(size=n), rng.uniform(0, 10, n)
    return _columns(x=x, y=y, label=np.where((x > 0) ^ (y > 7), "a", "b"))


def sign_of_a_category(rng, n=400):
    x, y, kind = rng.normal(size=n), rng.normal(size=n), rng.choice(["u", "v", "w"], n)
    return _columns(x=x, y=y, kind=kind, label=np.where((x + 0.3 * y > 0) ^ (kind == "w"), "a", "b"))


def banana(rng, n=400):
    x = 1.2 * rng.normal(size=n)
    y = x**2 + 1.5 * rng.normal(size=n)
    return _columns(x=x, y=y, label=np.where(y + 0.3 * rng.normal(size=n) > x**2, "a", "b"))


def sources_of_other_shares(rng, n=600):
    source = rng.choice(["n", "s", "e", "web"], n)
    label = rng.random(n) < np.where(source == "web", 0.93, 0.4)
    x, y = rng.normal(size=n) + 1.2 * label, rng.normal(size=n) + 0.8 * label
    return _columns(x=x, y=y, source=source, label=np.where(label, "a", "b"))


def a_source_of_its_own_class(rng, n=600):
    true = rng.integers(0, 4, n)
    source = np.where(true == 3, "web", rng.choice(["n", "s"], n))
    x, y = rng.normal(size=n) + 3 * np.cos(true), rng.normal(size=n) + 3 * np.sin(true)
    return _columns(x=x, y=y, source=source, label=np.array(list("abcd"))[true])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("make", [exclusive_or, inverted_range, sign_of_a_category, banana])
def test_real_interactions_change_no_row(make, seed):
    found = searched(make(np.random.default_rng(seed)), model=FLEXIBLE)
    assert found.actions <= {"review"}
    assert set(found.decided.action) <= {KEEP, REVIEW}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("make", [sources_of_other_shares, a_source_of_its_own_class])
def test_a_source_of_other_classes_is_no_noisy_slice(make, seed):
    assert searched(make(np.random.default_rng(seed)), model=FLEXIBLE).words == []


@pytest.mark.slow
@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer, load_digits])
def test_clean_data_have_no_slice(load):
    data = load()
    names = [str(name) for name in getattr(data, "feature_names", range(data.data.shape[1]))]
    columns = {name: data.data[:, place].tolist() for place, name in enumerate(names)}
    assert searched({**columns, "label": data.target.tolist()}, model=FLEXIBLE).words == []


@pytest.mark.parametrize("seed", range(2))
def test_clean_texts_have_no_slice(seed):
    made, true = texts(400, 2 + seed % 2, 40 + seed)
    assert searched({"review": made, "label": np.array(list("abc"))[true].tolist()}).words == []


@pytest.mark.shared_data
@pytest.mark.slow
@pytest.mark.parametrize("name", ["banana", "banknote", "german", "housevotes", "pima", "titanic", "vehicle"])
def test_clean_tables_have_no_slice(name):
    path = shared("tabular") / f"{name}.csv.gz"
    train = open_data(path, label="target").train
    base = baseline(train, np.full(len(train), -1), AuditSettings(model=FLEXIBLE))
    assert not base.trusted or search_slices(train, base, AuditSettings(), among=train.codes >= 0).found == ()


def test_every_row_that_should_change_is_a_finding_and_the_slice_one_more():
    planted = planted_table("source", "flipped", 2)
    found = searched(planted.columns, model=FLEXIBLE)
    detection, _ = slice_results(found.slices, found.train, BOLD)
    first, *rows = detection.findings
    assert first.row is None
    assert first.group == "slice-1"
    assert first.field == "source"
    assert "source is 'web'" in first.why
    assert "swapped" in first.why
    assert {finding.row for finding in rows} == set(np.flatnonzero(found.decided.action == RELABEL).tolist())
    assert all(finding.suggested and finding.suggested != finding.given for finding in rows)
    fact = all_slice_facts(found.slices, found.train)[0]
    assert fact.low <= fact.noise_rate <= fact.high
    assert 0 <= fact.p_value < 0.01


def test_rows_of_a_dropped_slice_all_go():
    planted = planted_table("missing", "random", 2)
    found = searched(planted.columns, model=FLEXIBLE)
    assert set(found.decided.action[found.slices.found[0].rows]) == {DROP}


def test_rows_of_a_slice_with_some_wrong_labels_are_decided_one_by_one():
    made, true = texts(800, 4, 3)
    marked, inside = stamped(made, "short", 3)
    rng = np.random.default_rng(3)
    given = np.where(inside & (rng.random(800) < 0.4), (true + rng.integers(1, 4, 800)) % 4, true)
    found = searched({"review": marked, "label": np.array(CLASSES)[given].tolist()})
    assert found.actions == {"judge"}
    acts, wrong = found.decided.action > REVIEW, given != true
    assert acts[inside & wrong].mean() > 0.8
    assert acts[inside & ~wrong].mean() < 0.2
    assert not acts[~inside].any()
    detection, _ = slice_results(found.slices, found.train, BOLD)
    assert {one.row for one in detection.findings if one.row is not None} == set(np.flatnonzero(acts).tolist())


def masked(**changes):
    seen = audited()
    return MaskedColumns(replace(seen.train, **changes), seen.base, seed=0), seen.base


def test_the_source_is_hidden_and_other_columns_only_where_asked():
    cover, base = masked()
    bound = cover.bound(base.model)
    assert bound is not base.fit_predict
    assert cover.bound(base.model, ("source",)) is bound
    assert cover.bound(base.model, ("x",)) is not bound


def test_what_was_bound_once_is_not_bound_again():
    cover, base = masked()
    assert cover.bound(base.model, ("x", "y")) is cover.bound(base.model, ("y", "x"))


def test_a_model_that_reads_given_features_stays_the_baseline():
    cover, base = masked(features=np.zeros((200, 2)))
    assert cover.bound(base.model, ("source",)) is base.fit_predict


def test_without_a_model_the_baseline_answers():
    cover, base = masked()
    assert cover.bound(None) is base.fit_predict


def test_logistic_regressions_are_linear_and_trees_are_not():
    linear, boosted, *_ = candidate_models(audited().train.table)
    assert is_linear(linear)
    assert not is_linear(boosted)
    assert not is_linear(None)
