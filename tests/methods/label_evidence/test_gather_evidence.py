from __future__ import annotations

import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.methods.label_evidence.gather_evidence import gather_evidence
from tests.methods.label_evidence.made import average_precision, doubt, made


def test_one_model_speaks_for_itself() -> None:
    data = made()
    evidence = gather_evidence(data.labels, [data.probs])
    assert evidence.probs is data.probs
    assert evidence.used_sources == ()


@pytest.mark.slow
def test_all_that_helps_is_used_and_reported() -> None:
    data = made(n=6000)
    evidence = gather_evidence(data.labels, [data.probs, data.better], features=data.embedding)
    models, view = evidence.used_sources
    assert models.startswith("2 models, weights ")
    assert view.startswith("second view, weight 0.")
    assert "held-out log-likelihood +0." in view
    np.testing.assert_allclose(evidence.probs.sum(axis=1), 1)
    better = average_precision(data.wrong, doubt(data.labels, data.better))
    assert average_precision(data.wrong, doubt(data.labels, evidence.probs)) > better


def test_a_view_that_may_hold_the_labels_is_used_with_a_warning() -> None:
    data = made()
    leaked = np.eye(4)[data.labels] + np.random.default_rng(0).normal(0, 0.05, (len(data.labels), 4))
    view = gather_evidence(data.labels, [data.probs], features=leaked).used_sources[1]
    assert "it predicts 100.0% of the given labels, right or wrong: make sure" in view
    clean_view = gather_evidence(data.labels, [data.probs], features=data.embedding).used_sources[1]
    assert "make sure" not in clean_view


def test_what_does_not_help_leaves_the_probabilities_as_they_are() -> None:
    data = made()
    stages = np.stack([data.probs, 0.5 * data.probs + 0.5 * np.eye(4)[data.labels]])
    evidence = gather_evidence(data.labels, [data.probs], features=data.own, stages=stages)
    assert evidence.probs is data.probs
    assert evidence.used_sources[0].startswith("second view not used: held-out log-likelihood")
    assert evidence.used_sources[1].startswith("training stages not used: the last one agrees with more labels")


def test_stages_are_used_where_the_training_ran_too_long() -> None:
    data = made()
    sure = data.probs**8
    late = sure / sure.sum(axis=1, keepdims=True)
    evidence = gather_evidence(data.labels, [late], stages=np.log(np.stack([data.better, late])))
    assert evidence.used_sources[1].startswith("training stages, weight ")
    assert average_precision(data.wrong, doubt(data.labels, evidence.probs)) > average_precision(
        data.wrong, doubt(data.labels, late)
    )


def test_the_sources_of_a_row_are_named() -> None:
    labels = np.repeat([0, 1], 60)
    labels[0] = 1
    side = np.repeat([[0.9, 0.1], [0.1, 0.9]], 60, axis=0)
    weak = np.full((120, 2), 0.5)
    features = np.random.default_rng(0).normal(size=(120, 2)) + 6 * np.repeat([[1, 0], [0, 1]], 60, axis=0)
    both = gather_evidence(labels, [weak, weak], features=features).why_of(np.array([0]), names=["cat", "dog"])
    assert both == ("Both models say 'cat'; of the 10 nearest rows 10 are labelled 'cat' and 0 'dog'.",)
    alone = gather_evidence(labels, [side]).why_of(np.array([0, 1]))
    assert alone == ("The model says '0'.", "The model does not say '1'.")


def test_few_rows_have_no_second_view() -> None:
    data = made(n=40)
    evidence = gather_evidence(data.labels, [data.probs], features=data.embedding)
    assert evidence.used_sources == ("second view not used: fewer than 100 rows",)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"runs": []}, "runs must contain one array"),
        ({"runs": [np.full((40, 4), 0.25), np.full((40, 5), 0.2)]}, "probs[1] must have one column for each of 4"),
        ({"runs": [np.full((39, 4), 0.25)]}, "labels and probs[0] must have one row"),
        ({"features": np.zeros(40)}, "features must be a numeric (n, d) array"),
        ({"features": np.full((40, 2), np.inf)}, "features must be finite"),
        ({"features": np.zeros((39, 2))}, "labels and features must have one row"),
        ({"stages": np.zeros((40, 4))}, "stages must be numbers of shape (t, 40, 4)"),
    ],
)
def test_what_does_not_fit_is_named(options: dict[str, object], says: str) -> None:
    data = made(n=40)
    with pytest.raises(InputError) as caught:
        gather_evidence(data.labels, **({"runs": [data.probs]} | options))  # type: ignore[arg-type]
    assert says in str(caught.value)
