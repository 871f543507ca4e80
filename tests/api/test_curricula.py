"""The study of a curriculum from Python: any source, a model of one's own, and a result that shows itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from dechaff.curriculum import CurriculumAudit, find_curriculum
from dechaff.errors import InputError
from tests.estimators.clean.noisy_clouds import noisy_clouds

X, TRUE, Y = noisy_clouds(240, rate=0.3)
N_TRAIN, N_FEW = 160, 64
NAMES = np.array(["a", "b", "c"])


def found(n: int = N_TRAIN, **options: Any) -> CurriculumAudit:
    options = {"seeds": 2, "test": (X[N_TRAIN:], NAMES[TRUE[N_TRAIN:]]), "threads": 1} | options
    return find_curriculum((X[:n], NAMES[Y[:n]]), **options)


@pytest.fixture(scope="module")
def usual() -> CurriculumAudit:
    return found()


@pytest.fixture(scope="module")
def cheap() -> CurriculumAudit:
    return found(N_FEW, model=GaussianNB())


def test_the_hardest_rows_are_those_whose_label_is_wrong(usual: CurriculumAudit) -> None:
    rows = [int(one.row) for one in usual.curriculum.hardest]
    assert (Y[rows] != TRUE[rows]).mean() >= 0.9
    assert [one.label for one in usual.curriculum.hardest] == NAMES[Y[rows]].tolist()
    easy = [int(one.row) for one in usual.curriculum.easiest]
    assert (Y[easy] == TRUE[easy]).all()
    assert usual.curriculum.clean_share == pytest.approx(0.7, abs=0.1)


def test_the_table_has_four_trainings_and_three_effects(usual: CurriculumAudit) -> None:
    table = usual.table()
    assert table.shape == (7, 4)
    mean = dict(table.select("what", "mean").iter_rows())
    assert mean["effect of the order"] == pytest.approx(mean["curriculum"] - mean["random order, same pacing"])
    assert "effect of the order" in usual._repr_html_()


def test_hard_rows_are_probably_right(usual: CurriculumAudit) -> None:
    hard = usual.findings
    rows = [int(row) for code, row in zip(hard["code"], hard["row"], strict=True) if code == "H001"]
    flagged = {int(row) for code, row in zip(hard["code"], hard["row"], strict=True) if code == "L001"}
    assert not flagged & set(rows)
    assert {"H001", "H001_flag"} <= set(usual.scores.columns)


def test_a_pacing_is_chosen_without_the_test_rows(cheap: CurriculumAudit) -> None:
    swapped = found(N_FEW, model=GaussianNB(), test=(X[N_TRAIN:], NAMES[(TRUE[N_TRAIN:] + 1) % 3]))
    assert swapped.curriculum.pacings == cheap.curriculum.pacings
    assert swapped.curriculum.compared != cheap.curriculum.compared


@pytest.mark.slow
def test_rows_in_another_order_give_the_same_figures(usual: CurriculumAudit) -> None:
    order = np.random.default_rng(0).permutation(N_TRAIN)
    again = find_curriculum(
        (X[:N_TRAIN][order], NAMES[Y[:N_TRAIN][order]]), seeds=2, test=(X[N_TRAIN:], NAMES[TRUE[N_TRAIN:]]), threads=1
    )
    assert again.table().equals(usual.table())


def test_a_model_of_ones_own_is_trained(cheap: CurriculumAudit) -> None:
    boosted = found(model=GradientBoostingClassifier(n_estimators=5))
    for facts, name, steps in (
        (cheap.curriculum, "GaussianNB", 40),
        (boosted.curriculum, "GradientBoostingClassifier", 5),
    ):
        assert (facts.model, facts.steps) == (name, steps)
        assert facts.compared is not None


def test_texts_are_studied_too() -> None:
    words = np.array(["a good film", "a bad film"])[TRUE[:120] % 2]
    texts = [f"{text} number {row}" for row, text in enumerate(words)]
    facts = find_curriculum({"text": texts, "y": np.where(TRUE[:120] % 2, "n", "p")}, label="y", seeds=2).curriculum
    assert facts.compared is not None
    assert facts.compared.curriculum.mean == 1.0


@pytest.mark.slow
def test_rows_without_a_label_are_left_out() -> None:
    labels = [None if row % 7 == 0 else str(name) for row, name in enumerate(NAMES[Y[:N_TRAIN]])]
    facts = find_curriculum({"x": X[:N_TRAIN, 0], "z": X[:N_TRAIN, 1], "y": labels}, label="y", seeds=2).curriculum
    assert facts.compared is not None
    assert all(int(one.row) % 7 for one in (*facts.hardest, *facts.easiest))


def test_what_cannot_be_studied_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="--seeds"):
        found(seeds=1)
    with pytest.raises(InputError, match="train by steps"):
        found(model=LogisticRegression())
    monkeypatch.setattr("dechaff.api.curricula.reads_out_of_core", lambda source, memory: True)
    with pytest.raises(InputError, match="fit into memory"):
        found()
