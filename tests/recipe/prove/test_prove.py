import json
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from dechaff.core.table import Table
from dechaff.data.open import open_data
from dechaff.errors import InputError, LabelsError
from dechaff.recipe.prove.inputs import prepare, without
from dechaff.recipe.prove.prove import Proof
from tests.recipe.prove.prove_fakes import LeastSquares, Neighbours, blobs, dataset, flipped, prove
from tests.shared_data import shared

KEYS = {
    "sample", "decisions",
    "verdict", "metric", "before", "after", "difference", "control", "mcnemar", "per_class", "test", "changes",
    "seeds", "model", "test_label_errors", "words", "notes",
}  # fmt: skip


def _case(n: int = 500, n_test: int = 300, share: float = 0.2) -> tuple[Any, Any, Any]:
    """Before with flipped labels, after with the true ones, a clean test."""
    columns, truth = blobs(n, seed=1)
    test_columns, test_truth = blobs(n_test, seed=2)
    before = dataset(columns, flipped(truth, share, seed=3))
    return before, dataset(columns, truth), dataset(test_columns, test_truth)


@dataclass(frozen=True)
class Spy:
    """Notes every table that is fitted and every table that is predicted."""

    fitted: list[Table] = field(default_factory=list)
    labels: list[np.ndarray] = field(default_factory=list)
    predicted: list[Table] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)
    name: str = "spy"

    def fit(self, table: Table, features: Any, codes: Any, n_classes: int, *, seed: int, weight: Any = None) -> Any:
        self.fitted.append(table)
        self.labels.append(codes)
        self.seeds.append(seed)
        return _Spied(LeastSquares().fit(table, features, codes, n_classes, seed=seed), self.predicted)


@dataclass(frozen=True)
class _Spied:
    inner: Any
    predicted: list[Table]

    def probs(self, table: Table, features: Any = None) -> np.ndarray:
        self.predicted.append(table)
        return self.inner.probs(table)


def test_twenty_percent_of_flipped_labels_put_right_is_better() -> None:
    before, after, test = _case()
    proof = prove(before, after, test, model=Neighbours())
    assert proof.verdict == "better"
    assert proof.difference.low > 0 < proof.control.difference.low
    assert proof.control.mean < proof.before.mean < proof.after.mean
    assert proof.changes.relabelled == 100
    assert proof.mcnemar.p_value < 0.01
    assert proof.words.startswith("Better: trained on the cleaned data, the model reaches an accuracy of ")


@pytest.mark.parametrize("metric", ["balanced_accuracy", "f1", "log_loss", "auc"])
def test_every_metric_sees_it(metric: str) -> None:
    before, after, test = _case()
    model = Neighbours(m=15)
    proof = prove(before, after, test, model=model, metric=metric, n_seeds=6)
    assert proof.verdict in ("better", "no evidence")
    assert proof.after.mean > proof.before.mean
    assert prove(after, before, test, model=model, metric=metric, n_seeds=6).difference.mean < 0


def test_spoiling_the_labels_is_worse() -> None:
    before, after, test = _case()
    proof = prove(after, before, test, model=Neighbours())
    assert proof.verdict == "worse"
    assert "Keep the data as they were" in proof.words


def test_nothing_changed_is_no_evidence_said_without_training_twice() -> None:
    before, _, test = _case()
    spy = Spy()
    proof = prove(before, before, test, model=spy)
    assert proof.verdict == "no evidence"
    assert proof.difference.mean == proof.difference.low == proof.difference.high == 0
    assert "cleaning changed nothing" in proof.words
    assert len(spy.fitted) == proof.seeds == 3


def test_a_shuffled_file_is_a_file_that_did_not_change() -> None:
    before, _, test = _case()
    shuffled = before.take(np.random.default_rng(0).permutation(len(before)))
    assert "cleaning changed nothing" in prove(before, shuffled, test, model=LeastSquares()).words


def test_the_proof_is_the_same_for_any_order_of_the_rows() -> None:
    before, after, test = _case()
    rng = np.random.default_rng(0)
    shuffled = (one.take(rng.permutation(len(one))) for one in (before, after, test))
    assert prove(before, after, test, model=Neighbours()).words == prove(*shuffled, model=Neighbours()).words


@pytest.mark.slow
def test_rows_dropped_at_random_are_seldom_better() -> None:
    verdicts = []
    for run in range(20):
        columns, truth = blobs(200, seed=run)
        test_columns, test_truth = blobs(200, seed=1000 + run)
        before = dataset(columns, flipped(truth, 0.1, seed=2000 + run))
        rows = np.sort(np.random.default_rng(3000 + run).permutation(200)[:150])
        proof = prove(before, before.take(rows), dataset(test_columns, test_truth), model=LeastSquares(), seed=run)
        verdicts.append(proof.verdict)
    assert verdicts.count("better") <= 1


def test_twenty_test_rows_give_a_wide_interval_and_no_evidence() -> None:
    before, after, test = _case(n_test=20)
    proof = prove(before, after, test, model=Neighbours())
    assert proof.verdict == "no evidence"
    assert 0.15 < proof.difference.high - proof.difference.low < 0.6
    assert 0 <= proof.after.low < proof.after.high <= 1


def test_fit_sees_training_rows_only() -> None:
    before, after, test = _case(n=120)
    spy = Spy()
    prove(before, after, test, model=spy, n_seeds=3)
    sealed = set(test.table["x0"].values.tolist())
    assert len(spy.fitted) == 9
    assert all(sealed.isdisjoint(table["x0"].values.tolist()) for table in spy.fitted)
    # Only the first model also predicts rows of the data before: those that it has not seen.
    own, *tested = sorted((set(table["x0"].values.tolist()) for table in spy.predicted), key=lambda one: one == sealed)
    assert len(tested) == 9
    assert all(rows == sealed for rows in tested)
    assert own <= set(before.table["x0"].values.tolist()) - set(spy.fitted[0]["x0"].values.tolist())


def test_both_sides_draw_the_same_rows_equally_often() -> None:
    before, after, test = _case(n=80)
    kept = np.arange(80) % 4 != 0
    moved = after.take(np.random.default_rng(5).permutation(np.flatnonzero(kept)))
    spy = Spy()
    prove(before, moved, test, model=spy, n_seeds=3)
    survivors = set(moved.table["x0"].values.tolist())
    for old, new in zip(spy.fitted[0::3], spy.fitted[1::3], strict=True):
        drawn = [value for value in old["x0"].values.tolist() if value in survivors]
        assert drawn == new["x0"].values.tolist()
    assert spy.seeds[0] == spy.seeds[1] == spy.seeds[2] != spy.seeds[3]


def test_the_control_trains_on_as_many_rows_and_relabels_as_many() -> None:
    before, after, test = _case(n=200)
    after = after.take(np.arange(150))
    spy = Spy()
    prove(before, after, test, model=spy, n_seeds=4)
    sizes = np.array([len(table) for table in spy.fitted]).reshape(4, 3)
    assert (sizes[:, 0] == 200).all()
    assert abs(sizes[:, 1].mean() - 150) < 15 > abs(sizes[:, 2].mean() - 150)
    given = dict(zip(before.table["x0"].values.tolist(), before.codes.tolist(), strict=True))
    for table, labels in zip(spy.fitted[2::3], spy.labels[2::3], strict=True):
        changed = [given[x] != label for x, label in zip(table["x0"].values.tolist(), labels.tolist(), strict=True)]
        assert 0.1 < np.mean(changed) < 0.35


def test_added_rows_train_after_and_old_ones_stand_in_for_them() -> None:
    before, _, test = _case(n=60)
    columns, truth = blobs(90, seed=8)
    more = {name: np.r_[before.table[name].values, values[:30]] for name, values in columns.items()}
    after = dataset(more, np.r_[before.codes, truth[:30]])
    spy = Spy()
    proof = prove(before, after, test, model=spy, n_seeds=3)
    assert (proof.changes.added, proof.changes.dropped) == (30, 0)
    assert [len(table) for table in spy.fitted] == [60, 90, 90] * 3
    assert set(spy.fitted[2]["x0"].values.tolist()) <= set(before.table["x0"].values.tolist())


def test_rows_without_a_label_train_nothing_and_score_nothing() -> None:
    before, after, test = _case(n=100)
    before = before.with_codes(np.where(np.arange(100) < 20, -1, before.codes))
    test = test.with_codes(np.where(np.arange(300) < 50, -1, test.codes))
    spy = Spy()
    proof = prove(before, after, test, model=spy, n_seeds=2)
    assert all((labels >= 0).all() for labels in spy.labels)
    assert [len(table) for table in spy.fitted[:2]] == [80, 100]
    assert (proof.test.rows, proof.test.used, proof.test.unlabelled) == (300, 250, 50)


def _texts(n: int, *, start: int = 0) -> list[str]:
    return [f"Text number {i}" for i in range(start, start + n)]


def test_test_rows_that_stand_in_either_version_are_listed_and_left_out() -> None:
    x = np.random.default_rng(0).normal(size=12)
    before = dataset({"text": _texts(6), "x": x[:6]}, [0, 1] * 3)
    columns = {"text": ["text  NUMBER 3", *_texts(3, start=100), "Text number 5"], "x": [x[3], 7.0, 8.0, 9.0, 5.0]}
    test = dataset(columns, [0, 1, 0, 1, 1], ids=["a", "b", "c", "d", "e"])
    after = dataset({"text": [*_texts(6), "text number 100"], "x": [*x[:6], 7.0]}, [0, 1] * 3 + [1])
    rows = prepare(before, after, lambda: (test,))
    assert rows.test_rows.leaks == ("a", "b")
    assert (rows.test_rows.leaks_left_out, rows.test_rows.used, rows.test_rows.leaks_from_after) == (2, 3, 1)
    assert next(iter(rows.test.parts())).ids.tolist() == ["c", "d", "e"]
    assert any("they were copied there" in note for note in rows.notes)


def test_a_row_that_was_copied_under_another_number_is_a_leak() -> None:
    texts, numbers = _texts(200), [f"A-{i:04d}" for i in range(200)]
    numbers[9] = numbers[3]  # typed in twice, so that the column names no row for sure
    before = dataset({"code": numbers, "text": texts}, [0, 1] * 100)
    test = dataset({"code": ["B-1", "B-2", "B-3"], "text": [texts[5], *_texts(2, start=500)]}, [0, 1, 0])
    rows = prepare(before, before, lambda: (test,))
    assert (rows.test_rows.leaks, rows.test_rows.used) == (("0",), 2)


def test_rows_that_coincide_by_chance_are_no_leaks() -> None:
    rng = np.random.default_rng(0)
    sides = []
    for n in (300, 100):
        dice = rng.integers(0, 3, (n, 4))
        sides.append(dataset({f"d{j}": dice[:, j].astype(float) for j in range(4)}, rng.integers(0, 2, n)))
    rows = prepare(sides[0], sides[0], lambda: (sides[1],))
    assert rows.test_rows.used == 100
    assert any("coincide by chance" in note for note in rows.notes)


def test_a_test_that_is_the_training_file_is_refused() -> None:
    before, after, _ = _case(n=50)
    with pytest.raises(InputError, match="50 rows, 50 of them also in train"):
        prove(before, after, before, model=LeastSquares())


def test_classes_are_matched_by_name() -> None:
    before, after, test = _case()
    turned = replace(after, codes=1 - after.codes, class_names=("yes", "no"))
    one, other = (prove(before, data, test, model=LeastSquares(), n_seeds=3) for data in (after, turned))
    assert one.to_dict() == other.to_dict()


def test_a_test_class_that_train_does_not_know_counts_as_wrong_and_is_named() -> None:
    before, after, test = _case(n_test=30)
    test = replace(test, class_names=("no", "yes", "perhaps"), codes=np.r_[2, test.codes[1:]])
    proof = prove(before, after, test, model=LeastSquares(), n_seeds=3)
    assert [row.name for row in proof.per_class] == ["no", "yes", "perhaps"]
    assert proof.per_class[2].after == 0
    assert any("perhaps" in note for note in proof.notes)


def test_an_edited_row_is_recognised_by_its_id() -> None:
    before, _, test = _case(n=40)
    ids = np.array([f"r{i}" for i in range(40)], dtype=object)
    before = replace(before, ids=ids, id_name="id")
    columns = {c.name: c.values.copy() for c in before.table.columns}
    columns["x0"][7] += 1
    after = replace(dataset(columns, before.codes), ids=ids, id_name="id")
    rows = prepare(before, after, lambda: (test,))
    assert (rows.changes.edited, rows.changes.dropped, rows.changes.added) == (1, 0, 0)
    assert not rows.same_training


def test_the_order_of_columns_does_not_matter_and_their_names_do() -> None:
    before, after, test = _case(n=50)
    backwards = replace(after, table=Table(after.table.columns[::-1], 50))
    assert prepare(before, backwards, lambda: (test,)).after.table.names == before.table.names
    with pytest.raises(InputError, match="feature columns of after must be those of before"):
        prepare(before, replace(after, table=after.table.without(["x1"])), lambda: (test,))
    with pytest.raises(InputError, match="features of after"):
        prepare(before, replace(after, features=np.zeros((50, 3))), lambda: (test,))


def test_unusable_options_and_labels_are_refused() -> None:
    before, after, test = _case(n=50)
    with pytest.raises(InputError, match="metric must be one of accuracy"):
        prove(before, after, test, model=LeastSquares(), metric="acc")
    with pytest.raises(InputError, match=r"^seeds must be at least 2"):
        prove(before, after, test, model=LeastSquares(), n_seeds=1)
    with pytest.raises(LabelsError, match="labels of after"):
        prove(before, after.with_codes(np.zeros(50)), test, model=LeastSquares())


def test_the_same_seed_gives_the_same_bytes_as_plain_json() -> None:
    before, after, test = _case(n=100)
    one, other, third = (prove(before, after, test, model=Neighbours(), n_seeds=3, seed=s) for s in (1, 1, 2))
    assert json.dumps(one.to_dict(), allow_nan=False) == json.dumps(other.to_dict())
    assert one.to_dict() != third.to_dict()
    assert set(one.to_dict()) == KEYS


def test_arguments_are_not_written_into() -> None:
    before, after, test = _case(n=60)
    copies = [data.codes.copy() for data in (before, after, test)]
    prove(before, after, test, model=LeastSquares(), n_seeds=2)
    assert all((data.codes == copy).all() for data, copy in zip((before, after, test), copies, strict=True))


def test_progress_counts_every_training() -> None:
    seen: list[tuple[str, int, int]] = []
    before, after, test = _case(n=60)
    prove(before, after, test, model=LeastSquares(), n_seeds=2, progress=lambda *step: seen.append(step))
    assert [done for _, done, _ in seen] == [0, 1, 2, 3, 4, 5, 6]
    assert seen[-1] == ("prove", 6, 6)


def test_the_proof_is_the_same_for_any_number_of_threads() -> None:
    before, after, test = _case(n=60)
    one, three = (prove(before, after, test, model=LeastSquares(), n_seeds=2, threads=n) for n in (1, 3))
    assert one.to_dict() == three.to_dict()


def _proof(test_noise: float) -> Proof:
    before, after, test = _case()
    test = test.with_codes(flipped(test.codes, test_noise, seed=9))
    return prove(before, after, test, model=Neighbours(m=15), n_seeds=4)


def test_wrong_test_labels_are_suspected_and_what_they_hide_is_said() -> None:
    clean, noisy = _proof(0.0), _proof(0.1)
    assert noisy.test_label_errors.estimated > clean.test_label_errors.estimated + 10
    assert f"{noisy.test_label_errors.estimated} of the 300 test labels look wrong" in noisy.test_label_errors.note
    assert "heck these labels by hand" in noisy.test_label_errors.note


@pytest.mark.shared_data
@pytest.mark.slow
def test_dropping_the_flipped_reviews_of_the_first_lab_is_better() -> None:
    folder = shared("reviews_lab")
    opened = open_data(folder / "reviews_train.csv", label="label", test=folder / "reviews_test.csv")
    assert opened.test is not None
    before = opened.train.take(np.arange(0, len(opened.train), 4))
    markup = np.array(["<" in text for text in before.table["review"].raw])
    proof = prove(before, before.take(~markup), opened.test, n_seeds=4)
    assert proof.verdict == "better"
    assert proof.after.mean > 0.94
    assert proof.test.leaks_left_out <= 4


def test_a_gain_is_compared_with_what_wrong_test_labels_could_hide() -> None:
    before, after, test = _case()
    better = prove(before, after, test, model=Neighbours())
    assert "The gain of +" in better.test_label_errors.note
    unchanged = prove(before, before.with_codes(flipped(before.codes, 0.02, seed=8)), test, model=Neighbours())
    assert "gain" not in unchanged.test_label_errors.note


def test_train_and_test_labelled_by_different_rules_are_pointed_out() -> None:
    before, after, test = _case(n=500, share=0.05)
    other = test.with_codes(flipped(test.codes, 0.4, seed=9))
    (note,) = [one for one in prove(before, after, other, model=Neighbours(), n_seeds=2).notes if "rules" in one]
    assert "seem to follow different rules" in note
    assert note.count("(95 % interval ") == 2
    assert not any("rules" in one for one in prove(before, after, test, model=Neighbours(), n_seeds=2).notes)


def test_near_copies_of_training_rows_are_left_out_as_well() -> None:
    rng = np.random.default_rng(0)
    words = np.array([f"word{number}" for number in range(400)])
    texts = [" ".join(rng.choice(words, 12)) for _ in range(60)]
    train = dataset({"text": texts[:40]}, [0, 1] * 20)
    changed = [f"{texts[0]} indeed", texts[1].upper() + "!", texts[2].replace(" ", "  ")]
    test = dataset({"text": [*texts[40:], *changed]}, [*[0, 1] * 11, 0])
    found = prepare(train, train, lambda: (test,)).test_rows
    assert (found.used, found.leaks_left_out) == (20, 3)
    assert found.leaks == ("20", "21", "22")
    assert found.near_copies == 2  # the third differs in blanks only


@pytest.mark.parametrize("d", [2, 3, 8, 20])
def test_near_copies_of_the_numbers_of_training_rows_are_left_out(d: int) -> None:
    rng = np.random.default_rng(d)
    rows = rng.normal(size=(300, d))
    train, test = rows[:200], rows[200:]
    test[:3] = train[:3] + 1e-8 * rng.normal(size=(3, d))
    before, sealed = (dataset({f"x{j}": x[:, j] for j in range(d)}, [0, 1] * (len(x) // 2)) for x in (train, test))
    edited = train.copy()
    edited[5] = test[40] * (1 + 1e-9)
    after = dataset({f"x{j}": edited[:, j] for j in range(d)}, [0, 1] * 100)
    found = prepare(before, after, lambda: (sealed,)).test_rows
    assert (found.near_copies, found.leaks_from_after, found.leaks) == (4, 1, ("0", "1", "2", "40"))


def test_near_copies_of_the_embeddings_of_training_rows_are_left_out() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(150, 64)) + 5
    vectors[100:103] = vectors[:3] + 0.05 * rng.normal(size=(3, 64))
    before, sealed = (
        replace(dataset({"name": [f"text {i}" for i in range(n)]}, [0, 1] * (n // 2)), features=rows)
        for n, rows in ((100, vectors[:100]), (50, vectors[100:]))
    )
    before, sealed = (replace(one, table=Table((), len(one))) for one in (before, sealed))
    assert prepare(before, before, lambda: (sealed,)).test_rows.leaks == ("0", "1", "2")


def test_sealed_rows_inside_a_version_are_taken_out_once_each() -> None:
    data = dataset({"x": [1.0, 1.0, 1.0, 2.0, 3.0]}, [0, 0, 1, 1, 0])
    sealed = dataset({"x": [1.0, 2.0]}, [0, 1])
    left = without(data, sealed)
    assert (left.table["x"].values.tolist(), left.codes.tolist()) == ([1.0, 1.0, 3.0], [0, 1, 0])
    named = dataset({"x": [1.0, 1.0]}, [0, 1], ids=["a", "b"])
    assert without(named, dataset({"x": [5.0]}, [1], ids=["b"])).ids.tolist() == ["a"]


def test_rows_made_from_sealed_rows_are_left_out() -> None:
    made = dataset({"x": [1.0, 2.0, 1.1, 2.1]}, [0, 1, 0, 1], ids=["a", "b", "a+1", "b+1"])
    made = replace(made, parents=np.array(["a", "b", "a", "b"], dtype=object))
    assert without(made, dataset({"x": [2.0]}, [1], ids=["b"])).ids.tolist() == ["a", "a+1"]


def test_changed_copies_of_added_rows_are_left_out_of_the_test() -> None:
    rng = np.random.default_rng(0)
    numbers = {name: rng.normal(size=90) for name in "abcd"}
    for values in numbers.values():
        values[80:86] = values[50:56]  # test rows 80 to 85 are added rows 50 to 55 …
    numbers["a"][80:86] = 5.0 + np.arange(6)  # … with another value in one column
    train, test = ({name: values[rows] for name, values in numbers.items()} for rows in (slice(60), slice(60, 90)))
    after, sealed = dataset(train, np.arange(60) % 2), dataset(test, np.arange(30) % 2)
    prepared = prepare(after.take(np.arange(50)), after, lambda: [sealed])
    assert prepared.test_rows.near_copies == 6
