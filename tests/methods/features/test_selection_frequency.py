import numpy as np

from dechaff.methods.features.selection_frequency import selection_frequency


def test_each_pair_of_halves_holds_every_row_once() -> None:
    seen = list[np.ndarray]()

    def select(rows: np.ndarray) -> np.ndarray:
        seen.append(rows)
        return np.array([0 in rows, True])

    frequency = selection_frequency(select, 11, pairs=3)
    assert frequency.tolist() == [0.5, 1.0]
    assert [sorted(np.concatenate(seen[at : at + 2]).tolist()) for at in (0, 2, 4)] == [list(range(11))] * 3
