"""Which columns a model needs and which features were created, as the report shows it."""

from __future__ import annotations

from dechaff.records.record import Estimate, Record


class JudgedColumn(Record, frozen=True):
    """A column that stays, or the code and reason why it is left out.

    ``importance`` is the growth of the log-loss of held-out rows if it is shuffled together with those that it
    correlates with; ``stability`` the fraction of random halves of the rows on which it is selected.
    """

    column: str = ""
    kept: bool = True
    code: str = ""
    why: str = ""
    importance: Estimate | None = None
    stability: float | None = None
    alike: tuple[str, ...] = ()


class CreatedFeature(Record, frozen=True):
    """A feature that was tried, the columns it is made of, and why it was not accepted.

    ``brier`` and ``accuracy`` are gains on rows that took no part in the search, with corrected intervals; None if it
    was not tested.
    """

    name: str = ""
    made_of: tuple[str, ...] = ()
    accepted: bool = False
    why: str = ""
    brier: Estimate | None = None
    accuracy: Estimate | None = None


class FeatureProof(Record, frozen=True):
    """The same model on the same rows with all columns and with the chosen features, scored on sealed test rows."""

    verdict: str = ""
    metric: str = "accuracy"
    before: Estimate = Estimate()
    after: Estimate = Estimate()
    difference: Estimate = Estimate()
    n_test: int = 0
    seeds: int = 0
    words: str = ""


class FeatureFacts(Record, frozen=True):
    """The columns, the features that were tried for ``model``, and the proof on sealed rows if there are any."""

    words: str = ""
    model: str = ""
    columns: tuple[JudgedColumn, ...] = ()
    candidates: int = 0
    tried: tuple[CreatedFeature, ...] = ()
    proof: FeatureProof | None = None
