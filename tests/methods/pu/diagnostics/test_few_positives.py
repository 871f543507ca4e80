import numpy as np
import pytest

from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.diagnostics.few_positives import few_positives


@pytest.mark.parametrize(("labelled", "wrong"), [(59, True), (60, False), (1, True)])
def test_sixty_labelled_rows_are_enough(labelled: int, wrong: bool) -> None:
    found = few_positives(BinnedScores(np.array([0.5]), np.array([labelled], float), np.array([200.0])))
    assert found.wrong == wrong
    assert found.figure == labelled
    assert str(labelled) in found.says
    assert bool(found.do) == wrong
